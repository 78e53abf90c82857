/** Every error of a launch that a person can mend, made in one place: what is wrong and what to do. */
import { UserError } from './api';

/** The files that a launch reads, as error messages call them. */
export type FileRole = 'kernel' | 'symbols' | 'module' | 'initrd' | 'device tree' | 'firmware' | 'disk';

const nouns: Readonly<Record<FileRole, string>> = {
  kernel: 'kernel',
  symbols: 'symbols file',
  module: 'module',
  initrd: 'initrd',
  'device tree': 'device tree',
  firmware: 'firmware',
  disk: 'disk image',
};

export const noSuchFile = (role: FileRole, path: string): UserError =>
  new UserError(`There is no ${nouns[role]} '${path}': ${pathAdvice(role, path)}.`);

function pathAdvice(role: FileRole, path: string): string {
  if (path.includes('${')) return 'the editor has left a variable in it, so write the path out';
  if (path.includes('/~/')) return "'~' is not taken for the home folder, so write that out";
  if (role === 'firmware') return 'check the path, or choose "builtin" or "none"';
  return 'check the path, or build the file first';
}

export const isDirectory = (role: FileRole, path: string): UserError =>
  new UserError(`The ${nouns[role]} '${path}' is a directory: name the file in it.`);

export const isDevice = (role: FileRole, path: string): UserError =>
  new UserError(`The ${nouns[role]} '${path}' is a device or a socket, which has no end: name a file.`);

export const tooLarge = (role: FileRole, path: string): UserError =>
  new UserError(
    `The ${nouns[role]} '${path}' is larger than 2 GiB, which is all the memory that a machine can have: name a smaller file.`,
  );

export const cannotRead = (role: FileRole, path: string): UserError =>
  new UserError(`The ${nouns[role]} '${path}' cannot be read: check its permissions.`);

export const cannotWrite = (role: FileRole, path: string): UserError =>
  new UserError(
    `The ${nouns[role]} '${path}' cannot be written: check its permissions, or leave out "write"; then what the guest writes is forgotten at the end.`,
  );

export const emptyFile = (role: FileRole, path: string): UserError =>
  new UserError(`The ${nouns[role]} '${path}' is empty: build it again, or leave the option out.`);

export const emptyDisk = (path: string): UserError =>
  new UserError(
    `The disk image '${path}' is empty: give it a size, for example with \`truncate -s 64M ${path}\`.`,
  );

export const notRaw = (path: string, format: string): UserError =>
  new UserError(
    `The disk image '${path}' is in ${format} format: make a raw one of it with \`qemu-img convert -O raw\`.`,
  );

/** `reason` is the reader's own sentence: what the file is instead, and what to do. */
export const badElf = (role: FileRole, path: string, reason: string): UserError =>
  new UserError(`The ${nouns[role]} '${path}' cannot be used. ${reason}`);

/** A sentence for a flat image: it runs, and nothing in it has a name. */
export const noSymbols = (path: string): string =>
  `The kernel '${path}' is a flat image without symbols: name the vmlinux of the same build as "symbols" (--symbols) to see functions and lines.`;

export const otherSymbols = (symbols: string, path: string): string =>
  `The symbols of '${symbols}' are of another build than the kernel '${path}' (build ids or code differ): names and lines will be wrong. Name the vmlinux that the kernel was made from.`;

export const badMemory = (value: string | number): UserError =>
  new UserError(
    `Memory size '${value}' is not a size: write it as 256M, 1G or a number of bytes that is a multiple of 4096, at most 2G.`,
  );

export const badHarts = (value: number): UserError =>
  new UserError(`A machine with ${value} harts cannot be built: choose from 1 to 8 (--smp, "smp").`);

export const badLimit = (value: number): UserError =>
  new UserError(`Instruction limit '${value}' is not a positive whole number.`);

export const badSeed = (value: string | number): UserError =>
  new UserError(`The seed '${value}' is not a number of 64 bits: write it in decimal or as 0x….`);

export const badTime = (value: string): UserError =>
  new UserError(
    `The time '${value}' of the real-time clock is none: write it as 2026-01-31 or 2026-01-31T12:00:00Z, or "now" for the time of this computer.`,
  );
