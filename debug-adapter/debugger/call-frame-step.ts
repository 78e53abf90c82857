/** One step by call frame information (R11): a program's table and the machine's memory, joined. */
import type { Kernel } from '../kernel/api';
import type { CallFrameTable } from '../symbols/api';
import { callerRegisters } from '../symbols/dwarf/caller-registers';
import { hex } from '../unwind/hex';
import type { CfiCaller, CfiRefusal, ReadMemory, StackBounds, StepByCfi } from '../unwind/types';

interface CallFrameSource {
  readonly callFrames: CallFrameTable;
  readonly kernel: Pick<Kernel, 'linkAddress'>;
  /** A hart without an MMU: its pc may be a physical address. */
  readonly bare: boolean;
  readonly memory: ReadMemory;
  /** What is saved is read from these only (R3). */
  readonly stacks: readonly StackBounds[];
}

/** The step never throws. */
export function callFrameStep({ callFrames, kernel, bare, memory, stacks }: CallFrameSource): StepByCfi {
  const stackMemory: ReadMemory = (address, length) =>
    stacks.some(({ low, high }) => address >= low && address + BigInt(length) <= high)
      ? memory(address, length)
      : undefined;
  return (pc, isReturnAddress, registers): CfiCaller | CfiRefusal => {
    // A call that never returns may be the last instruction of its function (R17).
    const row = callFrames.at(kernel.linkAddress(isReturnAddress ? pc - 1n : pc, bare).address);
    if (!row) return { kind: 'uncovered', reason: `no call frame information for ${hex(pc)}` };
    const caller = callerRegisters(row, registers, stackMemory);
    if (caller.kind !== 'caller') return { kind: caller.kind, reason: `${caller.reason} (${hex(pc)})` };
    return row.isSignalFrame ? { ...caller, isInterrupted: true } : caller;
  };
}
