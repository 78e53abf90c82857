/** Texts in the machine: arrays of characters, and what pointers to characters point to. */
import { INT } from './basic-types';
import { rvalue, type Bound } from './bound';
import type { Machine } from './names';
import { readBytes } from './place';
import { ExpressionError } from './tokens';
import { isCharacter, plain } from './types';

/** Memory is readable by pages: reads that stay within such a piece cannot fail because of what lies behind a text. */
const PIECE = 64;

/** The bytes up to the first zero, at most `limit`; as many as can be read. `ended`: there was a zero. */
export function textAt(
  memory: Machine['frame']['memory'],
  address: bigint,
  limit: number,
): { readonly bytes: Uint8Array; readonly ended: boolean } | undefined {
  const found: number[] = [];
  while (found.length < limit) {
    const at = BigInt.asUintN(64, address + BigInt(found.length));
    const length = Math.min(PIECE - Number(at % BigInt(PIECE)), limit - found.length);
    const bytes = memory(at, length);
    if (!bytes) return found.length === 0 ? undefined : { bytes: Uint8Array.from(found), ended: false };
    const end = bytes.indexOf(0);
    found.push(...(end < 0 ? bytes : bytes.subarray(0, end)));
    if (end >= 0) return { bytes: Uint8Array.from(found), ended: true };
  }
  return { bytes: Uint8Array.from(found), ended: false };
}

/** `==` or `!=` with a text on one side; `undefined` if there is none. */
export function comparedTexts(operator: string, left: Bound, right: Bound, at: number): Bound | undefined {
  if (left.text === undefined && right.text === undefined) return undefined;
  if (operator !== '==' && operator !== '!=')
    throw new ExpressionError(at, 'Texts can only be compared with == and !=.');
  const equal =
    right.text === undefined
      ? equality(right, left.text!)
      : left.text === undefined
        ? equality(left, right.text)
        : sameTexts(left.text, right.text);
  const wanted = operator === '==';
  return rvalue(at, INT, (machine) => (equal(machine) === wanted ? 1n : 0n));
}

function sameTexts(
  a: (machine: Machine) => string,
  b: (machine: Machine) => string,
): (machine: Machine) => boolean {
  return (machine) => a(machine) === b(machine);
}

const encoder = new TextEncoder();

/** Whether characters in the machine are a text. */
function equality(characters: Bound, text: (machine: Machine) => string): (machine: Machine) => boolean {
  const type = plain(characters.type);
  const { at } = characters;
  let last = '';
  let bytes = encoder.encode(last);
  const encoded = (machine: Machine) => {
    const current = text(machine);
    if (current !== last) bytes = encoder.encode((last = current));
    return bytes;
  };
  const { place } = characters;
  if (type.kind === 'array' && type.count !== undefined && isCharacter(type.element) && place) {
    return (machine) => {
      const wanted = encoded(machine);
      if (wanted.length > type.size) return false;
      const length = Math.min(type.size, wanted.length + 1);
      const found = readBytes(place(machine), length, machine, at);
      return (
        wanted.every((byte, n) => found[n] === byte) && (length === wanted.length || found[length - 1] === 0)
      );
    };
  }
  const element = type.kind === 'array' ? type.element : type.kind === 'pointer' ? type.target : undefined;
  if (element && isCharacter(element)) {
    return (machine) => {
      const wanted = encoded(machine);
      const found = textAt(machine.frame.memory, BigInt(characters.scalar(machine)), wanted.length + 1);
      return (
        found !== undefined &&
        found.ended &&
        found.bytes.length === wanted.length &&
        wanted.every((byte, n) => found.bytes[n] === byte)
      );
    };
  }
  throw new ExpressionError(
    at,
    'Only characters, an array of them or a pointer to them, can be compared with a text.',
  );
}
