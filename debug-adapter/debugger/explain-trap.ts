/** What a trap is and means, for somebody who has stopped at it. */
import { systemCallName } from '../kernel/system-calls';
import type { TargetHart, Trap } from '../target/target';
import { hex } from '../unwind/hex';
import { causeName, hasFaultAddress, isInterrupt } from '../unwind/trap-cause';
import type { Debuggee } from './api';
import { instructionAt } from './code';
import { faultReason } from './fault-walk';
import { hartState, memoryOf } from './harts';
import { formatLocation, locate } from './location';
import { sbiCallName } from './sbi-calls';
import { explainCause } from './trap-meaning';
import { turnsMmuOn, wildExecution } from './wild-execution';

export interface TrapExplanation {
  /** `Exception: load page fault`, `WARN at mm/memory.c:6817`. */
  readonly title: string;
  /** A few sentences: cause, epc, tval, from which privilege, what it means, what the kernel will do. */
  readonly text: string;
}

const [breakpoint, userCall, supervisorCall] = [3n, 8n, 9n] as const;
const [a6, a7] = [16, 17] as const;
const csr = { stvec: 0x105, mtvec: 0x305 } as const;
const pageSize = 4096n;

export function explainTrap(trap: Trap, debuggee: Debuggee): TrapExplanation {
  const { cause, epc, tval, from, to } = trap;
  const mmuOn = turnsMmuOn(trap, debuggee);
  const hart = debuggee.target.harts[trap.hart]!;
  // What was fetched from a physical address can only have been interrupted before the MMU was on.
  const at = formatLocation(locate(debuggee, epc, { bare: mmuOn || from === 'machine' }));
  const name = causeName(cause);
  const where = `at ${at} (epc ${hex(epc)}), from ${from} mode into ${to} mode`;
  if (mmuOn) {
    return {
      title: 'MMU on',
      text: `MMU on: ${name} ${where}. Not an error: the kernel has just written satp, and this fault takes it to its virtual addresses.`,
    };
  }
  const value = hasFaultAddress(cause)
    ? ` of ${hex(tval)}`
    : tval === 0n || tval === epc
      ? ''
      : ` (tval ${hex(tval)})`;
  const stray = isInterrupt(cause) || !isFresh(trap, hart) ? undefined : wild(trap, hart, debuggee);
  const sentences = [
    ...(stray === undefined ? [] : [stray]),
    `${name}${value} ${where}`,
    (isFresh(trap, hart) ? faultReason(trap, hart, debuggee) : undefined) ??
      explainCause(cause).replace(/\.$/, ''),
    ...(isInterrupt(cause) ? [] : details(trap, hart, debuggee)),
    ...task(hart, debuggee),
  ];
  return { title: titleOf(trap, debuggee), text: `${sentences.join('. ')}.` };
}

function titleOf({ cause, epc, from }: Trap, { kernel }: Debuggee): string {
  const bug = cause === breakpoint && from !== 'user' ? kernel.bugAt(epc) : undefined;
  if (!bug) return `${isInterrupt(cause) ? 'Interrupt' : 'Exception'}: ${causeName(cause)}`;
  return bug.file === undefined ? bug.kind : `${bug.kind} at ${bug.file}:${bug.line ?? 0}`;
}

/** Sentences without their full stops. */
function details(trap: Trap, hart: TargetHart, debuggee: Debuggee): readonly string[] {
  return [
    instruction(trap, hart, debuggee),
    address(trap, debuggee),
    isFresh(trap, hart) ? call(trap, hart) : undefined,
    bugText(trap, debuggee),
    fixup(trap, debuggee),
  ].filter((sentence) => sentence !== undefined);
}

/** The hart stands where the trap has brought it, with the registers that it had. */
function isFresh({ to, cause }: Trap, hart: TargetHart): boolean {
  const vector = hart.getCsr(to === 'machine' ? csr.mtvec : csr.stvec);
  if (vector === undefined) return false;
  const base = vector & ~3n;
  return hart.pc === base || ((vector & 1n) === 1n && hart.pc === base + 4n * (cause & 63n));
}

function instruction({ epc, cause }: Trap, hart: TargetHart, debuggee: Debuggee): string | undefined {
  if (cause === 12n || cause === 1n) return undefined;
  const found = instructionAt(debuggee, hart, epc);
  return found && `The instruction is '${found.text}'`;
}

/** What is at the address of a fault. */
function address({ cause, tval, epc, from }: Trap, { kernel, program }: Debuggee): string | undefined {
  if (!hasFaultAddress(cause) || tval === epc) return undefined;
  if (tval < pageSize) {
    return `The address is that of a NULL pointer${tval === 0n ? '' : `, ${hex(tval)} bytes on`}`;
  }
  if (from === 'user' && kernel.bootOffset !== 0n && kernel.isKernelAddress(tval)) {
    return `${hex(tval)} is in the kernel's half of the address space`;
  }
  const link = kernel.linkAddress(tval, false).address;
  const symbol = program.symbols.at(link);
  return symbol && `${hex(tval)} is ${symbol.name}+${hex(link - symbol.address)}`;
}

function call({ cause, from }: Trap, hart: TargetHart): string | undefined {
  const number = hart.getX(a7);
  if (cause === userCall) return `The system call is ${systemCallName(number) ?? 'unknown'} (a7 = ${number})`;
  if (cause !== supervisorCall || from !== 'supervisor') return undefined;
  return `The call to the firmware is ${sbiCallName(number, hart.getX(a6))}`;
}

function wild(trap: Trap, hart: TargetHart, debuggee: Debuggee): string | undefined {
  const { epc, cause, from } = trap;
  if (from === 'user') {
    const { kernel } = debuggee;
    const jumped = cause === 12n && kernel.bootOffset !== 0n && kernel.isKernelAddress(epc);
    return jumped ? "User mode jumped to an address in the kernel's half" : undefined;
  }
  return isFetchTrouble(cause) ? wildExecution(debuggee, hart, trap)?.replace(/\.$/, '') : undefined;
}

const isFetchTrouble = (cause: bigint): boolean => [0n, 1n, 2n, 12n].includes(cause);

function bugText({ cause, epc, from }: Trap, { kernel }: Debuggee): string | undefined {
  if (cause !== breakpoint || from === 'user') return undefined;
  if (!kernel.knowsBugs) return undefined;
  const bug = kernel.bugAt(epc);
  if (!bug) return "It is none of the kernel's BUG() and WARN()";
  return bug.kind === 'WARN'
    ? 'It is a WARN(): the kernel prints a warning and goes on behind it'
    : 'It is a BUG(): the kernel prints an oops and kills the task, or panics';
}

/** The kernel goes on elsewhere, if it cannot mend the fault. */
function fixup({ epc, from, tval }: Trap, debuggee: Debuggee): string | undefined {
  if (from === 'user') return undefined;
  const { kernel } = debuggee;
  const to = kernel.fixupOf(epc);
  if (to === undefined) return undefined;
  const where = formatLocation(locate(debuggee, to, { bare: false }));
  const isUser = kernel.bootOffset !== 0n && !kernel.isKernelAddress(tval);
  return `The kernel expects this instruction to fault: if the page cannot be brought in it goes on at ${where}${isUser ? ', and the access to user memory fails (-EFAULT)' : ''}`;
}

function task(hart: TargetHart, { kernel }: Debuggee): readonly string[] {
  if (hart.bare) return [];
  const found = kernel.currentTask(hartState(hart), memoryOf(hart));
  return found ? [`The task is ${found.comm ?? '?'} [${found.pid ?? '?'}]`] : [];
}
