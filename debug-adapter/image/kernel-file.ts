/** What a kernel comes in: an ELF file or Linux's flat `Image`, either of them compressed with gzip. */
import { readElf, type ElfFile } from '../symbols/elf/elf-file';
import { gunzip, isGzip } from './gzip';
import { ImageError } from './image-error';
import { isLinuxImage, readLinuxImage } from './linux-image';
import { placeFirmware, placeKernel, ramBase, supervisorBase, type LoadedImage } from './placement';

export interface KernelFile {
  readonly image: LoadedImage;
  /** `undefined` for a flat image, which has no symbols. */
  readonly elf: ElfFile | undefined;
  /** The file's bytes, unpacked. */
  readonly bytes: Uint8Array;
  readonly warnings: readonly string[];
}

const elfMagic = [0x7f, 0x45, 0x4c, 0x46];

export function isElf(bytes: Uint8Array): boolean {
  return elfMagic.every((byte, index) => bytes[index] === byte);
}

/**
 * The bytes, unpacked if they are compressed with gzip.
 * @throws ImageError for a damaged file
 */
export function unpack(bytes: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
  return isGzip(bytes) ? gunzip(bytes, { signal }) : Promise.resolve(bytes);
}

/**
 * Reads a kernel and decides where it is loaded.
 * @param bytes as {@link unpack} gives them
 * @throws ImageError, ProgramError for what cannot be booted; the message says what the file is instead
 */
export function readKernelFile(bytes: Uint8Array): KernelFile {
  if (!isLinuxImage(bytes)) {
    const elf = readElf(bytes);
    return { image: placeKernel(elf), elf, bytes, warnings: [] };
  }
  const { textOffset, memorySize, warnings } = readLinuxImage(bytes);
  // text_offset leaves room for firmware at the start of RAM; a kernel for M-mode has 0 and needs none.
  const base = textOffset === 0 ? ramBase : supervisorBase;
  return { image: flat(bytes, base, memorySize), elf: undefined, bytes, warnings };
}

/**
 * Reads M-mode firmware: an ELF file, or raw bytes for the start of RAM.
 * @param bytes as {@link unpack} gives them
 * @throws ImageError, ProgramError for an ELF file or an image that cannot be firmware
 */
export function readFirmwareFile(bytes: Uint8Array): LoadedImage {
  if (isElf(bytes)) return placeFirmware(readElf(bytes));
  if (isLinuxImage(bytes)) {
    throw new ImageError('The file is a Linux kernel, not firmware: give it as the kernel to boot.');
  }
  if (bytes.length === 0) throw new ImageError('The file is empty: build or copy it again.');
  return flat(bytes, ramBase, bytes.length);
}

/** Bytes that run where they are loaded. */
function flat(data: Uint8Array, base: bigint, memorySize: number): LoadedImage {
  const segment = { virtualAddress: base, physicalAddress: base, data, memorySize, executable: true };
  return { segments: [segment], entry: base };
}
