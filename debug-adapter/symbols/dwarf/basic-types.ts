/** C's basic types by their words, in any order, with the sizes of RV64 (RISC-V psABI, LP64 data model). */
import type { CType } from '../c-types';

const WORDS: ReadonlySet<string> = new Set([
  ...['char', 'short', 'int', 'long', 'signed', 'unsigned', 'float', 'double', 'void', '_Bool', '__int128'],
  ...['_Complex', '__signed__', '__signed'],
]);

/** Sorted words, those that do not matter left out → name as gcc writes it, size, sign. */
const INTEGERS: ReadonlyMap<string, readonly [name: string, size: number, signed: boolean]> = new Map([
  ['short', ['short int', 2, true]],
  ['short unsigned', ['short unsigned int', 2, false]],
  ['', ['int', 4, true]],
  ['unsigned', ['unsigned int', 4, false]],
  ['long', ['long int', 8, true]],
  ['long unsigned', ['long unsigned int', 8, false]],
  ['long long', ['long long int', 8, true]],
  ['long long unsigned', ['long long unsigned int', 8, false]],
  ['__int128', ['__int128', 16, true]],
  ['__int128 unsigned', ['__int128 unsigned', 16, false]],
]);

const FLOATS: ReadonlyMap<string, number> = new Map([
  ['float', 4],
  ['double', 8],
  ['double long', 16],
]);

const known = new Map<string, CType>();

/** Whether a name is one of words that no other type can have. */
export function isBasicName(words: readonly string[]): boolean {
  return words.length > 0 && words.every((word) => WORDS.has(word));
}

/**
 * The type that such words name; `undefined` for a combination that C does not have.
 * @param plainCharIsSigned what the compiler was told (`-fsigned-char`); the psABI's plain char is unsigned
 */
export function basicType(words: readonly string[], plainCharIsSigned: () => boolean): CType | undefined {
  const text = words
    .map((word) => (word.startsWith('__signed') ? 'signed' : word))
    .sort()
    .join(' ');
  const name = text === 'char' && plainCharIsSigned() ? 'char signed by default' : text;
  let type = known.get(name);
  if (type === undefined) {
    type = make(name);
    if (type !== undefined) known.set(name, type);
  }
  return type;
}

function make(words: string): CType | undefined {
  switch (words) {
    case 'void':
      return { kind: 'void' };
    case '_Bool':
      return { kind: 'integer', name: '_Bool', size: 1, signed: false, as: 'boolean' };
    case 'char':
      return { kind: 'integer', name: 'char', size: 1, signed: false, as: 'character' };
    case 'char signed by default':
      return { kind: 'integer', name: 'char', size: 1, signed: true, as: 'character' };
    case 'char signed':
      return { kind: 'integer', name: 'signed char', size: 1, signed: true, as: 'character' };
    case 'char unsigned':
      return { kind: 'integer', name: 'unsigned char', size: 1, signed: false, as: 'character' };
  }
  const float = FLOATS.get(words);
  if (float !== undefined)
    return { kind: 'float', name: words === 'double long' ? 'long double' : words, size: float };
  const list = words.split(' ');
  const count = (word: string) => list.filter((one) => one === word).length;
  // `int` and `signed` say nothing more, but only once and not together with their opposite.
  if (count('int') > 1 || count('signed') + count('unsigned') > 1) return undefined;
  if (count('int') > 0 && count('__int128') > 0) return undefined;
  const [name, size, signed] =
    INTEGERS.get(list.filter((word) => word !== 'int' && word !== 'signed').join(' ')) ?? [];
  if (name === undefined) return undefined;
  return { kind: 'integer', name, size: size!, signed: signed!, as: 'number' };
}
