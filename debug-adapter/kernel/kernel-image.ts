/**
 * Where the kernel's image is. Three kinds of addresses: those it is *linked* at (symbols, lines), the *physical* ones it was
 * loaded to and runs at until the MMU is on, and the virtual ones at which it *runs* then. For every symbol S of the image
 * physical(S) = linked(S) - offset and running(S) = linked(S) + slide; the slide is 0 unless a relocatable kernel moved itself.
 */
import type { Program, ProgramSegment } from '../symbols/api';

export class KernelImage {
  /** Virtual minus physical address modulo 2^64; 0n if the kernel is linked where it runs. */
  readonly offset: bigint;
  /** Running minus linked address modulo 2^64; `BootState` reads it from the machine. */
  slide = 0n;
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

  /** Where the image runs once the MMU is on. */
  get running(): { readonly start: bigint; readonly end: bigint } {
    return { start: this.linkToRunning(this.#start), end: this.linkToRunning(this.#end - 1n) + 1n };
  }

  /** True for an address the image is linked at. */
  contains(address: bigint): boolean {
    return address >= this.#start && address < this.#end;
  }

  /** The physical address of a link-time address of the image; `undefined` outside it. */
  linkToPhysical(address: bigint): bigint | undefined {
    return this.contains(address) ? BigInt.asUintN(64, address - this.offset) : undefined;
  }

  /** The link-time address of a physical address of the image; `undefined` outside it. */
  physicalToLink(address: bigint): bigint | undefined {
    const link = BigInt.asUintN(64, address + this.offset);
    return this.contains(link) ? link : undefined;
  }

  /** Where a link-time address of the image runs; others (a user program's, absolute symbols) are what they are. */
  linkToRunning(address: bigint): bigint {
    return this.contains(address) ? BigInt.asUintN(64, address + this.slide) : address;
  }

  /** The link-time address of what runs at an address of the moved image; `undefined` outside it. */
  runningToLink(address: bigint): bigint | undefined {
    const link = BigInt.asUintN(64, address - this.slide);
    return this.contains(link) ? link : undefined;
  }

  /** The physical address of what runs at an address of the moved image; `undefined` outside it. */
  runningToPhysical(address: bigint): bigint | undefined {
    const link = this.runningToLink(address);
    return link === undefined ? undefined : this.linkToPhysical(link);
  }

  /** True if the whole image, moved by a slide, is in the kernel's half and does not wrap. */
  canMoveBy(slide: bigint): boolean {
    const start = BigInt.asUintN(64, this.#start + slide);
    const end = start + (this.#end - this.#start);
    return end <= 1n << 64n && this.isKernelHalf(start) && this.isKernelHalf(end - 1n);
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
