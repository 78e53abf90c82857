/** `stack --json`: the shape that other programs rely on; ARCHITECTURE.md, "Contracts". */
import type { CallStack, StackRow } from '../debugger/api';
import { hex } from '../unwind/hex';

export type StopReason = 'breakpoint' | 'limit' | 'waiting' | 'exit';

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
    frames: rows.filter((row) => row.kind === 'frame').map(frameJson),
    end: { kind: end.kind, rule: end.rule, reason: end.reason },
    reliable,
  };
}

/** What is not known is null. `stack` is `task`, `irq` or `overflow`. */
function frameJson({ frame, location }: Extract<StackRow, { kind: 'frame' }>): object {
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
