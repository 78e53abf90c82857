/** How a walk ended, in words: what FINAL means for this task, or the rule that was broken. */
import type { WalkContext } from '../kernel/api';
import { hex } from '../unwind/hex';
import { isFromUser, readPtRegs, type PtRegs } from '../unwind/pt-regs';
import { causeName, hasFaultAddress, isInterrupt } from '../unwind/trap-cause';
import type { ReadMemory, WalkResult } from '../unwind/types';

const userEnvironmentCall = 8n;
/** The encoding of `ecall` (unpriv, RV32I Base). */
const ecall = 0x00000073;

/** `FINAL: entered from user mode (system call: ecall at 0x…)`, `FINAL: kernel thread`, `R3: …`. */
export function describeEnd(walk: WalkResult, context: WalkContext, memory: ReadMemory): string {
  const { end } = walk;
  if (end.kind === 'error') return `${end.rule}: ${end.reason}`;
  if (walk.kind === 'true') return `FINAL: ${end.reason}`;
  const entry = end.ptRegs === undefined ? undefined : readPtRegs(memory, end.ptRegs, context.layout);
  if (!entry) return 'FINAL';
  if (context.task?.pid === 0) return 'FINAL: boot or idle task of a hart, nothing below it';
  if (!isFromUser(entry)) return 'FINAL: kernel thread';
  return `FINAL: entered from user mode (${describeEntry(entry, context.start.kind === 'blocked' ? undefined : memory)})`;
}

/** `memory` is undefined when the user's address space is not the current one. */
function describeEntry({ epc, cause, badaddr }: PtRegs, memory: ReadMemory | undefined): string {
  if (cause === userEnvironmentCall) {
    const call = memory && ecallAt(epc, memory);
    return call === undefined ? `system call, user pc ${hex(epc)}` : `system call: ecall at ${hex(call)}`;
  }
  // execve clears pt_regs for the new program; with compressed instructions no pc is misaligned, so cause 0 is no trap.
  if (cause === 0n) return `registers of a new program, user pc ${hex(epc)}`;
  if (isInterrupt(cause)) return `${causeName(cause)} at ${hex(epc)}`;
  const fault = hasFaultAddress(cause) && badaddr !== epc ? ` of ${hex(badaddr)}` : '';
  return `${causeName(cause)}${fault} at ${hex(epc)}`;
}

/** The kernel moves epc behind the ecall early in its handler: the instruction itself says whether it did already. */
function ecallAt(epc: bigint, memory: ReadMemory): bigint | undefined {
  return [epc, epc - 4n].find((address) => {
    const bytes = address >= 0n ? memory(address, 4) : undefined;
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === ecall;
  });
}
