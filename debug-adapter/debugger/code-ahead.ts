/**
 * The code that a hart can come to from where it stands until something has to be looked at: what lets a statement that
 * loops run at full speed, with breakpoints at its ends instead of a look at each instruction.
 */
import type { Instruction, TargetHart } from '../target/target';
import type { Debuggee } from './api';
import { instructionAt } from './code';

/** What ends the code that is looked for. Addresses are as a pc holds them. */
export interface Borders {
  /** True if the hart has arrived when its pc is there. */
  readonly isEnd: (pc: bigint) => boolean;
  /** Instructions at which the hart is to stop before it executes them, besides those that may go anywhere. */
  readonly stopsBefore: (pc: bigint) => boolean;
  /** Calls, and traps that ask for something, are run, and come back to the instruction behind them. */
  readonly passCalls: boolean;
  /** Writes of sp are passed too; if not the hart stops before them, so that sp tells the frame as long as it is in the code. */
  readonly passSp: boolean;
}

export interface CodeAhead {
  /** Ends, and instructions to stop before: the hart leaves the code through one of them, or by a trap. */
  readonly stops: ReadonlySet<bigint>;
  readonly instructions: ReadonlySet<bigint>;
}

/** A statement is much smaller; what is longer is looked at in pieces. */
const mostInstructions = 1024;

export function codeAhead(debuggee: Debuggee, hart: TargetHart, borders: Borders): CodeAhead {
  const stops = new Set<bigint>();
  const instructions = new Set<bigint>();
  const waiting = [hart.pc];
  for (let pc = waiting.pop(); pc !== undefined; pc = waiting.pop()) {
    if (instructions.has(pc) || stops.has(pc)) continue;
    const instruction = instructionAt(debuggee, hart, pc);
    const isFull = instructions.size >= mostInstructions;
    const arrived = pc !== hart.pc && borders.isEnd(pc);
    const isStop = isFull || arrived || borders.stopsBefore(pc);
    const next = isStop ? undefined : successors(pc, instruction, borders);
    if (!next) {
      stops.add(pc);
      continue;
    }
    instructions.add(pc);
    waiting.push(...next);
  }
  return { stops, instructions };
}

/** Where an instruction goes on, if that can be said without executing it. */
function successors(
  pc: bigint,
  instruction: Instruction | undefined,
  { passCalls, passSp }: Borders,
): readonly bigint[] | undefined {
  if (!instruction || changesTraps.test(instruction.text)) return undefined;
  if (!passSp && writesSp.test(instruction.text)) return undefined;
  const { flow, target } = instruction;
  const behind = pc + BigInt(instruction.length);
  switch (flow) {
    case 'none':
      return [behind];
    case 'branch':
      return target === undefined ? undefined : [behind, target];
    case 'jump':
      return target === undefined ? undefined : [target];
    case 'call':
      return passCalls ? [behind] : undefined;
    case 'trap':
      return passCalls && isRequest.test(instruction.text) ? [behind] : undefined;
    case 'return':
      return undefined;
  }
}

const isRequest = /^(?:ecall|ebreak)$/;
/** Writes of what says where traps and addresses go. */
const changesTraps = /^csr\w+ .*\b(?:[sm]tvec|satp|m[ei]deleg)\b/;
/** The first operand is what is written, but in stores and branches. */
const writesSp = /^(?!b|f?s[bhwd] )\S+ sp,/;
