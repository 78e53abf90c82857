/** Some bytes of the kernel's data, read at once and looked at by offset. */
import type { MemberLayout } from '../symbols/api';
import type { KernelMemory } from './kernel-memory';

export class StructView {
  readonly address: bigint;
  readonly #view: DataView;

  private constructor(address: bigint, bytes: Uint8Array) {
    this.address = address;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** All of it or nothing. */
  static read(address: bigint, size: number, memory: KernelMemory): StructView | undefined {
    const bytes = size === 0 ? new Uint8Array() : memory.bytes(address, size);
    return bytes && new StructView(address, bytes);
  }

  /** `undefined` for a member that there is not, or that is not within. */
  u64(offset: number | undefined): bigint | undefined {
    return this.#has(offset, 8) ? this.#view.getBigUint64(offset, true) : undefined;
  }

  u32(offset: number | undefined): number | undefined {
    return this.#has(offset, 4) ? this.#view.getUint32(offset, true) : undefined;
  }

  /** An unsigned integer of at most four bytes, or the bit-field in it. */
  field(member: MemberLayout | undefined): number | undefined {
    if (!member || !this.#has(member.offset, member.size)) return undefined;
    const { offset, size, bits } = member;
    const unit = size === 4 ? this.u32(offset) : size === 2 ? this.#view.getUint16(offset, true) : undefined;
    const value = size === 1 ? this.#view.getUint8(offset) : unit;
    return value === undefined || !bits ? value : (value >>> bits.shift) & ((1 << bits.width) - 1);
  }

  /** Bytes within; `undefined` if they are not all there. */
  bytes(offset: number | undefined, size: number): Uint8Array | undefined {
    return this.#has(offset, size)
      ? new Uint8Array(this.#view.buffer, this.#view.byteOffset + offset, size)
      : undefined;
  }

  #has(offset: number | undefined, size: number): offset is number {
    return offset !== undefined && offset >= 0 && offset + size <= this.#view.byteLength;
  }
}
