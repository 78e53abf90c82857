/** A log point's message: text with expressions in braces, `a0 is {a0}`. `{{` and `}}` stand for one brace. */
export class LogMessage {
  readonly #parts: readonly (string | { readonly expression: string })[];

  private constructor(parts: readonly (string | { readonly expression: string })[]) {
    this.#parts = parts;
  }

  static parse(text: string): LogMessage {
    const parts: (string | { readonly expression: string })[] = [];
    let end = 0;
    for (const match of text.matchAll(/\{\{|\}\}|\{([^{}]+)\}/g)) {
      parts.push(text.slice(end, match.index));
      parts.push(match[1] === undefined ? match[0].charAt(0) : { expression: match[1].trim() });
      end = match.index + match[0].length;
    }
    parts.push(text.slice(end));
    return new LogMessage(parts);
  }

  /** The text with each expression replaced by what `evaluate` says of it: its value, or why there is none. */
  format(evaluate: (expression: string) => string): string {
    return this.#parts.map((part) => (typeof part === 'string' ? part : evaluate(part.expression))).join('');
  }
}
