/** The rows of user code below the end of a kernel's walk. */
import type { WalkContext } from '../kernel/api';
import { hex } from '../unwind/hex';
import { isFromUser, readPtRegs } from '../unwind/pt-regs';
import type { ReadMemory, WalkResult } from '../unwind/types';
import { walkUser, type UserFrame, type UserRegisters } from '../unwind/user-walk';
import type { Debuggee, StackRow } from './api';

const [ra, s0] = [1, 8];

const origins: Readonly<Record<UserFrame['from'], string>> = {
  pc: '',
  ra: ' (in ra: the caller, if ra was live)',
  record: '',
};

/** Empty for a task that waits: its address space is not the one that memory is read in now. */
export function userRows(
  { kernel }: Debuggee,
  { start, layout }: WalkContext,
  { end }: WalkResult,
  memory: ReadMemory,
): readonly StackRow[] {
  if (start.kind === 'blocked') return [];
  const registers = start.kind === 'user' ? live(start) : saved();
  if (!registers) return [];
  const frames = walkUser(registers, memory, (address) => !kernel.isKernelAddress(address));
  // In user mode the first one is the live row already.
  const below = start.kind === 'user' ? frames.slice(1) : frames;
  return below.map(({ pc, from }) => ({ kind: 'user', pc, text: `user ${hex(pc)}${origins[from]}` }));

  function saved(): UserRegisters | undefined {
    if (end.kind !== 'final' || end.ptRegs === undefined) return undefined;
    const regs = readPtRegs(memory, end.ptRegs, layout);
    // A kernel thread has none that any trap has filled in.
    if (!regs || !isFromUser(regs) || regs.epc === 0n) return undefined;
    return { pc: regs.epc, ra: regs.x.get(ra)!, fp: regs.x.get(s0)! };
  }
}

function live({ pc, fp, registers }: Extract<WalkContext['start'], { kind: 'user' }>): UserRegisters {
  return { pc, fp, ra: registers?.get(ra) ?? 0n };
}
