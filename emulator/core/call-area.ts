import type { CallChain, ChainOrigin, Transfer, TrapRecord } from '../api';
import { CallArea as Layout } from '../wasm/layout';
import type { GuestMemory } from './guest-memory';
import type { Registers } from './registers';

/** No return address is odd. */
const MARK = 1n;
const WORDS = Layout.entrySize / 8;
const ENTRIES = Layout.size / Layout.entrySize;
const SP = 2;

/** A chain of calls: entries as they lie in a call area, and what its marks stand for: the origin, then traps, outermost first. */
export interface SavedChain {
  readonly words: BigUint64Array;
  readonly origin: ChainOrigin;
  readonly traps: readonly TrapRecord[];
}

/**
 * The chain of calls of one hart, in the WebAssembly memory where generated code adds and takes back calls. Entries have indices; the
 * one of index 0 stands for the origin. What is not a call is a mark, which only this class writes.
 */
export class CallArea {
  readonly #start: number;
  readonly #words: BigUint64Array;
  readonly #registers: Registers;
  #origin: ChainOrigin = { kind: 'lost' };
  #traps: TrapRecord[] = [];

  constructor(hart: number, memory: GuestMemory, registers: Registers) {
    this.#start = memory.callArea(hart);
    this.#words = new BigUint64Array(memory.wasm.buffer, this.#start, Layout.size / 8);
    this.#registers = registers;
  }

  /** False while there is no chain: in user mode. */
  get isRecording(): boolean {
    return this.#registers.callTop !== 0;
  }

  /** Index of the innermost entry. */
  get top(): number {
    return (this.#registers.callTop - this.#start) / Layout.entrySize;
  }

  /** The hart's sp. */
  get sp(): bigint {
    return this.#registers.getX(SP);
  }

  spAt(index: number): bigint {
    return this.#words[index * WORDS + 1]!;
  }

  /** `undefined` for a mark. */
  returnAddressAt(index: number): bigint | undefined {
    const word = this.#words[index * WORDS]!;
    return word & MARK ? undefined : word;
  }

  /** The innermost entry, but for the origin, of which that is true. */
  findLast(is: (index: number) => boolean): number | undefined {
    for (let index = this.top; index > 0; index--) {
      if (is(index)) return index;
    }
    return undefined;
  }

  get origin(): ChainOrigin {
    return this.#origin;
  }

  /** The traps of the chain by index, innermost first. */
  *traps(): Iterable<{ readonly index: number; readonly trap: TrapRecord }> {
    let left = this.#traps.length;
    for (let index = this.top; left > 0; index--) {
      if (this.returnAddressAt(index) === undefined) yield { index, trap: this.#traps[--left]! };
    }
  }

  /** Another chain begins. */
  begin(origin: ChainOrigin): void {
    this.#origin = origin;
    this.#traps = [];
    this.#setTop(0);
    this.#write(0, MARK);
  }

  end(): void {
    this.#registers.callTop = 0;
  }

  pushTrap(trap: TrapRecord): void {
    this.#traps.push(trap);
    this.#setTop(this.top + 1);
    this.#write(this.top, MARK);
    if (this.top === ENTRIES - 1) this.dropOutermost();
  }

  /** Takes back the entries from this index on. */
  leave(index: number): void {
    this.#traps.length -= this.#marksIn(index, this.top + 1);
    this.#setTop(index - 1);
  }

  /** Makes room: forgets the outermost half of the entries. */
  dropOutermost(): void {
    const first = ENTRIES / 2;
    this.#traps.splice(0, this.#marksIn(1, first));
    this.#origin = { kind: 'lost' };
    this.#words.copyWithin(WORDS, first * WORDS, (this.top + 1) * WORDS);
    this.#setTop(this.top - first + 1);
  }

  save(): SavedChain {
    return {
      words: this.#words.slice(0, (this.top + 1) * WORDS),
      origin: this.#origin,
      traps: [...this.#traps],
    };
  }

  restore({ words, origin, traps }: SavedChain): void {
    this.#words.set(words);
    this.#origin = origin;
    this.#traps = [...traps];
    this.#setTop(words.length / WORDS - 1);
  }

  #write(index: number, word: bigint): void {
    this.#words[index * WORDS] = word;
    this.#words[index * WORDS + 1] = this.sp;
  }

  #setTop(index: number): void {
    this.#registers.callTop = this.#start + index * Layout.entrySize;
  }

  #marksIn(from: number, to: number): number {
    let count = 0;
    for (let index = from; index < to; index++) {
      if (this.returnAddressAt(index) === undefined) count++;
    }
    return count;
  }
}

/** The chain for those who ask. */
export function describeChain({ words, origin, traps }: SavedChain): CallChain {
  const transfers: Transfer[] = [];
  let marks = traps.length;
  for (let at = words.length - WORDS; at > 0; at -= WORDS) {
    const [returnAddress, sp] = [words[at]!, words[at + 1]!];
    transfers.push(
      returnAddress & MARK
        ? { kind: 'trap', trap: traps[--marks]!, sp }
        : { kind: 'call', returnAddress, sp },
    );
  }
  return { transfers, origin };
}

/** The innermost entry of a chain. */
export function innermostOf({ words }: SavedChain): {
  readonly sp: bigint;
  /** `undefined` for a mark. */
  readonly returnAddress: bigint | undefined;
} {
  const word = words.at(-WORDS)!;
  return { sp: words.at(1 - WORDS)!, returnAddress: word & MARK ? undefined : word };
}
