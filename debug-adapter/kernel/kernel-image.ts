/**
 * Where the kernel's image is: at the addresses it is linked for, and, until the MMU is on, at the physical addresses it
 * was loaded to. PA(S) = VA(S) - offset for every symbol S of the image.
 */
import type { Program, ProgramSegment } from '../symbols/api';

export class KernelImage {
  /** Virtual minus physical address modulo 2^64; 0n if the kernel is linked where it runs. */
  readonly offset: bigint;
  readonly #start: bigint;
  readonly #end: bigint;

  constructor(program: Program) {
    const first = entrySegment(program);
    const linked = first?.virtualAddress ?? 0n;
    // A user program that is part of the file has an offset of its own, and is not kernel image.
    const segments = program.segments.filter(
      (segment) => first && segmentOffset(segment) === segmentOffset(first),
    );
    this.offset = BigInt.asUintN(64, linked - (first?.physicalAddress ?? linked));
    this.#start = segments.reduce((start, { virtualAddress: low }) => (low < start ? low : start), linked);
    this.#end = segments.reduce((end, { virtualAddress, memorySize }) => {
      const high = virtualAddress + BigInt(memorySize);
      return high > end ? high : end;
    }, linked);
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
   * both share the lower half, and this tells nothing.
   */
  isKernelHalf(address: bigint): boolean {
    return address >> 63n === this.#start >> 63n;
  }
}

function entrySegment({ entry, segments }: Program): ProgramSegment | undefined {
  const holdsEntry = ({ virtualAddress, memorySize }: ProgramSegment) =>
    entry >= virtualAddress && entry < virtualAddress + BigInt(memorySize);
  return segments.find(holdsEntry) ?? segments.find(({ executable }) => executable) ?? segments[0];
}

function segmentOffset({ virtualAddress, physicalAddress }: ProgramSegment): bigint {
  return virtualAddress - physicalAddress;
}
