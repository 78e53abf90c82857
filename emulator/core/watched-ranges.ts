import type { MemoryWatchpoint } from '../api';
import { PAGE_SIZE } from './guest-memory';

/** The part of a watched range that lies in one page. */
export interface WatchedPiece {
  readonly watchpoint: MemoryWatchpoint;
  /** Offsets in the page: `[first, end)`. */
  readonly first: number;
  readonly end: number;
  /** Offset of `first` in the watched range. */
  readonly at: number;
}

type Pieces = ReadonlyMap<number, readonly WatchedPiece[]>;

const none: Pieces = new Map();
const noPieces: readonly WatchedPiece[] = [];

/** The watched ranges of memory, by the pages that they lie in. */
export class WatchedRanges {
  /** By number of the page, as `pageNumber` has it. */
  #virtual: Pieces = none;
  #physical: Pieces = none;

  replace(watchpoints: readonly MemoryWatchpoint[]): void {
    this.#virtual = byPage(watchpoints.filter(({ space }) => space === 'virtual'));
    this.#physical = byPage(watchpoints.filter(({ space }) => space === 'physical'));
  }

  get any(): boolean {
    return this.#virtual.size > 0 || this.#physical.size > 0;
  }

  get anyPhysical(): boolean {
    return this.#physical.size > 0;
  }

  /** Those in a virtual page. */
  inPage(page: number): readonly WatchedPiece[] {
    return this.#virtual.get(page) ?? noPieces;
  }

  /** Those in the page of a physical address. */
  inPhysicalPage(address: number): readonly WatchedPiece[] {
    return this.#physical.get(Math.floor(address / PAGE_SIZE)) ?? noPieces;
  }
}

function byPage(watchpoints: readonly MemoryWatchpoint[]): Pieces {
  const pages = new Map<number, WatchedPiece[]>();
  for (const watchpoint of watchpoints) {
    let page = Number(BigInt.asIntN(64, watchpoint.address) >> 12n);
    let first = Number(watchpoint.address & 0xfffn);
    for (let at = 0; at < watchpoint.length; page++, first = 0) {
      const end = Math.min(PAGE_SIZE, first + watchpoint.length - at);
      const pieces = pages.get(page) ?? [];
      pages.set(page, pieces);
      pieces.push({ watchpoint, first, end, at });
      at += end - first;
    }
  }
  return pages;
}

/** Whether reads concern this watchpoint. */
export const watchesReads = ({ access }: MemoryWatchpoint): boolean =>
  access === 'read' || access === 'read-write';
/** Whether writes do, those that change something. */
export const watchesWrites = ({ access }: MemoryWatchpoint): boolean => access !== 'read';
