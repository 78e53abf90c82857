/**
 * Which bytes a walk may still read (R3, R4).
 *
 * Every stack starts out whole. Consuming an object makes its stack the current one and raises that stack's low end to
 * the object's end; the stack that was current before is never entered again. Objects are at least 16 bytes, so a walk
 * can consume at most `sum(size / 16)` of them: that is why it ends whatever the memory holds.
 */
import { hex } from './hex';
import type { StackBounds } from './types';

const addressSpaceEnd = 1n << 64n;

interface Entry {
  readonly bounds: StackBounds;
  /** Raised as objects are consumed. */
  low: bigint;
  /** True once the walk has gone on to another stack. */
  left: boolean;
}

/** An object that may be read. */
interface Accessible {
  readonly stack: StackBounds;
  /** R4: takes the object, once it is decided what it is. */
  consume(): void;
}

/** Why an object may not be read. */
interface Refusal {
  readonly rule: 'R3' | 'R4';
  readonly reason: string;
}

export class AccessibleStacks {
  readonly #entries: readonly Entry[];
  #current: Entry | undefined;

  constructor(stacks: readonly StackBounds[]) {
    this.#entries = stacks.map((bounds) => ({ bounds, low: bounds.low, left: false }));
  }

  /** R3: the object `[address, address + size)`, in the current stack or else in the first of the others that holds it. */
  locate(address: bigint, size: number): Accessible | Refusal {
    const end = address + BigInt(size);
    const holds = (entry: Entry) => !entry.left && address >= entry.low && end <= entry.bounds.high;
    const entry = this.#current && holds(this.#current) ? this.#current : this.#entries.find(holds);
    if (!entry || end > addressSpaceEnd) return this.#explain(address, size);
    return { stack: entry.bounds, consume: () => this.#consume(entry, end) };
  }

  #consume(entry: Entry, end: bigint): void {
    if (this.#current && this.#current !== entry) this.#current.left = true;
    this.#current = entry;
    entry.low = end;
  }

  #explain(address: bigint, size: number): Refusal {
    const end = address + BigInt(size);
    const object = `${size} bytes at ${hex(address)}`;
    if (address < 0n || end > addressSpaceEnd)
      return { rule: 'R3', reason: `${size} bytes would wrap around the end of the address space` };
    for (const { bounds, low, left } of this.#entries) {
      if (end <= bounds.low || address >= bounds.high) continue;
      const where = `${bounds.name}, ${hex(bounds.low)} to ${hex(bounds.high)}`;
      if (address < bounds.low || end > bounds.high)
        return { rule: 'R3', reason: `${object} lie only partly in the ${where}` };
      if (left) return { rule: 'R4', reason: `${object} lie in the ${where}, which the walk has left` };
      return {
        rule: 'R4',
        reason: `${object} lie below ${hex(low)}, to where the walk has consumed the ${where}`,
      };
    }
    return { rule: 'R3', reason: `${object} lie in no known stack` };
  }
}
