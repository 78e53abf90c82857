import type { GuestMemory } from '../../core/guest-memory';

/** A piece of guest RAM; the virtqueue has checked that all of it is. */
export interface Span {
  /** Physical. */
  readonly address: number;
  /** Bytes. */
  readonly length: number;
}

/**
 * A request of the driver: the bytes it gives and the room it has for an answer. Devices must not care how these are cut into
 * descriptors (virtio 1.2 §2.7.4), so they are read and written as two strings of bytes.
 */
export class Chain {
  /** Index of its first descriptor, by which the driver knows it again. */
  readonly head: number;
  /** Bytes to read. */
  readonly readable: number;
  /** Bytes to write. */
  readonly writable: number;
  readonly #memory: GuestMemory;
  readonly #from: readonly Span[];
  readonly #to: readonly Span[];

  constructor(memory: GuestMemory, head: number, from: readonly Span[], to: readonly Span[]) {
    this.head = head;
    this.readable = total(from);
    this.writable = total(to);
    this.#memory = memory;
    this.#from = from;
    this.#to = to;
  }

  /** A copy of `length` bytes of the request; fewer where it ends. */
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.readable - offset)));
    for (const { address, start, end } of pieces(this.#from, offset, bytes.length)) {
      const at = this.#memory.hostAddress(address);
      bytes.set(this.#memory.bytes.subarray(at, at + end - start), start);
    }
    return bytes;
  }

  /** Writes into the room for the answer; what does not fit is dropped. */
  write(offset: number, bytes: Uint8Array): void {
    for (const { address, start, end } of pieces(this.#to, offset, bytes.length)) {
      this.#memory.write(address, bytes.subarray(start, end));
    }
  }
}

const total = (spans: readonly Span[]): number => spans.reduce((sum, { length }) => sum + length, 0);

/** Where the bytes `[offset, offset + length)` of the spans lie: `start` and `end` count from `offset`. */
function* pieces(spans: readonly Span[], offset: number, length: number) {
  let begin = -offset;
  for (const span of spans) {
    const start = Math.max(begin, 0);
    const end = Math.min(begin + span.length, length);
    if (start < end) yield { address: span.address + start - begin, start, end };
    begin += span.length;
  }
}
