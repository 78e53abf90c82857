/** Symbols by address, and the sizes of those that have none of their own. */
import { MOST_SYMBOLS, SymbolFlag, type SymbolColumns } from '../elf/symbols';

const TWO_32 = 0x1_0000_0000;

/** Bytes from the address of symbol `a` to that of `b`, which is not before it; rounded beyond 2^53. */
export function distance({ low, high }: SymbolColumns, a: number, b: number): number {
  return (high[b]! - high[a]!) * TWO_32 + (low[b]! - low[a]!);
}

/**
 * Indexes of the symbols by unsigned address; those of one address keep their order. Addresses with the same upper half (all
 * of a kernel's) are sorted as numbers that also hold the index, which the platform does many times faster than with a
 * comparison of ours.
 */
export function orderByAddress({ count, low, high }: SymbolColumns): Uint32Array {
  const byHigh = new Map<number, number[]>();
  for (let index = 0; index < count; index++) {
    const here = byHigh.get(high[index]!);
    if (here === undefined) byHigh.set(high[index]!, [index]);
    else here.push(index);
  }
  const order = new Uint32Array(count);
  let at = 0;
  for (const upper of [...byHigh.keys()].sort((a, b) => a - b)) {
    const indexes = byHigh.get(upper)!;
    const keys = Float64Array.from(indexes, (index, place) => low[index]! * MOST_SYMBOLS + place).sort();
    for (const key of keys) order[at++] = indexes[key % MOST_SYMBOLS]!;
  }
  return order;
}

/** Sizes with those of unsized symbols: the distance to the next address that is not just a `.L` label, inside the section. */
export function sizesOf(columns: SymbolColumns, order: Uint32Array): Float64Array {
  const { room, flags } = columns;
  const sizes = columns.size.slice(0, columns.count);
  /** The symbols with the smallest bound above the address at hand, and with the smallest at or above it; -1 for none. */
  let [next, current] = [-1, -1];
  for (let i = order.length - 1; i >= 0; i--) {
    const index = order[i]!;
    const following = order[i + 1];
    if (following === undefined || distance(columns, index, following) > 0) next = current;
    if (room[index]! < 0) continue;
    if ((flags[index]! & SymbolFlag.local) === 0) current = index;
    if ((flags[index]! & SymbolFlag.sized) !== 0) continue;
    const toNext = next < 0 ? Infinity : distance(columns, index, next);
    sizes[index] = Math.min(toNext, room[index]!);
  }
  return sizes;
}
