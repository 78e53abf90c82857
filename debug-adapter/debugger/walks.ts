/** Which walk unwinds a stack, and with what (docs/unwinder-rules.md). */
import type { WalkContext } from '../kernel/api';
import type { TargetHart } from '../target/target';
import { walkLegacy } from '../unwind/legacy-walk';
import { walkMetadata } from '../unwind/metadata-walk';
import type { WalkInput, WalkKind, WalkResult } from '../unwind/types';
import type { Debuggee } from './api';
import { memoryOf } from './harts';

/**
 * `default`: what fits the kernel, metadata with R11 or legacy. Every other one is as its rules say: `metadata` without R11, which the
 * kernel does not have.
 */
export type WalkChoice = 'default' | WalkKind;

export const walkChoices: readonly WalkChoice[] = ['default', 'metadata', 'legacy'];

/** Those that can be made of this program, for a comparison. */
export function availableWalks(): readonly WalkKind[] {
  return walkChoices.filter((choice) => choice !== 'default');
}

/** Never throws (R19). `hart` is the one whose memory is read. */
export function walkBy(
  choice: WalkChoice,
  debuggee: Debuggee,
  context: WalkContext,
  hart: TargetHart,
): WalkResult {
  const input = walkInput(debuggee, context, hart);
  const kind = choice !== 'default' ? choice : debuggee.kernel.hasMetadata ? 'metadata' : 'legacy';
  switch (kind) {
    case 'legacy':
      return walkLegacy(input);
    default:
      return walkMetadata(input);
  }
}

function walkInput({ kernel }: Debuggee, context: WalkContext, hart: TargetHart): WalkInput {
  const { start, stacks, task, layout, note } = context;
  return {
    start,
    memory: memoryOf(hart),
    stacks,
    finalRecord: task?.finalRecord,
    ptRegs: task?.ptRegs,
    layout,
    isKernelText: (pc) => kernel.runsKernelText(pc, hart.bare),
    isExceptionEntry: (pc) => kernel.isExceptionEntry(pc),
    isExceptionCode: (pc) => kernel.isExceptionCode(pc),
    note,
  };
}
