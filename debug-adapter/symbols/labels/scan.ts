/**
 * Reads assembly text (GNU as syntax, before the C preprocessor) for labels and what follows them. It knows comments,
 * strings, macro bodies and conditional groups, and nothing of what instructions mean.
 */

/** A piece of assembly text, in the order of the file. `group` numbers the innermost `#if` branch it is in, 0 for none. */
export type SourceItem = { readonly line: number; readonly group: number } & (
  | { readonly kind: 'label'; readonly name: string }
  /** An instruction, a directive or the use of a macro. */
  | { readonly kind: 'statement'; readonly mnemonic: string; readonly operands: string }
  | { readonly kind: 'if' | 'else' | 'endif' }
);

export interface AssemblyText {
  /** All outside macro bodies. */
  readonly items: readonly SourceItem[];
  /** What macro bodies contain, by the macro's name. */
  readonly macros: ReadonlyMap<string, readonly SourceItem[]>;
}

const LABEL = /^\s*((?:[A-Za-z_.$\\][\w.$\\@]*)|\d+)\s*:(?!:)/;
const STATEMENT = /^\s*([\w.$\\@]+)\s*(.*)$/s;

/** `text` with comments blanked out and strings emptied, so that its lines and statements can be cut apart. */
function blankComments(text: string): string {
  const pattern = /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'\\?.'?|#[^\n]*/g;
  return text.replace(pattern, (match: string, at: number) => {
    if (match.startsWith('/*')) return match.replace(/[^\n]/g, ' ');
    if (match.startsWith('"')) return '""';
    if (match.startsWith("'")) return '0';
    if (match.startsWith('//')) return '';
    // `#` begins a directive of the preprocessor at the start of a line, and a comment elsewhere.
    const lineStart = text.lastIndexOf('\n', at - 1) + 1;
    return text.slice(lineStart, at).trim() === '' ? match : '';
  });
}

/** Lines with their continuation lines joined, and the number of the first one. */
function* logicalLines(text: string): Generator<{ line: number; text: string }> {
  let [start, joined] = [1, ''];
  let line = 0;
  for (const piece of text.split('\n')) {
    line++;
    if (joined === '') start = line;
    const whole = piece.replace(/\r$/, '');
    if (whole.endsWith('\\')) {
      joined += `${whole.slice(0, -1)} `;
      continue;
    }
    yield { line: start, text: joined + whole };
    joined = '';
  }
  if (joined !== '') yield { line: start, text: joined };
}

class Scanner {
  readonly items: SourceItem[] = [];
  readonly macros = new Map<string, SourceItem[]>();
  /** Where items go: the file's or a macro's. */
  #target = this.items;
  #macroDepth = 0;
  readonly #groups: number[] = [];
  #groupCount = 0;

  get #group(): number {
    return this.#groups.at(-1) ?? 0;
  }

  preprocessor(line: number, directive: string): void {
    const place = () => ({ line, group: this.#group });
    if (directive.startsWith('if')) {
      this.#target.push({ kind: 'if', ...place() });
      this.#groups.push(++this.#groupCount);
    } else if (directive.startsWith('el')) {
      this.#groups.pop();
      this.#target.push({ kind: 'else', ...place() });
      this.#groups.push(++this.#groupCount);
    } else if (directive === 'endif') {
      this.#groups.pop();
      this.#target.push({ kind: 'endif', ...place() });
    }
  }

  statements(line: number, text: string): void {
    for (const piece of text.split(';')) {
      let rest = piece;
      for (let label = LABEL.exec(rest); label; label = LABEL.exec(rest)) {
        this.#add({ kind: 'label', name: label[1]!, line, group: this.#group });
        rest = rest.slice(label[0].length);
      }
      const statement = STATEMENT.exec(rest);
      if (statement !== null) this.#statement(line, statement[1]!, statement[2]!.trim());
    }
  }

  #statement(line: number, mnemonic: string, operands: string): void {
    if (mnemonic === '.macro') {
      const name = /^[\w.$]+/.exec(operands)?.[0];
      // The body of a macro that another one defines belongs to the outer one's text.
      if (this.#macroDepth++ > 0 || name === undefined) return;
      this.macros.set(name, (this.#target = []));
    } else if (mnemonic === '.endm') {
      if (this.#macroDepth > 0 && --this.#macroDepth === 0) this.#target = this.items;
    } else {
      this.#add({ kind: 'statement', mnemonic, operands, line, group: this.#group });
    }
  }

  #add(item: SourceItem): void {
    if (this.#macroDepth <= 1) this.#target.push(item);
  }
}

/** Scans the text of one assembly file. */
export function scanAssembly(text: string): AssemblyText {
  const scanner = new Scanner();
  for (const { line, text: content } of logicalLines(blankComments(text))) {
    const directive = /^\s*#\s*(\w+)/.exec(content);
    if (directive !== null) scanner.preprocessor(line, directive[1]!);
    else if (!/^\s*#/.test(content)) scanner.statements(line, content);
  }
  return scanner;
}
