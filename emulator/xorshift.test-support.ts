/** A generator of 32-bit numbers, the same for the same seed, which is not 0 (Marsaglia's xorshift). */
export function xorshift(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}
