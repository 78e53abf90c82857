import type { CsrHit, MemoryHit, WatchHit } from '../api';
import type { GuestMemory } from './guest-memory';
import type { WatchedPiece } from './watched-ranges';
import { watchesReads, watchesWrites } from './watched-ranges';

/** An access within one page, or a part of one. */
export interface Access extends Pick<
  MemoryHit,
  'by' | 'access' | 'hart' | 'pc' | 'address' | 'physical' | 'size'
> {
  /** What is read from a device or written to it; of RAM it is found there. */
  readonly deviceValue?: bigint;
}

/** A hit whose new bytes are those of RAM once the instruction is done. */
interface Pending {
  readonly hit: MemoryHit;
  readonly isChange: boolean;
  /** Physical address of the bytes; `undefined` if they are no RAM. */
  readonly from: number | undefined;
}

/** One instruction can have a device write to memory any number of times. */
const MOST_HITS = 64;

/** What the instruction at hand has accessed of what is watched. */
export class WatchHits {
  readonly #memory: GuestMemory;
  #pending: Pending[] = [];
  #csrs: CsrHit[] = [];

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  /** Looks at the watched pieces of a page before an access to it happens. */
  add(pieces: readonly WatchedPiece[], access: Access): void {
    const offset = access.physical & 0xfff;
    const end = offset + access.size;
    for (const piece of pieces) {
      if (piece.first < end && offset < piece.end && concerns(piece, access)) this.#add(piece, access);
    }
  }

  #add({ watchpoint, first, end, at }: WatchedPiece, access: Access): void {
    if (this.#pending.length >= MOST_HITS) return;
    const { physical, size, deviceValue, ...about } = access;
    const offset = physical & 0xfff;
    const from = Math.max(first, offset);
    const length = Math.min(end, offset + size) - from;
    const value = deviceValue === undefined ? undefined : littleEndian(deviceValue, from - offset, length);
    const isRead = access.access === 'read';
    const start = physical - offset + from;
    const old = value ? (isRead ? value : undefined) : this.#memory.read(start, length);
    const bytes = value ?? old!;
    this.#pending.push({
      hit: {
        kind: 'memory',
        id: watchpoint.id,
        ...about,
        physical,
        size,
        offset: at + from - first,
        old,
        new: bytes,
      },
      isChange: watchpoint.access === 'change',
      from: value || isRead ? undefined : start,
    });
  }

  addCsr(hit: CsrHit): void {
    this.#csrs.push(hit);
  }

  /** Forgets writes of the instruction so far that were to change something, and did not. */
  dropUnchanged(): void {
    if (this.#pending.length === 0) return;
    this.#pending = this.#pending.filter((pending) => !pending.isChange || this.#hasChanged(pending));
  }

  #hasChanged({ hit, from }: Pending): boolean {
    if (from === undefined || !hit.old) return true;
    const bytes = this.#memory.read(from, hit.old.length)!;
    return bytes.some((byte, index) => byte !== hit.old![index]);
  }

  get any(): boolean {
    return this.#pending.length > 0 || this.#csrs.length > 0;
  }

  /** The hits, once the instruction is done. */
  take(): WatchHit[] {
    this.dropUnchanged();
    const memory = this.#pending.map(({ hit, from }) =>
      from === undefined ? hit : { ...hit, new: this.#memory.read(from, hit.new.length)! },
    );
    const hits = [...memory, ...this.#csrs];
    this.clear();
    return hits;
  }

  clear(): void {
    this.#pending = [];
    this.#csrs = [];
  }
}

function concerns({ watchpoint }: WatchedPiece, { access }: Access): boolean {
  return (access !== 'write' && watchesReads(watchpoint)) || (access !== 'read' && watchesWrites(watchpoint));
}

function littleEndian(value: bigint, from: number, length: number): Uint8Array {
  return new Uint8Array(BigUint64Array.of(value).buffer).slice(from, from + length);
}
