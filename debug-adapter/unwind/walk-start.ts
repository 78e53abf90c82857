/** The first frame of a walk (R1), and the rows whose registers are all known, as its are. */
import { stackOfFrame } from './frame-stack';
import { noRegisters, OnlyFp } from './registers';
import type { Frame, KnownRegisters, WalkInput } from './types';

export function startFrame(input: WalkInput): Frame {
  const { start, stacks } = input;
  const frame = { pc: start.pc, fp: start.fp, rule: 'R1' };
  switch (start.kind) {
    case 'registers':
      return {
        ...frame,
        mark: 'C',
        isReturnAddress: false,
        stack: stackOfFrame(stacks, start),
        origin: { kind: 'live' },
        registers: noRegisters,
        reason: 'pc and s0 of the hart',
      };
    case 'blocked':
      return {
        ...frame,
        mark: 'T',
        isReturnAddress: start.isReturnAddress,
        stack: stackOfFrame(stacks, start),
        origin: { kind: 'thread' },
        registers: start.registers ?? new OnlyFp(start.fp),
        reason: 'pc and s0 from thread.ra and thread.s[0] of the blocked task',
      };
    case 'user':
      return {
        ...frame,
        mark: 'C',
        isReturnAddress: false,
        stack: undefined,
        origin: { kind: 'live' },
        registers: noRegisters,
        reason: 'pc of the hart, which is in user mode',
      };
  }
}

/** x1 to x31 at the pc of a row, of a live one and behind an exception; `undefined` for all others. */
export function certainRegisters(
  { origin, mark, registers }: Frame,
  { start }: WalkInput,
): KnownRegisters | undefined {
  if (origin.kind === 'live' && start.kind === 'registers') return start.registers;
  return mark === 'P' ? registers : undefined;
}
