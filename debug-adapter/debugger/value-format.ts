/** One value as somebody wants it written: gdb's letters (gdb manual, "Output Formats"), and `b` for binary as other debuggers have it. */
import type { TargetHart } from '../target/target';
import type { Debuggee } from './api';
import { formatLocation, locate } from './location';

/** A text is cut off there. */
const longestText = 256;

type Write = (bits: bigint, hart: TargetHart, debuggee: Debuggee) => string;

const binary: Write = (bits) => `0b${bits.toString(2)}`;

const formats: Readonly<Record<string, Write>> = {
  x: (bits) => `0x${bits.toString(16)}`,
  d: (bits) => BigInt.asIntN(64, bits).toString(),
  u: (bits) => bits.toString(),
  o: (bits) => `0${bits.toString(8)}`,
  b: binary,
  t: binary,
  c: (bits) => JSON.stringify(String.fromCharCode(Number(bits & 0xffn))),
  s: textAt,
  a: (bits, hart, debuggee) => formatLocation(locate(debuggee, bits, { bare: hart.bare })),
};

export const formatLetters = Object.keys(formats).join(', ');

/** How to write the 64 bits of a value, by letter; `undefined` if there is no such format. */
export function valueFormat(letter: string): Write | undefined {
  return Object.hasOwn(formats, letter) ? formats[letter] : undefined;
}

function textAt(address: bigint, hart: TargetHart): string {
  const bytes = hart.readMemory(address, longestText);
  if (bytes.length === 0) return `<memory at 0x${address.toString(16)} cannot be read>`;
  const end = bytes.indexOf(0);
  const text = JSON.stringify(new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)));
  return end < 0 ? `${text}…` : text;
}
