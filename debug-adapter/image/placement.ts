/** Where an executable's segments go in the machine's RAM. */
import type { ProgramSegment } from '../symbols/api';
import type { ElfFile } from '../symbols/elf/elf-file';
import { ImageError } from './image-error';

/** An image as it will lie in the machine's RAM. */
export interface LoadedImage {
  /** At their final physical addresses, ascending by virtual address; at least one. */
  readonly segments: readonly ProgramSegment[];
  /** Physical address of the first instruction. */
  readonly entry: bigint;
}

/** QEMU `virt`: RAM begins here, and with it the firmware. */
export const ramBase = 0x8000_0000n;
/** Where OpenSBI starts an S-mode kernel: behind itself, on the 2 MiB boundary that Linux needs for its first mappings. */
export const supervisorBase = 0x8020_0000n;

/**
 * Segments at the physical addresses that the file asks for. A kernel whose own ones are not in RAM (Linux's vmlinux counts
 * them from 0) is moved as a whole to where firmware starts a kernel.
 * @throws ImageError for a program that only runs where it is linked, and that is not in RAM
 */
export function placeKernel(elf: ElfFile): LoadedImage {
  const lowest = lowestSegment(elf.segments);
  if (lowest.physicalAddress >= ramBase) return placed(elf, 0n);
  if (lowest.virtualAddress === lowest.physicalAddress) {
    throw new ImageError(
      `The file is linked for address 0x${lowest.virtualAddress.toString(16)}, where this machine has no RAM. ` +
        'If it is a program for Linux, put it into an initrd and boot a kernel; if it is a kernel, link it for 0x80200000 (S-mode) or 0x80000000 (M-mode).',
    );
  }
  return placed(elf, supervisorBase - lowest.physicalAddress);
}

/** Firmware that is linked for address 0 is position-independent (OpenSBI's `fw_*.elf`), and goes to the start of RAM. */
export function placeFirmware(elf: ElfFile): LoadedImage {
  const { physicalAddress } = lowestSegment(elf.segments);
  return placed(elf, physicalAddress < ramBase ? ramBase - physicalAddress : 0n);
}

/** The physical address of an address of the file, which is virtual where some segment is; else it is taken as it is. */
export function physicalAddress(segments: readonly ProgramSegment[], address: bigint): bigint {
  const home = segments.find(
    ({ virtualAddress, memorySize }) =>
      address >= virtualAddress && address < virtualAddress + BigInt(memorySize),
  );
  return home ? home.physicalAddress + (address - home.virtualAddress) : address;
}

/** `readElf` gives at least one segment. */
function lowestSegment(segments: readonly ProgramSegment[]): ProgramSegment {
  return segments.reduce((low, segment) => (segment.physicalAddress < low.physicalAddress ? segment : low));
}

function placed({ segments, entry }: ElfFile, shift: bigint): LoadedImage {
  const moved = segments
    .toSorted((a, b) => (a.virtualAddress < b.virtualAddress ? -1 : 1))
    .map((segment) => ({ ...segment, physicalAddress: segment.physicalAddress + shift }));
  return { segments: moved, entry: physicalAddress(moved, entry) };
}
