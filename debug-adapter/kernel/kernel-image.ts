/**
 * Where the kernel's image is: at the addresses it is linked for, and, until the MMU is on, at the physical addresses it
 * was loaded to. PA(S) = VA(S) - offset for every symbol S of the image.
 */
import type { ProgramSegment } from '../symbols/api';

export class KernelImage {
  /** Virtual minus physical address, as an unsigned 64-bit difference; 0n if the kernel is linked where it runs. */
  readonly offset: bigint;
  readonly #start: bigint;
  readonly #end: bigint;

  /** `loadAddress`: physical address of the lowest segment, for files whose own physical addresses are not used. */
  constructor(segments: readonly ProgramSegment[], loadAddress?: bigint) {
    const sorted = segments.toSorted((a, b) => (a.virtualAddress < b.virtualAddress ? -1 : 1));
    const lowest = sorted[0];
    this.#start = lowest?.virtualAddress ?? 0n;
    this.#end = sorted.reduce((end, segment) => max(end, segmentEnd(segment)), this.#start);
    const physical = loadAddress ?? lowest?.physicalAddress ?? this.#start;
    this.offset = BigInt.asUintN(64, this.#start - physical);
  }

  /** True for an address the image is linked at. */
  contains(address: bigint): boolean {
    return address >= this.#start && address < this.#end;
  }

  /** The physical address of a link-time address of the image; `undefined` outside it. */
  toPhysical(address: bigint): bigint | undefined {
    return this.contains(address) ? BigInt.asUintN(64, address - this.offset) : undefined;
  }

  /** The link-time address of a physical address of the image; `undefined` outside it. */
  toLink(address: bigint): bigint | undefined {
    const link = BigInt.asUintN(64, address + this.offset);
    return this.contains(link) ? link : undefined;
  }

  /**
   * True if an address can be the kernel's, not a user's: with Sv39 to Sv57 the kernel has the upper half. Without an MMU
   * both share one half, and this tells nothing.
   */
  isKernelHalf(address: bigint): boolean {
    return address >> 63n === this.#start >> 63n;
  }
}

function segmentEnd(segment: ProgramSegment): bigint {
  return segment.virtualAddress + BigInt(segment.memorySize);
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
