/** 64-bit integers as C sees them on RV64 (LP64): what the expressions of hovers and the console compute with. */

export interface IntegerType {
  /** Bytes. */
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
}

export const U64: IntegerType = { size: 8, signed: false };
export const S64: IntegerType = { size: 8, signed: true };

/** A value with its type; `bits` is always unsigned and 64 bits wide, sign-extended if the type is signed. */
export interface Integer {
  readonly bits: bigint;
  readonly type: IntegerType;
  /** Of a pointer: what it points to. */
  readonly pointee: IntegerType | undefined;
}

export const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);

/** `value` converted to a type, as an assignment in C would. */
export function integer(value: bigint, type: IntegerType, pointee?: IntegerType): Integer {
  const width = type.size * 8;
  const narrowed = type.signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
  return { bits: wrap(narrowed), type, pointee };
}

/** The number that a value stands for. */
export function numberOf({ bits, type }: Integer): bigint {
  return type.signed ? BigInt.asIntN(64, bits) : bits;
}

/** The type that both operands are converted to (C17 6.3.1.8): unsigned only if one is an unsigned 64-bit value. */
export function commonType(a: Integer, b: Integer): IntegerType {
  const isU64 = ({ type }: Integer) => type.size === 8 && !type.signed;
  return isU64(a) || isU64(b) ? U64 : S64;
}

const NAMED = new Map<string, IntegerType>();
for (const size of [1, 2, 4, 8] as const) {
  const width = size * 8;
  for (const name of [`u${width}`, `__u${width}`, `uint${width}_t`]) NAMED.set(name, { size, signed: false });
  for (const name of [`s${width}`, `__s${width}`, `int${width}_t`]) NAMED.set(name, { size, signed: true });
}
for (const name of ['size_t', 'uintptr_t', 'ulong']) NAMED.set(name, U64);
for (const name of ['ssize_t', 'intptr_t', 'ptrdiff_t']) NAMED.set(name, S64);
NAMED.set('uint', { size: 4, signed: false });
NAMED.set('bool', { size: 1, signed: false });
/** `char` is unsigned on RISC-V (psABI, "C/C++ type representations"). */
const C_WORDS = new Set(['unsigned', 'signed', 'char', 'short', 'int', 'long', 'void']);

export function isTypeWord(word: string): boolean {
  return NAMED.has(word) || C_WORDS.has(word);
}

/** The type that words such as `unsigned long` name; `undefined` if they are none. `void` is a byte. */
export function typeOfWords(words: readonly string[]): IntegerType | undefined {
  if (words.length === 1 && NAMED.has(words[0]!)) return NAMED.get(words[0]!);
  if (words.length === 0 || !words.every((word) => C_WORDS.has(word))) return undefined;
  const has = (word: string) => words.includes(word);
  if (has('void')) return words.length === 1 ? { size: 1, signed: false } : undefined;
  if (has('unsigned') && has('signed')) return undefined;
  if (has('char')) return { size: 1, signed: has('signed') };
  const size = has('short') ? 2 : has('long') ? 8 : 4;
  return { size, signed: !has('unsigned') };
}
