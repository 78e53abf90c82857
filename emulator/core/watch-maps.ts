import { Tlb, WatchMap } from '../wasm/layout';
import { PAGE_SIZE } from './guest-memory';
import type { WatchedPiece, WatchedRanges } from './watched-ranges';
import { watchesReads } from './watched-ranges';

/** Where all bits are set: for pages that are watched as a whole, and for more pages than there are maps. */
const EVERYTHING = WatchMap.start;

/**
 * Maps of the watched bytes of pages, in the memory of generated code. Entries of the TLBs refer to them, so that code that was translated while
 * something is watched can tell whether an access comes near it. Pages that are mapped to the same piece of memory share a map only
 * if the same is watched in both.
 */
export class WatchMaps {
  readonly #bytes: Uint8Array;
  readonly #ranges: WatchedRanges;
  /** Addresses of maps by what they are for. */
  readonly #known = new Map<string, number>();

  /** @param bytes the WebAssembly memory */
  constructor(bytes: Uint8Array, ranges: WatchedRanges) {
    this.#bytes = bytes;
    this.#ranges = ranges;
  }

  /** Other ranges are watched from now on. Entries of TLBs must ask again. */
  forget(): void {
    this.#known.clear();
    this.#bytes.fill(0xff, EVERYTHING, EVERYTHING + WatchMap.size + 3);
  }

  /**
   * Address of the map for a virtual page (as `pageNumber` has it) that is mapped to that physical one; 0 if nothing of it is watched for such
   * accesses. What can be stored to is loaded from by the same entry at times, and atomics do both, so it must know what is watched for reads too.
   */
  find(buffer: typeof Tlb.load | typeof Tlb.store, page: number, physical: number): number {
    const virtual = this.#ranges.inPage(page);
    const other = this.#ranges.inPhysicalPage(physical);
    if (virtual.length === 0 && other.length === 0) return 0;
    const pieces = [...virtual, ...other].filter(
      ({ watchpoint }) => buffer === Tlb.store || watchesReads(watchpoint),
    );
    if (pieces.length === 0) return 0;
    const key = `${buffer} ${virtual.length > 0 ? page : ''} ${other.length > 0 ? physical : ''}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const map = this.#make(pieces);
    this.#known.set(key, map);
    return map;
  }

  #make(pieces: readonly WatchedPiece[]): number {
    const index = this.#known.size + 1;
    const isWhole = pieces.some(({ first, end }) => end - first === PAGE_SIZE);
    if (isWhole || index >= WatchMap.count) return EVERYTHING;
    const start = WatchMap.start + index * WatchMap.size;
    this.#bytes.fill(0, start, start + WatchMap.size);
    for (const { first, end } of pieces) {
      for (let granule = Math.floor(first / WatchMap.granule); granule * WatchMap.granule < end; granule++) {
        this.#bytes[start + (granule >>> 3)]! |= 1 << (granule & 7);
      }
    }
    return start;
  }
}
