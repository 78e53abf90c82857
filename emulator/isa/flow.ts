import type { Decoded } from './decode';
import type { Flow, Instruction } from './instruction';

const RA = 1;
const T0 = 5;
const isLink = (register: number | undefined): boolean => register === RA || register === T0;

/** What control flow an instruction is, from the link registers it uses (unpriv §2.5.1, table of return-address hints). */
export function flowOf({ instruction, fields }: Decoded): Flow {
  if (instruction.flow !== 'link') return instruction.flow;
  if (isLink(fields.rd)) return 'call';
  return instruction.mnemonic === 'jalr' && isLink(fields.rs1) ? 'return' : 'jump';
}

/** Where a branch or jump goes, if the instruction alone says it. */
export function targetOf({ instruction, fields }: Decoded, pc: bigint): bigint | undefined {
  return isRelative(instruction) ? BigInt.asUintN(64, pc + BigInt(fields.imm ?? 0)) : undefined;
}

/** True for instructions whose `imm` is a distance from the pc. */
export function isRelative({ operands }: Instruction): boolean {
  return operands.includes('target');
}
