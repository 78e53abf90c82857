/** The types that need no debug information, as C has them on RV64 (LP64; RISC-V psABI, "C/C++ type representations"). */
import type { CType } from '../c-types';

export type IntegerType = Extract<CType, { kind: 'integer' }>;

function basic(name: string, size: number, signed: boolean, as: IntegerType['as'] = 'number'): IntegerType {
  return { kind: 'integer', name, size, signed, as };
}

/** `char` is unsigned on RISC-V. */
export const CHAR = basic('char', 1, false, 'character');
const BOOL = basic('bool', 1, false, 'boolean');
export const INT = basic('int', 4, true);
export const UNSIGNED = basic('unsigned int', 4, false);
export const LONG = basic('long', 8, true);
/** Also what registers hold. */
export const UNSIGNED_LONG = basic('unsigned long', 8, false);
const INT128 = basic('__int128', 16, true);
const UNSIGNED_INT128 = basic('unsigned __int128', 16, false);
export const VOID: CType = { kind: 'void' };
export const FLOAT: CType = { kind: 'float', name: 'float', size: 4 };
export const DOUBLE: CType = { kind: 'float', name: 'double', size: 8 };

const SIZED = [
  basic('signed char', 1, true),
  basic('unsigned char', 1, false),
  basic('short', 2, true),
  basic('unsigned short', 2, false),
  INT,
  UNSIGNED,
  LONG,
  UNSIGNED_LONG,
  INT128,
  UNSIGNED_INT128,
];

/** The basic integer type of that size in bytes: 1, 2, 4, 8 or 16. */
export function integerOf(size: number, signed: boolean): IntegerType {
  return (
    SIZED.find((type) => type.size === size && type.signed === signed) ?? (signed ? LONG : UNSIGNED_LONG)
  );
}

const NAMED = new Map<string, CType>();
for (const size of [1, 2, 4, 8] as const) {
  const width = size * 8;
  for (const name of [`u${width}`, `__u${width}`, `uint${width}_t`])
    NAMED.set(name, basic(name, size, false));
  for (const name of [`s${width}`, `__s${width}`, `int${width}_t`]) NAMED.set(name, basic(name, size, true));
}
for (const name of ['size_t', 'uintptr_t', 'ulong']) NAMED.set(name, basic(name, 8, false));
for (const name of ['ssize_t', 'intptr_t', 'ptrdiff_t']) NAMED.set(name, basic(name, 8, true));
NAMED.set('uint', basic('uint', 4, false));
NAMED.set('bool', BOOL);
NAMED.set('_Bool', BOOL);
NAMED.set('void', VOID);
NAMED.set('float', FLOAT);
NAMED.set('double', DOUBLE);

const C_WORDS = new Set(['unsigned', 'signed', 'char', 'short', 'int', 'long', '__int128']);

export function isTypeWord(word: string): boolean {
  return NAMED.has(word) || C_WORDS.has(word);
}

/** The type that words such as `unsigned long` name; `undefined` if they are none. */
export function typeOfWords(text: string): CType | undefined {
  const named = NAMED.get(text);
  if (named) return named;
  const words = text.split(' ');
  if (!words.every((word) => C_WORDS.has(word))) return undefined;
  const has = (word: string) => words.includes(word);
  if (has('unsigned') && has('signed')) return undefined;
  const signed = !has('unsigned');
  if (has('char')) return !has('unsigned') && !has('signed') ? CHAR : integerOf(1, signed);
  if (has('__int128')) return integerOf(16, signed);
  return integerOf(has('short') ? 2 : has('long') ? 8 : 4, signed);
}

const OWN = new Set<CType>([...NAMED.values(), ...SIZED, CHAR]);

/** Of `sizeof`: a number that is no address, though it has the type of one. */
export const SIZE = basic('unsigned long', 8, false);

/** True for a type that an expression made, not the program: of a register, of a number, of a cast to `u32`. */
export function isBasic(type: CType): boolean {
  return OWN.has(type);
}
