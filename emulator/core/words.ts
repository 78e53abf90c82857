/**
 * 64-bit numbers in two signed words, which is how addresses and values travel where big integers would cost more than the work that is
 * done with them.
 */
export const highWord = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n));
export const lowWord = (value: bigint): number => Number(BigInt.asIntN(32, value));

/** The unsigned number of two words. */
export const fromWords = (high: number, low: number): bigint =>
  (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
