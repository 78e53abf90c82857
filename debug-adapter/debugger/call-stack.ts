/** The call stack as it is shown: frames, separators at exception boundaries and stack switches, and how it ended. */
import type { Task, WalkContext } from '../kernel/api';
import type { TargetHart } from '../target/target';
import type { Frame, ReadMemory, WalkResult } from '../unwind/types';
import type { CallStack, Debuggee, StackRow } from './api';
import { describeEnd } from './walk-end';
import { hartOfKernel, hartState, memoryOfWalk } from './harts';
import { formatLocation, locate } from './location';
import { describeTrap } from './traps';
import { userRows } from './user-rows';
import { walkBy, type WalkChoice } from './walks';
import { hex } from '../unwind/hex';

/** The walk from the live registers of a stopped hart. Never throws (R19). */
export function callStack(debuggee: Debuggee, hart: TargetHart, choice: WalkChoice = 'default'): CallStack {
  const memory = memoryOfWalk(hart);
  return present(debuggee, debuggee.kernel.hartContext(hartState(hart), memory), hart, memory, choice);
}

/** The walk of a task that runs on no hart (R1, blocked). Never throws (R19). */
export function blockedStack(debuggee: Debuggee, task: Task, choice: WalkChoice = 'default'): CallStack {
  const hart = hartOfKernel(debuggee);
  const memory = memoryOfWalk(hart);
  return present(debuggee, debuggee.kernel.blockedContext(task, memory), hart, memory, choice);
}

function present(
  debuggee: Debuggee,
  context: WalkContext,
  hart: TargetHart,
  memory: ReadMemory,
  choice: WalkChoice,
): CallStack {
  const walk = walkBy(choice, debuggee, context, hart, memory);
  const rows = [
    ...frameRows(debuggee, walk, hart, context),
    endRow(walk, context, memory),
    { kind: 'verdict', text: walk.verdict } as const,
    ...userRows(debuggee, context, walk, memory),
  ];
  return { task: context.task, walk, rows };
}

function frameRows(
  debuggee: Debuggee,
  walk: WalkResult,
  hart: TargetHart,
  context: WalkContext,
): readonly StackRow[] {
  const rows: StackRow[] = [];
  let inner: Frame | undefined;
  for (const frame of walk.frames) {
    if (inner) rows.push(...separators(inner, frame));
    rows.push(frameRow(debuggee, frame, hart, context));
    inner = frame;
  }
  return rows;
}

function frameRow(debuggee: Debuggee, frame: Frame, hart: TargetHart, context: WalkContext): StackRow {
  const location = locate(debuggee, frame.pc, {
    bare: hart.bare,
    isReturnAddress: frame.isReturnAddress,
  });
  if (context.start.kind === 'user') {
    return { kind: 'frame', frame, location, text: `user ${hex(frame.pc)}` };
  }
  const mark = frame.mark === 'C' ? '' : ` (${frame.mark})`;
  return { kind: 'frame', frame, location, text: `${formatLocation(location)}${mark}` };
}

/** What lies between two frames: a change of stack, an exception boundary (R10), both or nothing. */
function separators(inner: Frame, outer: Frame): readonly StackRow[] {
  const { origin } = outer;
  const rows: StackRow[] = [];
  if (inner.stack && outer.stack && inner.stack.low !== outer.stack.low) {
    rows.push(separator(`${stackName[inner.stack.kind]} → ${stackName[outer.stack.kind]}`));
  }
  // PT_REGS records are written for traps from the kernel only; FINAL ones end the walk.
  if (origin.kind === 'pt_regs') {
    const trap = describeTrap(origin.cause, origin.badaddr);
    rows.push(separator(`${trap}, from kernel, pt_regs at ${hex(origin.address)}`));
  } else if (origin.kind === 'recorded' && origin.trap) {
    rows.push(separator(`${describeTrap(origin.trap.cause, origin.trap.tval)}, from kernel`));
  }
  return rows;
}

const stackName = { task: 'task stack', irq: 'IRQ stack', overflow: 'overflow stack' } as const;

function separator(text: string): StackRow {
  return { kind: 'separator', text: `── ${text} ──` };
}

function endRow(walk: WalkResult, context: WalkContext, memory: ReadMemory): StackRow {
  const ok = walk.end.kind === 'final';
  return { kind: 'end', text: describeEnd(walk, context, memory), rule: walk.end.rule, ok };
}
