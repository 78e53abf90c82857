/**
 * A little-endian cursor over untrusted bytes. A read past the end gives 0, moves to the end and makes `failed()`
 * true for good: callers check it once a record instead of once a field, and nothing throws.
 */
const TWO_32 = 0x1_0000_0000;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Position from the start of `bytes`. */
  offset: number;
  /** Reads stop here. */
  readonly end: number;
  #failed = false;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = Math.max(0, Math.min(end, bytes.length));
    this.offset = Math.max(0, offset);
    if (!(offset >= 0 && offset <= this.end)) this.fail();
  }

  /** True while there are bytes left and no read has failed. */
  more(): boolean {
    return this.offset < this.end && !this.#failed;
  }

  /** True if a read has gone past the end or met a value that cannot be. */
  failed(): boolean {
    return this.#failed;
  }

  fail(): void {
    this.#failed = true;
    this.offset = this.end;
  }

  /** Position of the next `size` bytes, now consumed; -1 if there are fewer. */
  #take(size: number): number {
    const at = this.offset;
    if (size > this.end - at) {
      this.fail();
      return -1;
    }
    this.offset = at + size;
    return at;
  }

  skip(size: number): void {
    if (size >= 0) this.#take(size);
    else this.fail();
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.bytes[at]!;
  }

  s8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#view.getUint16(at, true);
  }

  u24(): number {
    const low = this.u16();
    return low + this.u8() * 0x1_0000;
  }

  u32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : this.#view.getUint32(at, true);
  }

  u64(): bigint {
    const at = this.#take(8);
    return at < 0 ? 0n : this.#view.getBigUint64(at, true);
  }

  /** A 64-bit size or file offset. Values from 2^53 on cannot be one: they fail the reader. */
  size64(): number {
    const low = this.u32();
    const value = this.u32() * TWO_32 + low;
    if (Number.isSafeInteger(value)) return value;
    this.fail();
    return 0;
  }

  /** An unsigned integer of 1, 2, 4 or 8 bytes. */
  unsigned(size: number): bigint {
    if (size === 8) return this.u64();
    if (size === 4) return BigInt(this.u32());
    if (size === 2) return BigInt(this.u16());
    if (size === 1) return BigInt(this.u8());
    this.fail();
    return 0n;
  }

  /** ULEB128 that stands for a count, an index or a distance; from 2^53 on it fails the reader. */
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
    }
    if (Number.isSafeInteger(value)) return value;
    this.fail();
    return 0;
  }

  /** SLEB128 that stands for a distance; outside ±2^53 it fails the reader. */
  sleb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      if (byte < 0x80) {
        // The sign is in the last byte: taken off a sum that is at 2^53 already, it would come too late.
        value += (byte < 0x40 ? byte : byte - 0x80) * scale;
        break;
      }
      value += (byte & 0x7f) * scale;
      scale *= 128;
    }
    if (Number.isSafeInteger(value)) return value;
    this.fail();
    return 0;
  }

  /** ULEB128 as an unsigned 64-bit value; higher bits are dropped. */
  uleb64(): bigint {
    return BigInt.asUintN(64, this.#leb64());
  }

  /** SLEB128 as a signed 64-bit value. */
  sleb64(): bigint {
    return BigInt.asIntN(64, this.#leb64(true));
  }

  #leb64(signed = false): bigint {
    let value = 0n;
    let shift = 0n;
    let byte: number;
    do {
      byte = this.u8();
      if (shift < 64n) value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
    } while (byte >= 0x80);
    return signed && byte & 0x40 && shift < 64n ? value - (1n << shift) : value;
  }

  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** A view of the next `size` bytes. */
  block(size: number): Uint8Array {
    const at = size >= 0 ? this.#take(size) : -1;
    if (at >= 0) return this.bytes.subarray(at, at + size);
    this.fail();
    return new Uint8Array(0);
  }

  /** A NUL-terminated string; one without its NUL fails the reader. */
  cstring(): string {
    const start = this.offset;
    this.skipCstring();
    return this.#failed ? '' : decodeText(this.bytes, start, this.offset - 1);
  }

  skipCstring(): void {
    const length = this.bytes.subarray(this.offset, this.end).indexOf(0);
    if (length < 0) this.fail();
    else this.offset += length + 1;
  }
}

/** The NUL-terminated string at an offset of a string section, of at most `longest` bytes; otherwise `undefined`. */
export function stringAt(section: Uint8Array, offset: number, longest: number): string | undefined {
  if (!(offset >= 0 && offset < section.length)) return undefined;
  const length = section.subarray(offset, offset + longest + 1).indexOf(0);
  return length < 0 ? undefined : decodeText(section, offset, offset + length);
}

/** The text of `[start, end)`, which is UTF-8. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return utf8.decode(bytes.subarray(start, end));
}
