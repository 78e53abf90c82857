/** The first frame of a walk (R1). */
import type { Frame, StackBounds, WalkInput, WalkStart } from './types';

export function startFrame(input: WalkInput): Frame {
  const { start, stacks } = input;
  const frame = { pc: start.pc, fp: start.fp, rule: 'R1' };
  switch (start.kind) {
    case 'registers':
      return {
        ...frame,
        mark: 'C',
        isReturnAddress: false,
        stack: stackOf(start, stacks),
        origin: { kind: 'live' },
        registers: new Map(),
        reason: 'pc and s0 of the hart',
      };
    case 'blocked':
      return {
        ...frame,
        mark: 'T',
        isReturnAddress: start.isReturnAddress,
        stack: stackOf(start, stacks),
        origin: { kind: 'thread' },
        registers: start.registers ?? new Map([[8, start.fp]]),
        reason: 'pc and s0 from thread.ra and thread.s[0] of the blocked task',
      };
    case 'user':
      return {
        ...frame,
        mark: 'C',
        isReturnAddress: false,
        stack: undefined,
        origin: { kind: 'live' },
        registers: new Map(),
        reason: 'pc of the hart, which is in user mode',
      };
  }
}

/**
 * The stack that the first frame runs on: the one that sp is in or has emptied, else the one its frame pointer is in.
 * Only for people: the walk itself starts on no stack and takes the one that its first record is in (R4).
 */
function stackOf(start: WalkStart, stacks: readonly StackBounds[]): StackBounds | undefined {
  const inside = (address: bigint) => stacks.find(({ low, high }) => address >= low && address < high);
  const atTop = (address: bigint) => stacks.find(({ high }) => address === high);
  const holding = (address: bigint) => inside(address) ?? atTop(address);
  return (start.kind === 'registers' ? holding(start.sp) : undefined) ?? holding(start.fp);
}
