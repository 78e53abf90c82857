import type { BlockStore } from '../../api';

const BLOCK = 4096;

/** What a guest may write before a disk that is not kept is full: more would be the host's memory. */
const MOST_OVERLAY_BYTES = 2 ** 30;

/** Writes to a disk, kept in memory: copy-on-write by blocks. The store beneath is only read. */
export class Overlay implements BlockStore {
  readonly size: number;
  private readonly base: BlockStore;
  private readonly mostBlocks: number;
  private readonly blocks = new Map<number, Uint8Array>();

  constructor(base: BlockStore, mostBytes = MOST_OVERLAY_BYTES) {
    // Whole sectors can be written, so they must be readable too.
    this.size = Math.ceil(base.size / 512) * 512;
    this.base = base;
    this.mostBlocks = Math.floor(mostBytes / BLOCK);
  }

  read(offset: number, target: Uint8Array): boolean {
    for (const { block, inside, start, end } of pieces(offset, target.length)) {
      const part = target.subarray(start, end);
      const written = this.blocks.get(block);
      if (written) part.set(written.subarray(inside, inside + part.length));
      else if (!this.readBase(offset + start, part)) return false;
    }
    return true;
  }

  /** False once the overlay is full; what was written before stays. */
  write(offset: number, data: Uint8Array): boolean {
    for (const { block, inside, start, end } of pieces(offset, data.length)) {
      const copy = this.blocks.get(block) ?? this.copy(block);
      if (copy === undefined) return false;
      copy.set(data.subarray(start, end), inside);
      this.blocks.set(block, copy);
    }
    return true;
  }

  private copy(block: number): Uint8Array | undefined {
    if (this.blocks.size >= this.mostBlocks) return undefined;
    const copy = new Uint8Array(BLOCK);
    return this.readBase(block * BLOCK, copy) ? copy : undefined;
  }

  /** Beyond the end of the base there are zeros. */
  private readBase(offset: number, target: Uint8Array): boolean {
    const there = Math.max(0, Math.min(target.length, this.base.size - offset));
    target.fill(0, there);
    return there === 0 || this.base.read(offset, target.subarray(0, there));
  }
}

/** The blocks of `[offset, offset + length)`; `start` and `end` count from `offset`, `inside` from the block's beginning. */
function* pieces(offset: number, length: number) {
  for (let start = 0; start < length;) {
    const block = Math.floor((offset + start) / BLOCK);
    const inside = (offset + start) % BLOCK;
    const end = Math.min(length, start + BLOCK - inside);
    yield { block, inside, start, end };
    start = end;
  }
}
