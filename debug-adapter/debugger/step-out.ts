/** Leaving a function or a trap handler: to the next certain frame of the walk. */
import type { Instruction, TargetHart, TargetStop } from '../target/target';
import { isFromUser, readPtRegs } from '../unwind/pt-regs';
import type { StackBounds } from '../unwind/types';
import type { CallStack, Debuggee, StepOutcome } from './api';
import { callStack } from './call-stack';
import { functionAt, instructionAt, isAssembly, isSameFunction, rowAt } from './code';
import { memoryOf } from './harts';
import { aliases, returnFromTrap, type Comeback } from './step-return';
import type { StepRun } from './step-run';
import { trapVector } from './trap-vector';

const ra = 1;
const sp = 2;

/** No trap handler needs more instructions to write its frame record, or to get from its last branch to `sret`. */
const longestWindow = 256;

/**
 * Runs until the current function has returned or the current trap handler has gone back to what it interrupted.
 * Refuses, with the walk's own words, where the next frame is not certain.
 */
export async function stepOut(run: StepRun, hart: TargetHart): Promise<StepOutcome> {
  const { debuggee } = run;
  if (hart.privilege === 'user') {
    return refused('In user mode the frames are the program’s own, and RISC-V Unwind does not know them.');
  }
  if (isFirmware(debuggee, hart)) return (await run.until(leaveFirmware(hart))).stop;
  if (isLeavingTrap(debuggee, hart)) return leaveTrap(run, hart);
  if (isInEntryWindow(debuggee, hart)) {
    const stop = await leaveEntryWindow(run, hart);
    if (stop.kind !== 'step') return stop;
  }
  const comeback = findComeback(debuggee, hart);
  return typeof comeback === 'string' ? refused(comeback) : (await run.until(comeback)).stop;
}

function refused(reason: string): StepOutcome {
  return { kind: 'refused', reason };
}

const mepc = 0x341;

/** M-mode below a kernel for S-mode: code that the program does not describe. */
function isFirmware(debuggee: Debuggee, hart: TargetHart): boolean {
  return hart.privilege === 'machine' && functionAt(debuggee, hart.pc, hart.bare) === undefined;
}

/** Back to what has called it, to what it was interrupted in, or to the kernel's handler, which it may hand a trap on to. */
function leaveFirmware(hart: TargetHart): Comeback {
  const epc = hart.getCsr(mepc) ?? 0n;
  return {
    addresses: [epc, epc + 2n, epc + 4n, trapVector(hart, 'supervisor')],
    accept: ({ index, privilege }) => index === hart.index && privilege !== 'machine',
  };
}

/** Where the hart leaves to, or why that is not known. */
function findComeback(debuggee: Debuggee, hart: TargetHart): Comeback | string {
  const stack = callStack(debuggee, hart, 'metadata');
  if (!stack.task && isHandler(debuggee, hart)) return leaveHandler(hart);
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
  return isCode && here && there && !isSameFunction(here, there) ? address : undefined;
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
  if (!isHandler(debuggee, hart)) return false;
  const row = rowAt(debuggee, hart.pc, hart.bare);
  if (row && !isAssembly(row.file)) return false;
  const { task, walk } = callStack(debuggee, hart, 'metadata');
  if (!task) return false;
  const { frames, end } = walk;
  const recordWritten = frames[1] ? frames[1].origin.kind === 'pt_regs' : end.kind === 'final';
  return !recordWritten;
}

/** In the function that the trap vector leads to. */
function isHandler(debuggee: Debuggee, hart: TargetHart): boolean {
  const handler = functionAt(debuggee, trapVector(hart, hart.privilege), hart.bare);
  return isSameFunction(handler, functionAt(debuggee, hart.pc, hart.bare));
}

/** Where there are no tasks yet, or none that are known, the last trap is the one that is handled. */
function leaveHandler({ index, lastTrap }: TargetHart): Comeback | string {
  if (!lastTrap) return 'Cannot step out: no trap has led here.';
  const { epc, from } = lastTrap;
  return {
    addresses: [epc, epc + 2n, epc + 4n],
    accept: (hart) => hart.index === index && hart.privilege === from,
  };
}

function leaveEntryWindow(run: StepRun, hart: TargetHart): Promise<TargetStop> {
  let left = longestWindow;
  return run.instructions(hart, () => --left <= 0 || !isInEntryWindow(run.debuggee, hart));
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
function leaveTrap(run: StepRun, hart: TargetHart): Promise<TargetStop> {
  const isReturn = () => isTrapReturn(instructionAt(run.debuggee, hart, hart.pc));
  let left = longestWindow;
  let returning = isReturn();
  return run.instructions(hart, () => {
    if (returning || --left <= 0) return true;
    returning = isReturn();
    return false;
  });
}
