/** What a kernel comes in: an ELF file or Linux's flat `Image`. */
import { memorySource, type ByteSource } from '../symbols/bytes/byte-source';
import { readElf, type ElfFile } from '../symbols/elf/elf-file';
import { ImageError } from './image-error';
import { isLinuxImage, readLinuxImage } from './linux-image';
import { placeFirmware, placeKernel, ramBase, supervisorBase, type LoadedImage } from './placement';

export interface KernelFile {
  readonly image: LoadedImage;
  /** `undefined` for a flat image, which has no symbols. */
  readonly elf: ElfFile | undefined;
  readonly warnings: readonly string[];
}

/** Bytes that tell what a file is. */
const START_SIZE = 64;
const elfMagic = [0x7f, 0x45, 0x4c, 0x46];

function isElf(bytes: Uint8Array): boolean {
  return elfMagic.every((byte, index) => bytes[index] === byte);
}

/**
 * Reads a kernel, unpacked, and decides where it is loaded. Of an ELF file only what is loaded is read.
 * @throws ImageError, ProgramError for what cannot be booted; the message says what the file is instead
 */
export function readKernelFile(from: ByteSource | Uint8Array): KernelFile {
  const file = asSource(from);
  if (!isLinuxImage(file.read(0, START_SIZE))) {
    const elf = readElf(file);
    return { image: placeKernel(elf), elf, warnings: [] };
  }
  const bytes = readWhole(file);
  const { textOffset, memorySize, warnings } = readLinuxImage(bytes);
  // text_offset leaves room for firmware at the start of RAM; a kernel for M-mode has 0 and needs none.
  const base = textOffset === 0 ? ramBase : supervisorBase;
  return { image: flat(bytes, base, memorySize), elf: undefined, warnings };
}

/**
 * Reads M-mode firmware, unpacked: an ELF file, or raw bytes for the start of RAM.
 * @throws ImageError, ProgramError for an ELF file or an image that cannot be firmware
 */
export function readFirmwareFile(from: ByteSource | Uint8Array): LoadedImage {
  const file = asSource(from);
  const start = file.read(0, START_SIZE);
  if (isElf(start)) return placeFirmware(readElf(file));
  if (isLinuxImage(start)) {
    throw new ImageError('The file is a Linux kernel, not firmware: give it as the kernel to boot.');
  }
  const bytes = readWhole(file);
  if (start.length > 0 && start.every(isPrintable)) {
    throw new ImageError(
      'The file is text, not firmware: use the ELF file or the raw binary that its build makes.',
    );
  }
  if (bytes.length === 0) throw new ImageError('The file is empty: build or copy it again.');
  return flat(bytes, ramBase, bytes.length);
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13);
}

function asSource(from: ByteSource | Uint8Array): ByteSource {
  return from instanceof Uint8Array ? memorySource(from) : from;
}

function readWhole(file: ByteSource): Uint8Array {
  const bytes = file.read(0, file.size);
  if (bytes.length === file.size) return bytes;
  throw new ImageError('The file cannot be read to its end: check the disk that it is on, or copy it again.');
}

/** Bytes that run where they are loaded. */
function flat(data: Uint8Array, base: bigint, memorySize: number): LoadedImage {
  const segment = { virtualAddress: base, physicalAddress: base, data, memorySize, executable: true };
  return { segments: [segment], entry: base };
}
