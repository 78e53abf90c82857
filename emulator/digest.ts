/**
 * A fast 128-bit hash of machine state, for comparing runs (not cryptographic). Four 32-bit lanes take turns on the input
 * words with xxHash32's round (multiply, rotate, multiply), and are mixed into each other at the end.
 */
const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PAGE_WORDS = 1024;

export class Digest {
  private lane0 = PRIME_1 ^ PRIME_2;
  private lane1 = PRIME_2;
  private lane2 = 0;
  private lane3 = PRIME_1;
  private values = 0;

  /** Numbers are integers of magnitude below 2^53; bigints count modulo 2^64. */
  add(values: readonly (number | bigint)[]): void {
    for (const value of values) {
      this.values++;
      if (typeof value === 'bigint') {
        this.mix(Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn), this.values, 2);
      } else {
        this.mix(value | 0, Math.floor(value / 0x1_0000_0000), this.values, 1);
      }
    }
  }

  /** Pages of zeros are left out, so that RAM nobody touched costs a scan only; the number of each other page counts. */
  addMemory(memory: Uint8Array): void {
    const words = new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
    for (let page = 0; page < words.length; page += PAGE_WORDS) {
      const end = Math.min(page + PAGE_WORDS, words.length);
      let word = page;
      while (word < end && words[word] === 0) word++;
      if (word < end) this.addPage(words, page, end);
    }
  }

  /** The hash so far, as 32-bit numbers; for what goes into another hash. */
  lanes(): readonly number[] {
    return [this.lane0, this.lane1, this.lane2, this.lane3];
  }

  /** 32 lower-case hexadecimal digits. */
  hex(): string {
    let lanes = this.lanes();
    for (let turn = 0; turn < 4; turn++) {
      lanes = lanes.map((lane, index) => avalanche(lane ^ round(lanes[(index + 1) & 3]!, turn)));
    }
    return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }

  private addPage(words: Int32Array, page: number, end: number): void {
    this.mix(page, end, this.values, 3);
    let a = this.lane0;
    let b = this.lane1;
    let c = this.lane2;
    let d = this.lane3;
    for (let word = page; word < end; word += 4) {
      a = round(a, words[word]!);
      b = round(b, words[word + 1]!);
      c = round(c, words[word + 2]!);
      d = round(d, words[word + 3]!);
    }
    this.lane0 = a;
    this.lane1 = b;
    this.lane2 = c;
    this.lane3 = d;
  }

  private mix(a: number, b: number, c: number, d: number): void {
    this.lane0 = round(this.lane0, a);
    this.lane1 = round(this.lane1, b);
    this.lane2 = round(this.lane2, c);
    this.lane3 = round(this.lane3, d);
  }
}

function round(lane: number, word: number): number {
  const sum = (lane + Math.imul(word, PRIME_2)) | 0;
  return Math.imul((sum << 13) | (sum >>> 19), PRIME_1);
}

function avalanche(lane: number): number {
  let value = Math.imul(lane ^ (lane >>> 15), PRIME_2);
  value = Math.imul(value ^ (value >>> 13), PRIME_3);
  return value ^ (value >>> 16);
}
