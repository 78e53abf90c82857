/** The kernel's own data, by the virtual address it runs at, whether the MMU is on or not. */
import type { ReadMemory } from '../unwind/types';
import type { KernelImage } from './kernel-image';

export class KernelMemory {
  readonly #read: ReadMemory;
  readonly #image: KernelImage;

  constructor(read: ReadMemory, image: KernelImage) {
    this.#read = read;
    this.#image = image;
  }

  /** While a hart is bare virtual addresses cannot be read and the image is at its physical ones. */
  bytes(address: bigint, length: number): Uint8Array | undefined {
    const direct = this.#read(address, length);
    if (direct) return direct;
    const physical = this.#image.runningToPhysical(address);
    return physical === undefined || physical === address ? undefined : this.#read(physical, length);
  }

  u64(address: bigint): bigint | undefined {
    return this.#view(address, 8)?.getBigUint64(0, true);
  }

  u32(address: bigint): number | undefined {
    return this.#view(address, 4)?.getUint32(0, true);
  }

  /** A string of C's, cut off after so many bytes; what is no printable ASCII becomes `?`, as a terminal must not see it. */
  text(address: bigint, longest: number): string | undefined {
    const characters: number[] = [];
    while (characters.length < longest) {
      const byte = this.bytes(address + BigInt(characters.length), 1)?.[0];
      if (byte === undefined) return undefined;
      if (byte === 0) break;
      characters.push(byte);
    }
    return String.fromCharCode(...characters).replace(/[^ -~]/g, '?');
  }

  #view(address: bigint, length: number): DataView | undefined {
    const bytes = this.bytes(address, length);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
