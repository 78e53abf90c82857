/** xoshiro128** (Blackman and Vigna, 2018), its state filled by SplitMix64 as its authors advise. Not cryptographic. */
export class RandomBytes {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** @param seed counts modulo 2^64 */
  constructor(seed: bigint) {
    const [low, high] = [splitMix(seed, 1n), splitMix(seed, 2n)];
    this.a = Number(low & 0xffff_ffffn) | 0;
    this.b = Number(low >> 32n) | 0;
    this.c = Number(high & 0xffff_ffffn) | 0;
    this.d = Number(high >> 32n) | 0;
  }

  take(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 4) {
      const word = this.next();
      for (let index = 0; index < 4 && at + index < length; index++) bytes[at + index] = word >>> (8 * index);
    }
    return bytes;
  }

  state(): readonly number[] {
    return [this.a, this.b, this.c, this.d];
  }

  private next(): number {
    const result = Math.imul(rotate(Math.imul(this.b, 5), 7), 9);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = rotate(this.d, 11);
    return result;
  }
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** The n-th output of SplitMix64. */
function splitMix(seed: bigint, n: bigint): bigint {
  const multiply = (value: bigint, factor: bigint) => BigInt.asUintN(64, value * factor);
  let z = BigInt.asUintN(64, seed + n * 0x9e37_79b9_7f4a_7c15n);
  z = multiply(z ^ (z >> 30n), 0xbf58_476d_1ce4_e5b9n);
  z = multiply(z ^ (z >> 27n), 0x94d0_49bb_1331_11ebn);
  return z ^ (z >> 31n);
}
