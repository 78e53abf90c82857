/** Leaving a function or a trap handler: to the next certain frame of the walk. */
import type { Instruction, TargetHart, TargetStop } from '../target/target';
import { isFromUser, readPtRegs } from '../unwind/pt-regs';
import type { StackBounds } from '../unwind/types';
import type { CallStack, Debuggee, StepOutcome } from './api';
import { callStack } from './call-stack';
import { functionAt, instructionAt, isAssembly, rowAt } from './code';
import { memoryOf } from './harts';
import { aliases, returnFromTrap, type Comeback } from './step-return';

const ra = 1;
const sp = 2;
const stvec = 0x105;
const mtvec = 0x305;

/** No trap handler needs more instructions to write its frame record, or to get from its last branch to `sret`. */
const longestWindow = 256;

/**
 * Runs until the current function has returned or the current trap handler has gone back to what it interrupted.
 * Refuses, with the walk's own words, where the next frame is not certain.
 */
export async function stepOut(debuggee: Debuggee, hart: TargetHart): Promise<StepOutcome> {
  if (hart.privilege === 'user') {
    return refused('In user mode the frames are the program’s own, and RISC-V Unwind does not know them.');
  }
  if (isLeavingTrap(debuggee, hart)) return leaveTrap(debuggee, hart);
  if (isInEntryWindow(debuggee, hart)) {
    const stop = await leaveEntryWindow(debuggee, hart);
    if (stop.kind !== 'step') return stop;
  }
  const comeback = findComeback(debuggee, hart);
  return typeof comeback === 'string'
    ? refused(comeback)
    : debuggee.target.run({ kind: 'until', ...comeback });
}

function refused(reason: string): StepOutcome {
  return { kind: 'refused', reason };
}

/** Where the hart leaves to, or why that is not known. */
function findComeback(debuggee: Debuggee, hart: TargetHart): Comeback | string {
  const stack = callStack(debuggee, hart, 'metadata');
  const [frame, caller] = stack.walk.frames;
  if (caller?.origin.kind === 'pt_regs') {
    const before = {
      pc: caller.pc,
      sp: caller.registers.get(sp) ?? 0n,
      privilege: hart.privilege,
      bare: hart.bare,
    };
    return returnFromTrap(debuggee, hart, before);
  }
  const liveRa = liveReturnAddress(debuggee, hart);
  if (liveRa !== undefined) {
    return returnTo(debuggee, hart, liveRa, { lowest: hart.getX(sp), stack: frame?.stack });
  }
  if (caller && frame) return returnTo(debuggee, hart, caller.pc, { lowest: frame.fp, stack: caller.stack });
  return leaveToUser(debuggee, hart, stack) ?? noCaller(stack);
}

/**
 * ra, while it is certain that it is still the return address. A call leaves an address of the function itself in ra, so
 * one that lies elsewhere was put there by the caller, or restored for the return: no call is under way. It repairs the
 * prologue and epilogue, in which the walk misses the caller.
 */
function liveReturnAddress(debuggee: Debuggee, hart: TargetHart): bigint | undefined {
  const address = hart.getX(ra);
  const { kernel } = debuggee;
  const here = functionAt(debuggee, hart.pc, hart.bare);
  const there = functionAt(debuggee, address, hart.bare);
  const isCode = kernel.runsKernelText(address, hart.bare);
  return isCode && here && there && here.address !== there.address ? address : undefined;
}

/** Where sp is after the return: not below `lowest`, and on the stack that has the frame record of what is left. */
interface CallerStack {
  readonly lowest: bigint;
  readonly stack: StackBounds | undefined;
}

function returnTo(
  debuggee: Debuggee,
  hart: TargetHart,
  address: bigint,
  { lowest, stack }: CallerStack,
): Comeback {
  return {
    addresses: aliases(debuggee, address, hart.bare),
    accept: (candidate) => {
      const now = candidate.getX(sp);
      // Before there are stacks there are no tasks, and nobody else comes there.
      return stack ? now >= lowest && now <= stack.high : candidate.index === hart.index;
    },
  };
}

/** The outermost frame of a task that came from user mode goes back there. */
function leaveToUser(debuggee: Debuggee, hart: TargetHart, { walk, task }: CallStack): Comeback | undefined {
  if (walk.end.kind !== 'final' || walk.end.ptRegs === undefined || task?.pid === 0) return undefined;
  const memory = memoryOf(hart);
  const entry = readPtRegs(memory, walk.end.ptRegs, debuggee.kernel.layout);
  if (!entry || !isFromUser(entry)) return undefined;
  return returnFromTrap(debuggee, hart, { pc: entry.epc, sp: 0n, privilege: 'user', bare: false });
}

function noCaller({ walk }: CallStack): string {
  const { end } = walk;
  return end.kind === 'final'
    ? 'Cannot step out: this is the outermost frame, nothing called it.'
    : `Cannot step out: the caller is not known. ${end.rule}: ${end.reason}`;
}

/** In the trap handler, before it has written its frame record: the walk would miss the interrupted function. */
function isInEntryWindow(debuggee: Debuggee, hart: TargetHart): boolean {
  const vector = (hart.getCsr(hart.privilege === 'machine' ? mtvec : stvec) ?? 0n) & ~3n;
  const handler = functionAt(debuggee, vector, hart.bare);
  if (!handler || functionAt(debuggee, hart.pc, hart.bare)?.address !== handler.address) return false;
  const row = rowAt(debuggee, hart.pc, hart.bare);
  if (row && !isAssembly(row.file)) return false;
  const { frames, end } = callStack(debuggee, hart, 'metadata').walk;
  const recordWritten = frames[1] ? frames[1].origin.kind === 'pt_regs' : end.kind === 'final';
  return !recordWritten;
}

function leaveEntryWindow(debuggee: Debuggee, hart: TargetHart): Promise<TargetStop> {
  let left = longestWindow;
  return debuggee.target.run({
    kind: 'step',
    hart: hart.index,
    done: () => --left <= 0 || !isInEntryWindow(debuggee, hart),
  });
}

/**
 * On the way out of a trap handler the frame is being taken down, and s0 belongs to the interrupted code already: assembly
 * that comes to `sret` or `mret` without another call.
 */
function isLeavingTrap(debuggee: Debuggee, hart: TargetHart): boolean {
  const row = rowAt(debuggee, hart.pc, hart.bare);
  if (row && !isAssembly(row.file)) return false;
  let at = hart.pc;
  for (let count = 0; count < longestWindow; count++) {
    const instruction = instructionAt(debuggee, hart, at);
    if (!instruction) return false;
    if (isTrapReturn(instruction)) return true;
    if (instruction.flow !== 'none' && instruction.flow !== 'branch') return false;
    at += BigInt(instruction.length);
  }
  return false;
}

function isTrapReturn(instruction: Instruction | undefined): boolean {
  return instruction?.text === 'sret' || instruction?.text === 'mret';
}

/** Steps until the hart has gone back to what the trap interrupted. */
function leaveTrap(debuggee: Debuggee, hart: TargetHart): Promise<TargetStop> {
  let left = longestWindow;
  let returning = isTrapReturn(instructionAt(debuggee, hart, hart.pc));
  return debuggee.target.run({
    kind: 'step',
    hart: hart.index,
    done: () => {
      if (returning || --left <= 0) return true;
      returning = isTrapReturn(instructionAt(debuggee, hart, hart.pc));
      return false;
    },
  });
}
