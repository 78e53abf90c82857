/** Which walk unwinds a stack, and with what (docs/unwinder-rules.md). */
import type { WalkContext } from '../kernel/api';
import type { CallChain, TargetHart } from '../target/target';
import { walkCfi } from '../unwind/cfi-walk';
import { walkLegacy } from '../unwind/legacy-walk';
import { walkMetadata } from '../unwind/metadata-walk';
import { walkTrue } from '../unwind/true-walk';
import type { ReadMemory, WalkInput, WalkKind, WalkResult } from '../unwind/types';
import type { Debuggee } from './api';
import { callFrameStep } from './call-frame-step';
import { callsBefore } from './calls-before';
import { memoryOfWalk } from './harts';

/**
 * `default`: what fits the kernel, metadata with R11 or legacy. Every other one is as its rules say: `metadata` without R11, which the
 * kernel does not have.
 */
export type WalkChoice = 'default' | WalkKind;

export const walkChoices: readonly WalkChoice[] = ['default', 'metadata', 'legacy', 'cfi', 'true'];

/** Those that tell something of this program in this machine, for a comparison. */
export function availableWalks({ kernel, program, target }: Debuggee): readonly WalkKind[] {
  return [
    ...(kernel.hasMetadata ? (['metadata'] as const) : []),
    'legacy',
    ...(program.callFrames ? (['cfi'] as const) : []),
    ...(target.harts.some(({ callChain }) => callChain) ? (['true'] as const) : []),
  ];
}

/** Never throws (R19). `hart` is the one whose memory is read, by `memory`. */
export function walkBy(
  choice: WalkChoice,
  debuggee: Debuggee,
  context: WalkContext,
  hart: TargetHart,
  memory: ReadMemory = memoryOfWalk(hart),
): WalkResult {
  const input = walkInput(debuggee, context, memory, hart);
  const withCfi = { ...input, ...stepByCfi(debuggee, context, memory, hart) };
  switch (choice) {
    case 'default':
      return debuggee.kernel.hasMetadata ? walkMetadata(withCfi) : walkLegacy(input);
    case 'metadata':
      return walkMetadata(input);
    case 'legacy':
      return walkLegacy(input);
    case 'cfi':
      return walkCfi(withCfi);
    case 'true':
      return walkTrue(input, recordedChain(debuggee, context, hart));
  }
}

function walkInput(
  { kernel, target }: Debuggee,
  context: WalkContext,
  memory: ReadMemory,
  hart: TargetHart,
): WalkInput {
  const { start, stacks, task, layout, note, isModuleText, originalReturns } = context;
  return {
    start,
    memory,
    stacks,
    finalRecord: task?.finalRecord,
    ptRegs: task?.ptRegs,
    layout,
    isKernelText: (pc) => kernel.runsKernelText(pc, hart.bare) || isModuleText(pc),
    isExceptionEntry: (pc) => kernel.isExceptionEntry(pc),
    isExceptionCode: (pc) => kernel.isExceptionCode(pc),
    callsBefore: (returnAddress) => callsBefore(target, hart, returnAddress),
    originalReturns,
    note,
  };
}

function stepByCfi(
  { kernel, program: { callFrames } }: Debuggee,
  { stacks }: WalkContext,
  memory: ReadMemory,
  hart: TargetHart,
): Pick<WalkInput, 'stepByCfi'> {
  if (!callFrames) return {};
  return {
    stepByCfi: callFrameStep({ callFrames, kernel, bare: hart.bare, memory, stacks }),
  };
}

function recordedChain(
  { target }: Debuggee,
  { start }: WalkContext,
  hart: TargetHart,
): CallChain | undefined {
  return start.kind === 'blocked' ? target.suspendedChain(start.sp) : hart.callChain;
}
