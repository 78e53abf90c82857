/** Questions about the code at a pc: its line, its function, its instruction. */
import type { LineRange, ProgramSymbol } from '../symbols/api';
import type { Instruction, TargetHart } from '../target/target';
import type { Debuggee } from './api';

const longestInstruction = 4;

/** The line-table row that a hart's pc lies in. */
export function rowAt(debuggee: Debuggee, pc: bigint, bare: boolean): LineRange | undefined {
  return debuggee.program.lines?.at(debuggee.kernel.linkAddress(pc, bare).address);
}

/** The function or label that a hart's pc lies in. */
export function functionAt(debuggee: Debuggee, pc: bigint, bare: boolean): ProgramSymbol | undefined {
  return debuggee.program.symbols.at(debuggee.kernel.linkAddress(pc, bare).address);
}

/** Whether symbols are of one function: compilers put what runs seldom elsewhere, as `name.cold` (gcc, -freorder-blocks-and-partition). */
export function isSameFunction(one: ProgramSymbol | undefined, other: ProgramSymbol | undefined): boolean {
  if (!one || !other) return false;
  return one.address === other.address || nameOf(one) === nameOf(other);
}

const nameOf = ({ name }: ProgramSymbol): string => name.replace(/\.cold(\.\d+)?$/, '');

/** The instruction in memory: the kernel patches its text, so the file may differ. */
export function instructionAt(debuggee: Debuggee, hart: TargetHart, pc: bigint): Instruction | undefined {
  return debuggee.target.disassemble(hart.readMemory(pc, longestInstruction), pc);
}

/** In the kernel, or in a user program that is linked into it. At link time. */
export function isCode({ program }: Pick<Debuggee, 'program'>, address: bigint): boolean {
  return program.text.some(({ start, end }) => address >= start && address < end);
}

/** In assembly a jump is a jump, and each line is an instruction or a macro; in compiled code it may be a tail call. */
export function isAssembly(file: string): boolean {
  return /\.(s|S|asm|sx)$/.test(file);
}
