/** Every error of a launch that a person can mend, made in one place: what is wrong and what to do. */
import type { ProgramErrorCode } from '../symbols/api';
import { UserError } from './api';

/** The files that a launch reads, as error messages call them. */
export type FileRole = 'kernel' | 'initrd' | 'device tree' | 'firmware';

export const noSuchFile = (role: FileRole, path: string): UserError =>
  new UserError(`There is no ${role} '${path}': check the path, or build the file first.`);

export const isDirectory = (role: FileRole, path: string): UserError =>
  new UserError(`The ${role} '${path}' is a directory: name the file in it.`);

export const cannotRead = (role: FileRole, path: string): UserError =>
  new UserError(`The ${role} '${path}' cannot be read: check its permissions.`);

const badProgram: Readonly<Record<ProgramErrorCode, string>> = {
  empty: 'is empty: build it again',
  'not-elf':
    'is no ELF file: name the linked kernel with its symbols (vmlinux), not Image or a compressed file',
  'not-riscv': 'is an ELF file for another processor: name one that was built for RISC-V',
  'not-64-bit': 'is a 32-bit ELF file: RISC-V Unwind runs 64-bit kernels (RV64) only',
  'big-endian': 'is a big-endian ELF file: RISC-V Unwind runs little-endian kernels only',
  'not-executable': 'is not linked: name the linked kernel (vmlinux), not an object file',
  truncated: 'is cut off: it ends before its own headers say so; copy or build it again',
};

export const badElf = (role: FileRole, path: string, code: ProgramErrorCode): UserError =>
  new UserError(`The ${role} '${path}' ${badProgram[code]}.`);

export const nothingToLoad = (path: string): UserError =>
  new UserError(`The kernel '${path}' has no loadable segments: there is nothing to run in it.`);

export const badMemory = (value: string | number): UserError =>
  new UserError(
    `Memory size '${value}' is not a size: write it as 256M, 1G or a number of bytes that is a multiple of 4096, at most 2G.`,
  );

export const badHarts = (value: number): UserError =>
  new UserError(`A machine with ${value} harts cannot be built: choose from 1 to 8 (--smp, "smp").`);

export const badLimit = (value: number): UserError =>
  new UserError(`Instruction limit '${value}' is not a positive whole number.`);
