/** The kernel image as the file has it, by link-time address: for tables that nobody changes once they are linked. */
import type { Program } from '../symbols/api';

/** Bytes up to the end of the segment's data; `undefined` for an address that the file has no bytes for. */
export function imageBytes({ segments }: Program, address: bigint): DataView | undefined {
  for (const { virtualAddress, data } of segments) {
    const offset = Number(address - virtualAddress);
    if (address < virtualAddress || offset >= data.length) continue;
    return new DataView(data.buffer, data.byteOffset + offset, data.length - offset);
  }
  return undefined;
}

/** A table between two symbols. */
export interface ImageTable {
  readonly address: bigint;
  readonly view: DataView;
}

/** `undefined` if the program has no such symbols, or no bytes for all of it. */
export function imageTable(program: Program, start: string, stop: string): ImageTable | undefined {
  const address = program.symbols.named(start)[0]?.address;
  const end = program.symbols.named(stop)[0]?.address;
  if (address === undefined || end === undefined || end <= address) return undefined;
  const bytes = imageBytes(program, address);
  const length = Number(end - address);
  return bytes && bytes.byteLength >= length
    ? { address, view: new DataView(bytes.buffer, bytes.byteOffset, length) }
    : undefined;
}

/** Longest text that is read. */
const longestText = 256;

/** The text at an address up to its NUL; `undefined` if it is none: not printable, or too long. */
export function imageText(program: Program, address: bigint): string | undefined {
  const view = imageBytes(program, address);
  if (!view) return undefined;
  let text = '';
  for (let index = 0; index < Math.min(longestText, view.byteLength); index++) {
    const byte = view.getUint8(index);
    if (byte === 0) return text === '' ? undefined : text;
    if (byte < 0x20 || byte > 0x7e) return undefined;
    text += String.fromCharCode(byte);
  }
  return undefined;
}
