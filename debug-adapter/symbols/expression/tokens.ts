/** Splits an expression into tokens. */

export type Token = { readonly at: number; readonly text: string } & (
  | { readonly kind: 'number'; readonly value: bigint; readonly unsigned: boolean }
  | { readonly kind: 'float'; readonly value: number }
  /** Without its quotes, escapes replaced. */
  | { readonly kind: 'string'; readonly value: string }
  /** With the members that follow without a space, `init_task.tasks.next`: a symbol may have dots itself. */
  | { readonly kind: 'name' }
  | { readonly kind: 'operator' }
  | { readonly kind: 'end' }
);

/** Something that cannot be evaluated; `at` is the position of the character that is to blame. */
export class ExpressionError extends Error {
  override readonly name: string = 'ExpressionError';
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const PATTERN = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<float>(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)[fFlL]?(?![\w.])`,
    String.raw`(?<number>0[xX][0-9a-fA-F][0-9a-fA-F_]*|0[bB][01][01_]*|0[oO]?[0-7][0-7_]*|\d[\d_]*)(?<suffix>[uUlL]*)(?![\w.])`,
    String.raw`'(?<char>\\x[0-9a-fA-F]{1,2}|\\.|[^'\\])'`,
    String.raw`"(?<string>(?:\\.|[^"\\])*)"`,
    String.raw`(?<name>\.?[A-Za-z_$][\w$]*(?:\.[\w$]+)*)`,
    String.raw`(?<operator>->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>()[\]?:.,=])`,
  ].join('|'),
  'y',
);
const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, '0': 0, '\\': 92, "'": 39, '"': 34 };
const MAX_LENGTH = 4096;

function numberValue(text: string): bigint {
  const digits = text.replaceAll('_', '');
  // C's octal has no letter.
  return BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
}

function charCode(text: string, at: number): number {
  if (!text.startsWith('\\')) return text.codePointAt(0)!;
  if (text.startsWith('\\x') && text.length > 2) return Number(`0${text.slice(1)}`);
  const code = ESCAPES[text[1]!];
  if (code === undefined) throw new ExpressionError(at, `"${text}" is not an escape sequence.`);
  return code;
}

function unescape(text: string, at: number): string {
  return text.replace(/\\x[0-9a-fA-F]{1,2}|\\./g, (escape) => String.fromCharCode(charCode(escape, at)));
}

/** Behind it a dot selects a member, and begins no name. */
function endsOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return token.kind === 'operator' ? token.text === ')' || token.text === ']' : true;
}

/** @throws ExpressionError */
export function tokenise(text: string): Token[] {
  if (text.length > MAX_LENGTH) throw new ExpressionError(MAX_LENGTH, 'The expression is too long.');
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    if (text[at] === '.' && endsOperand(tokens.at(-1))) {
      tokens.push({ at, text: '.', kind: 'operator' });
      at++;
      continue;
    }
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    if (match === null) throw new ExpressionError(at, describeUnknown(text, at));
    const token = tokenOf(match, at);
    if (token) tokens.push(token);
    at = PATTERN.lastIndex;
  }
  tokens.push({ at: text.length, text: '', kind: 'end' });
  return tokens;
}

/** `undefined` for space. */
function tokenOf(match: RegExpExecArray, at: number): Token | undefined {
  const { float, number, suffix, char, string, name, operator } = match.groups!;
  const token = { at, text: match[0] };
  if (number !== undefined) {
    const value = numberValue(number);
    if (value >> 64n) throw new ExpressionError(at, `${number} has more than 64 bits.`);
    return { ...token, kind: 'number', value, unsigned: /u/i.test(suffix!) || value >> 63n !== 0n };
  }
  if (float !== undefined) return { ...token, kind: 'float', value: Number(float) };
  if (char !== undefined)
    return { ...token, kind: 'number', value: BigInt(charCode(char, at)), unsigned: false };
  if (string !== undefined) return { ...token, kind: 'string', value: unescape(string, at) };
  if (name !== undefined) return { ...token, kind: 'name' };
  return operator === undefined ? undefined : { ...token, kind: 'operator' };
}

function describeUnknown(text: string, at: number): string {
  const word = /^[\w.]+/.exec(text.slice(at))?.[0];
  if (word !== undefined) return `"${word}" is not a number: write 42, 0x2a, 0b101010 or 'a'.`;
  if (text[at] === "'") return "A character is written as 'a'.";
  if (text[at] === '"') return 'A text ends with a second ".';
  return `"${text[at]}" has no meaning here.`;
}
