/** The tokens of an expression with the place that a parser has come to. */
import { ExpressionError, tokenise, type Token } from './tokens';

export class TokenStream {
  readonly #tokens: readonly Token[];
  #next = 0;

  /** @throws ExpressionError */
  constructor(text: string) {
    this.#tokens = tokenise(text);
  }

  get current(): Token {
    return this.#at(0);
  }

  /** Text of a token further on; the last one goes on for ever. */
  text(ahead: number): string {
    return this.#at(ahead).text;
  }

  kind(ahead: number): Token['kind'] {
    return this.#at(ahead).kind;
  }

  advance(): void {
    this.#next++;
  }

  /** The token if it is one of these operators, which is then passed. */
  accept(...operators: readonly string[]): Token | undefined {
    const token = this.current;
    if (token.kind !== 'operator' || !operators.includes(token.text)) return undefined;
    this.#next++;
    return token;
  }

  /** @throws ExpressionError unless the token is what closes `after`. */
  expect(operator: string, after: Token): void {
    if (this.accept(operator) !== undefined) return;
    throw new ExpressionError(
      this.current.at,
      `"${operator}" is missing: "${after.text}" was opened and not closed.`,
    );
  }

  #at(ahead: number): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }
}
