/**
 * Inflate (RFC 1951) of a zlib stream (RFC 1950), for compressed debug sections. Written out because symbols/ runs in
 * a browser worker too, where the only inflate that the platform has is asynchronous.
 */
import { finish, type Steps } from '../steps';

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
];
/** RFC 1951 §3.2.7: the order in which lengths of the code length code are stored. */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MAX_BITS = 15;
/** More than any debug section has; what claims more is damaged. */
const MAX_SIZE = 2 ** 30;

class DamagedStream extends Error {}

/** A table over the next 15 bits of input: `symbol << 4 | length`, 0 where no code begins so. */
type HuffmanTable = Uint16Array;

function huffmanTable(lengths: Uint8Array): HuffmanTable {
  const counts = new Uint16Array(MAX_BITS + 2);
  for (const length of lengths) counts[length]!++;
  counts[0] = 0;
  const next = new Uint16Array(MAX_BITS + 2);
  for (let bits = 1; bits <= MAX_BITS; bits++) next[bits + 1] = (next[bits]! + counts[bits]!) << 1;
  const table = new Uint16Array(1 << MAX_BITS);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    const code = next[length]!++;
    if (code >= 1 << length) throw new DamagedStream();
    // Codes arrive with their first bit lowest.
    let reversed = 0;
    for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
    for (let i = reversed; i < 1 << MAX_BITS; i += 1 << length) table[i] = (symbol << 4) | length;
  }
  return table;
}

let fixedTables: readonly [HuffmanTable, HuffmanTable] | undefined;

/** RFC 1951 §3.2.6. */
function fixed(): readonly [HuffmanTable, HuffmanTable] {
  if (fixedTables === undefined) {
    const lengths = new Uint8Array(288).fill(8);
    lengths.fill(9, 144, 256).fill(7, 256, 280);
    fixedTables = [huffmanTable(lengths), huffmanTable(new Uint8Array(30).fill(5))];
  }
  return fixedTables;
}

class BitReader {
  readonly #bytes: Uint8Array;
  #offset: number;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** At least `count` (≤ 15) bits are in the window afterwards; bits past the input are zero. */
  #fill(count: number): void {
    while (this.#count < count) {
      this.#bits |= (this.#bytes[this.#offset++] ?? 0) << this.#count;
      this.#count += 8;
    }
  }

  #drop(count: number): void {
    this.#bits >>>= count;
    this.#count -= count;
    // A whole window past the end: the stream is cut short.
    if (this.#offset > this.#bytes.length + 4) throw new DamagedStream();
  }

  bits(count: number): number {
    this.#fill(count);
    const value = this.#bits & ((1 << count) - 1);
    this.#drop(count);
    return value;
  }

  symbol(table: HuffmanTable): number {
    this.#fill(MAX_BITS);
    const entry = table[this.#bits & ((1 << MAX_BITS) - 1)]!;
    if (entry === 0) throw new DamagedStream();
    this.#drop(entry & 15);
    return entry >> 4;
  }

  /** The bytes of a stored block, from the next byte boundary on. */
  stored(): Uint8Array {
    this.#offset -= this.#count >> 3;
    this.#bits = this.#count = 0;
    const length = this.bits(8) | (this.bits(8) << 8);
    const complement = this.bits(8) | (this.bits(8) << 8);
    if (length !== (~complement & 0xffff)) throw new DamagedStream();
    const start = this.#offset;
    this.#offset += length;
    if (this.#offset > this.#bytes.length) throw new DamagedStream();
    return this.#bytes.subarray(start, this.#offset);
  }
}

function dynamicTables(input: BitReader): readonly [HuffmanTable, HuffmanTable] {
  const literals = input.bits(5) + 257;
  const distances = input.bits(5) + 1;
  const codeLengths = input.bits(4) + 4;
  const lengths = new Uint8Array(19);
  for (let i = 0; i < codeLengths; i++) lengths[CODE_LENGTH_ORDER[i]!] = input.bits(3);
  const code = huffmanTable(lengths);
  const all = new Uint8Array(literals + distances);
  for (let i = 0; i < all.length;) {
    const symbol = input.symbol(code);
    if (symbol < 16) {
      all[i++] = symbol;
      continue;
    }
    const value = symbol === 16 ? (all[i - 1] ?? 0) : 0;
    const repeat = symbol === 16 ? 3 + input.bits(2) : symbol === 17 ? 3 + input.bits(3) : 11 + input.bits(7);
    if (i + repeat > all.length) throw new DamagedStream();
    all.fill(value, i, i + repeat);
    i += repeat;
  }
  return [huffmanTable(all.subarray(0, literals)), huffmanTable(all.subarray(literals))];
}

/**
 * The bytes of a zlib stream that unpacks to exactly `size` bytes, or `undefined` if it is damaged. The checksum at its
 * end is not compared: what follows checks its own structure.
 */
export function inflateZlib(bytes: Uint8Array, size: number): Uint8Array | undefined {
  return finish(inflateSteps(bytes, size));
}

/** Bytes between two steps. */
const STEP_SIZE = 2 ** 18;

/** As {@link inflateZlib}, some bytes at a time. */
export function* inflateSteps(bytes: Uint8Array, size: number): Steps<Uint8Array | undefined> {
  // CMF: method 8 (deflate); FLG: no preset dictionary (RFC 1950 §2.2).
  if (bytes.length < 2 || (bytes[0]! & 15) !== 8 || bytes[1]! & 0x20) return undefined;
  // Deflate cannot expand by more than 1032:1, so a larger claim is a lie and not worth the memory.
  if (size > Math.min(bytes.length * 1032, MAX_SIZE)) return undefined;
  try {
    return yield* inflate(new BitReader(bytes, 2), size);
  } catch (error) {
    if (error instanceof DamagedStream) return undefined;
    throw error;
  }
}

function* inflate(input: BitReader, size: number): Steps<Uint8Array> {
  const out = new Uint8Array(size);
  let at = 0;
  let nextStep = STEP_SIZE;
  for (let last = false; !last;) {
    last = input.bits(1) === 1;
    const kind = input.bits(2);
    if (kind === 0) {
      const stored = input.stored();
      if (at + stored.length > size) throw new DamagedStream();
      out.set(stored, at);
      at += stored.length;
      continue;
    }
    if (kind === 3) throw new DamagedStream();
    const [literals, distances] = kind === 1 ? fixed() : dynamicTables(input);
    for (let symbol = input.symbol(literals); symbol !== 256; symbol = input.symbol(literals)) {
      if (at >= nextStep) {
        nextStep = at + STEP_SIZE;
        yield at / size;
      }
      if (symbol < 256) {
        if (at === size) throw new DamagedStream();
        out[at++] = symbol;
        continue;
      }
      const lengthBase = LENGTH_BASE[symbol - 257];
      if (lengthBase === undefined) throw new DamagedStream();
      const length = lengthBase + input.bits(LENGTH_EXTRA[symbol - 257]!);
      const code = input.symbol(distances);
      const distanceBase = DISTANCE_BASE[code];
      if (distanceBase === undefined) throw new DamagedStream();
      const distance = distanceBase + input.bits(Math.max(0, (code >> 1) - 1));
      if (distance > at || at + length > size) throw new DamagedStream();
      for (let i = 0; i < length; i++, at++) out[at] = out[at - distance]!;
    }
  }
  if (at !== size) throw new DamagedStream();
  return out;
}
