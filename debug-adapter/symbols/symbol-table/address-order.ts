/** Symbols by address, and the sizes of those that have none of their own. */
import { SymbolFlag, type SymbolColumns } from '../elf/symbols';

const DIGIT_BITS = 16;
const TWO_32 = 0x1_0000_0000;

/** Bytes from the address of symbol `a` to that of `b`, which is not before it; rounded beyond 2^53. */
export function distance({ low, high }: SymbolColumns, a: number, b: number): number {
  return (high[b]! - high[a]!) * TWO_32 + (low[b]! - low[a]!);
}

/** Indexes of the symbols by unsigned address; those of one address keep their order (radix sort, lowest digit first). */
export function orderByAddress({ count, low, high }: SymbolColumns): Uint32Array {
  let order = Uint32Array.from({ length: count }, (_, index) => index);
  let spare = new Uint32Array(count);
  const starts = new Uint32Array(1 << DIGIT_BITS);
  for (const [column, shift] of [
    [low, 0],
    [low, DIGIT_BITS],
    [high, 0],
    [high, DIGIT_BITS],
  ] as const) {
    starts.fill(0);
    const digit = (index: number) => (column[index]! >>> shift) & 0xffff;
    for (let i = 0; i < count; i++) starts[digit(i)]!++;
    // All of one digit, as the upper half of a kernel's addresses: nothing to do.
    if (count === 0 || starts[digit(0)] === count) continue;
    for (let value = 0, sum = 0; value < starts.length; value++) {
      const here = starts[value]!;
      starts[value] = sum;
      sum += here;
    }
    for (const index of order) spare[starts[digit(index)]!++] = index;
    [order, spare] = [spare, order];
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
