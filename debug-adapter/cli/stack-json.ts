/** `stack --json`: the shape that other programs rely on; ARCHITECTURE.md, "Contracts". */
import type { CallStack, FrameRow, StackRow } from '../debugger/api';
import { hex } from '../unwind/hex';

type StopReason = 'breakpoint' | 'limit' | 'waiting' | 'exit';

export interface StackReport {
  readonly reason: StopReason;
  readonly hart: number;
  readonly pc: bigint;
  readonly stacks: readonly CallStack[];
}

export function stackJson({ reason, hart, pc, stacks }: StackReport): string {
  return JSON.stringify({ reason, hart, pc: hex(pc), walks: stacks.map(walkJson) });
}

function walkJson({ walk, rows }: CallStack): object {
  const { kind, end, reliable } = walk;
  return {
    kind,
    frames: framesJson(rows),
    end: { kind: end.kind, rule: end.rule, reason: end.reason },
    reliable,
  };
}

/** The frames of the walk, each with the functions that were inlined there, if any. `line` is that of the pc in any case. */
function framesJson(rows: readonly StackRow[]): object[] {
  const frames: object[] = [];
  let inlined: Extract<StackRow, { kind: 'inlined' }>[] = [];
  for (const row of rows) {
    if (row.kind === 'inlined') inlined.push(row);
    if (row.kind !== 'frame') continue;
    const functions = inlined.map(({ name, callSite }) => ({
      function: name,
      callFile: callSite?.file ?? null,
      callLine: callSite?.line ?? null,
    }));
    const walked = frameJson(inlined[0]?.in ?? row);
    frames.push(functions.length > 0 ? { ...walked, inlined: functions } : walked);
    inlined = [];
  }
  return frames;
}

/** What is not known is null. `stack` is `task`, `irq` or `overflow`. */
function frameJson({ frame, location }: FrameRow): object {
  const known = location.symbol !== undefined;
  return {
    pc: hex(frame.pc),
    symbol: location.symbol ?? null,
    offset: known ? location.offset : null,
    size: known ? location.size : null,
    file: location.source?.file ?? null,
    line: location.source?.line ?? null,
    mark: frame.mark,
    stack: frame.stack?.kind ?? null,
  };
}
