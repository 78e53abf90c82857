/** Memory of one stop, a page at a time: the records of a stack lie near each other, and each read has addresses translated. */
import type { ReadMemory } from './types';

const PAGE = 4096;
const pageMask = BigInt(PAGE - 1);

/** Keeps the pages that are read. For as long only as nothing writes memory: for one walk. */
export function cachedMemory(read: ReadMemory): ReadMemory {
  const pages = new Map<bigint, Uint8Array | undefined>();
  return (address, length) => {
    const offset = Number(address & pageMask);
    if (offset + length > PAGE || address < 0n) return read(address, length);
    const start = address - BigInt(offset);
    let page = pages.get(start);
    if (page === undefined && !pages.has(start)) pages.set(start, (page = read(start, PAGE)));
    // Where a page cannot be read as a whole, a part of it may be: memory need not end with a page.
    return page ? page.subarray(offset, offset + length) : read(address, length);
  };
}
