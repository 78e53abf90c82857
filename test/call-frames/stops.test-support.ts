/** The walk by call frame information of a debuggee that has stopped. */
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { callFrameStep } from '../../debug-adapter/debugger/call-frame-step';
import { hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { locate } from '../../debug-adapter/debugger/location';
import type { WalkContext } from '../../debug-adapter/kernel/api';
import type { TargetHart } from '../../debug-adapter/target/target';
import { walkCfi } from '../../debug-adapter/unwind/cfi-walk';
import type { WalkInput, WalkResult } from '../../debug-adapter/unwind/types';

export function cfiInput(debuggee: Debuggee, context: WalkContext, hart: TargetHart): WalkInput {
  const { kernel, program } = debuggee;
  const { start, stacks, task, layout } = context;
  const [memory, bare] = [memoryOf(hart), hart.bare];
  return {
    start,
    memory,
    stacks,
    layout,
    finalRecord: task?.finalRecord,
    ptRegs: task?.ptRegs,
    isKernelText: (pc) => kernel.runsKernelText(pc, bare),
    isExceptionEntry: (pc) => kernel.isExceptionEntry(pc),
    isExceptionCode: (pc) => kernel.isExceptionCode(pc),
    stepByCfi: callFrameStep({ callFrames: program.callFrames!, kernel, bare, memory, stacks }),
  };
}

export function cfiWalk(debuggee: Debuggee, hart: TargetHart): WalkResult {
  const context = debuggee.kernel.hartContext(hartState(hart), memoryOf(hart));
  return walkCfi(cfiInput(debuggee, context, hart));
}

/** `handle_mm_fault+0x12 (P)`, a line for each row, and how it ended. */
export function describeWalk(debuggee: Debuggee, hart: TargetHart, { frames, end }: WalkResult): string {
  const rows = frames.map(({ pc, mark, isReturnAddress, stack }) => {
    const { symbol, offset } = locate(debuggee, pc, { bare: hart.bare, isReturnAddress });
    return `${symbol}+0x${offset.toString(16)} (${mark}) ${stack?.kind}`;
  });
  return [...rows, `${end.kind} ${end.rule}: ${end.reason}`].join('\n');
}
