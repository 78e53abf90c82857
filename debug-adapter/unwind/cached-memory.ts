/** Memory of one stop by its pages: the records of a stack lie near each other, and to find a page takes a walk of page tables. */
import type { ReadMemory } from './types';

const PAGE = 4096;
const pageMask = BigInt(PAGE - 1);

/**
 * Keeps the pages that are looked at. For as long only as nothing writes memory: for one walk. What it gives are parts of those pages.
 * @param page the 4096 bytes from an address on, all of them or nothing
 * @param read what crosses pages, and parts of pages that are not there as a whole
 */
export function cachedMemory(page: (start: bigint) => Uint8Array | undefined, read: ReadMemory): ReadMemory {
  const pages = new Map<bigint, Uint8Array | undefined>();
  let lastStart = -1n;
  let last: Uint8Array | undefined;
  return (address, length) => {
    const offset = Number(address & pageMask);
    if (offset + length > PAGE || address < 0n) return read(address, length);
    const start = address - BigInt(offset);
    if (start !== lastStart) {
      last = pages.get(start);
      if (last === undefined && !pages.has(start)) pages.set(start, (last = page(start)));
      lastStart = start;
    }
    return last ? last.subarray(offset, offset + length) : read(address, length);
  };
}
