/**
 * The kernel has gone where no code of it is: through a pointer that is NULL or stale, a return address that was overwritten, or into text
 * that it has freed. It shows at the trap in which it ends: nothing can be fetched there, or what is there is no instruction. What can be fetched is
 * seen before (`stray.ts`).
 */
import type { TargetHart, Trap } from '../target/target';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';
import { memoryOf } from './harts';
import { formatLocation, locate } from './location';

/** Causes in which it can end: misaligned, access fault, illegal instruction, page fault of a fetch. */
export const fetchTroubles = (1n << 0n) | (1n << 1n) | (1n << 2n) | (1n << 12n);

const [illegalInstruction, instructionPageFault] = [2n, 12n] as const;
const ra = 1;
const pageSize = 4096n;

/** A sentence that says where the pc is and from where it came; `undefined` for code of the kernel, a module or firmware. */
export function wildExecution(debuggee: Debuggee, hart: TargetHart, trap: Trap): string | undefined {
  const { cause, epc, from } = trap;
  if (from === 'user' || turnsMmuOn(trap, debuggee)) return undefined;
  const { kernel } = debuggee;
  const physical = hart.bare || from === 'machine';
  const isText = runsText(debuggee, hart, epc, physical);
  // Kernels and firmware may use instructions to be emulated.
  if (cause === illegalInstruction && (isText || isFirmware(debuggee, epc, physical))) return undefined;
  const link = kernel.linkAddress(epc, physical).address;
  const isFreed = isText && kernel.initFreed && kernel.isInitText(link);
  const place =
    epc < pageSize
      ? `the kernel jumped to ${hex(epc)}: it called through a NULL pointer`
      : isFreed
        ? freed(debuggee, epc, physical)
        : isText
          ? `${formatLocation(locate(debuggee, epc, { bare: physical }))} cannot be executed`
          : outside(epc);
  return `Wild execution: ${place}; ${lastCall(debuggee, hart, physical)}.`;
}

export const outside = (pc: bigint): string =>
  `pc ${hex(pc)} lies outside all text of the kernel and its modules`;

export const freed = (debuggee: Debuggee, pc: bigint, bare: boolean): string =>
  `${formatLocation(locate(debuggee, pc, { bare }))} is init text, which the kernel has freed`;

function isFirmware({ firmware }: Debuggee, pc: bigint, bare: boolean): boolean {
  return bare && firmware.some(({ start, end }) => pc >= start && pc < end);
}

function runsText({ kernel }: Debuggee, hart: TargetHart, pc: bigint, bare: boolean): boolean {
  return kernel.runsKernelText(pc, bare) || kernel.runsModuleText(pc, memoryOf(hart));
}

/** What ra tells: neither a trap nor a jump has changed it. */
export function lastCall(debuggee: Debuggee, hart: TargetHart, bare: boolean): string {
  const from = hart.getX(ra);
  if (!runsText(debuggee, hart, from, bare)) return `ra is ${hex(from)}, which is no kernel text either`;
  return `the last call came from ${formatLocation(locate(debuggee, from, { bare, isReturnAddress: true }))} (ra)`;
}

/**
 * The fetch after `csrw satp` in `relocate_enable_mmu` faults on purpose (Linux 7.3 head.S): pc is still physical, and stvec
 * holds the virtual address of the next line.
 */
export function turnsMmuOn({ cause, epc, tval, from }: Trap, { kernel }: Debuggee): boolean {
  return (
    cause === instructionPageFault &&
    from !== 'user' &&
    epc === tval &&
    kernel.linkAddress(epc, true).physical
  );
}
