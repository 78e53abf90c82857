/** The walk by call frame information of a debuggee that has stopped. */
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee, LaunchOptions } from '../../debug-adapter/debugger/api';
import { callFrameStep } from '../../debug-adapter/debugger/call-frame-step';
import { hartState, memoryOf } from '../../debug-adapter/debugger/harts';
import { launch } from '../../debug-adapter/debugger/launch';
import { locate } from '../../debug-adapter/debugger/location';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
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

export interface Stop {
  readonly debuggee: Debuggee;
  readonly hart: TargetHart;
  readonly input: WalkInput;
  readonly walk: WalkResult;
}

/** Visits every stop of a run to its end at any of these SPECs; how many there were. */
export async function visitStops(
  options: LaunchOptions,
  specs: readonly string[],
  onStop: (stop: Stop) => void,
): Promise<number> {
  const debuggee = await launch(options, createNodeFiles());
  const { target, kernel } = debuggee;
  const resolutions = await Promise.all(specs.map((spec) => resolveSpec(debuggee, spec)));
  target.setBreakpoints(
    resolutions.flatMap((resolution) => (resolution.kind === 'resolved' ? resolution.armed : [])),
  );
  for (let stops = 0; ; stops++) {
    const stop = await target.run({ kind: 'continue' });
    if (stop.kind !== 'breakpoint') return stops;
    const hart = target.harts[stop.hart]!;
    const input = cfiInput(debuggee, kernel.hartContext(hartState(hart), memoryOf(hart)), hart);
    onStop({ debuggee, hart, input, walk: walkCfi(input) });
  }
}

/** Rows to compare: the pc and mark of each. */
export function rowsOf({ frames }: WalkResult): readonly string[] {
  return frames.map(({ pc, mark }) => `${pc.toString(16)} ${mark}`);
}

/** `handle_mm_fault+0x12 (P)`, a line for each row, and how it ended. */
export function describeWalk(debuggee: Debuggee, hart: TargetHart, { frames, end }: WalkResult): string {
  const rows = frames.map(({ pc, mark, isReturnAddress, stack }) => {
    const { symbol, offset } = locate(debuggee, pc, { bare: hart.bare, isReturnAddress });
    return `${symbol}+0x${offset.toString(16)} (${mark}) ${stack?.kind}`;
  });
  return [...rows, `${end.kind} ${end.rule}: ${end.reason}`].join('\n');
}
