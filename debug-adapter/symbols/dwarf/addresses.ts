/** Addresses as the line tables have them: signed 64-bit values in doubles (see `line-rows.ts`). */

export const toSigned = (address: bigint) => Number(BigInt.asIntN(64, address));
export const toAddress = (signed: number) => BigInt.asUintN(64, BigInt(signed));

/** Index of the last of `count` ascending starts that is at or before `at`; -1 if none is. */
export function lastAtOrBefore(count: number, startOf: (index: number) => number, at: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (startOf(middle) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
