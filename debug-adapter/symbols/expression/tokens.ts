/** Splits an expression into tokens. */

export type Token = { readonly at: number; readonly text: string } & (
  | { readonly kind: 'number'; readonly value: bigint; readonly unsigned: boolean }
  | { readonly kind: 'name' }
  | { readonly kind: 'operator' }
  | { readonly kind: 'end' }
);

/** Something that cannot be evaluated; `at` is the position of the character that is to blame. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const PATTERN = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<number>0[xX][0-9a-fA-F][0-9a-fA-F_]*|0[bB][01][01_]*|0[oO]?[0-7][0-7_]*|\d[\d_]*)(?<suffix>[uUlL]*)(?![\w.])`,
    String.raw`'(?<char>\\.|\\x[0-9a-fA-F]{1,2}|[^'\\])'`,
    String.raw`(?<name>[A-Za-z_.$][\w.$]*)`,
    String.raw`(?<operator><<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>()[\]?:])`,
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

function charValue(text: string, at: number): bigint {
  if (!text.startsWith('\\')) return BigInt(text.codePointAt(0)!);
  if (text.startsWith('\\x')) return BigInt(`0${text.slice(1)}`);
  const code = ESCAPES[text[1]!];
  if (code === undefined) throw new ExpressionError(at, `"${text}" is not an escape sequence.`);
  return BigInt(code);
}

/** @throws ExpressionError */
export function tokenise(text: string): Token[] {
  if (text.length > MAX_LENGTH) throw new ExpressionError(MAX_LENGTH, 'The expression is too long.');
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    if (match === null) throw new ExpressionError(at, describeUnknown(text, at));
    const { number, suffix, char, name, operator } = match.groups!;
    const token = { at, text: match[0] };
    if (number !== undefined) {
      const value = numberValue(number);
      if (value >> 64n) throw new ExpressionError(at, `${number} has more than 64 bits.`);
      const unsigned = /u/i.test(suffix!) || value >> 63n !== 0n;
      tokens.push({ ...token, kind: 'number', value, unsigned });
    } else if (char !== undefined) {
      tokens.push({ ...token, kind: 'number', value: charValue(char, at), unsigned: false });
    } else if (name !== undefined) {
      tokens.push({ ...token, kind: 'name' });
    } else if (operator !== undefined) {
      tokens.push({ ...token, kind: 'operator' });
    }
    at = PATTERN.lastIndex;
  }
  tokens.push({ at: text.length, text: '', kind: 'end' });
  return tokens;
}

function describeUnknown(text: string, at: number): string {
  const word = /^[\w.]+/.exec(text.slice(at))?.[0];
  if (word !== undefined) return `"${word}" is not a number: write 42, 0x2a, 0b101010 or 'a'.`;
  if (text[at] === "'") return "A character is written as 'a'.";
  if (text[at] === '=')
    return 'Expressions do not assign: use == to compare, or set the value in the Variables view.';
  return `"${text[at]}" has no meaning here.`;
}
