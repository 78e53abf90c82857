/**
 * The traps that a client can ask to stop at: exception breakpoint filters, each with the causes that it stands for
 * (priv 1.13 §4.1.8; bit n of a mask is cause n).
 */
import { isInterrupt } from '../../unwind/trap-cause';
import {
  cannotUnwind,
  overwrittenRecord,
  parked,
  reservedType,
  type StackCheck,
} from '../../debugger/stack-checks';
import type { Trap, TrapFilter } from '../../target/target';

const causes = (...codes: number[]): bigint => codes.reduce((mask, code) => mask | (1n << BigInt(code)), 0n);

const none = 0n;
const all = (1n << 64n) - 1n;
const environmentCalls = causes(8, 9, 10, 11);
const faults = all & ~environmentCalls;
const pageFaults = causes(12, 13, 15);
const illegalInstruction = causes(2);

export interface ExceptionFilter extends TrapFilter {
  readonly filter: string;
  readonly label: string;
  readonly description: string;
  /** Stops only at traps for which this finds something to say. */
  readonly check?: StackCheck;
  /** The check can find something only if the launch configuration has `recordCalls`. */
  readonly needsRecordedCalls?: true;
}

const anyFromKernel = { exceptionsFromKernel: all, exceptionsFromUser: none, interrupts: all } as const;

/** In the order in which the client shows them. */
export const exceptionFilters: readonly ExceptionFilter[] = [
  {
    filter: 'kernelPageFaults',
    label: 'Page faults in the kernel',
    description: 'Stops at the trap handler when code in S-mode or M-mode takes a page fault.',
    exceptionsFromKernel: pageFaults,
    exceptionsFromUser: none,
    interrupts: none,
  },
  {
    filter: 'kernelExceptions',
    label: 'All exceptions in the kernel',
    description: 'Stops at the trap handler for every exception from S-mode or M-mode but environment calls.',
    exceptionsFromKernel: faults,
    exceptionsFromUser: none,
    interrupts: none,
  },
  {
    filter: 'illegalInstructions',
    label: 'Illegal instructions',
    description: 'Stops at the trap handler when any code executes an illegal instruction.',
    exceptionsFromKernel: illegalInstruction,
    exceptionsFromUser: illegalInstruction,
    interrupts: none,
  },
  {
    filter: 'userExceptions',
    label: 'All exceptions in user mode',
    description: 'Stops at the trap handler for every exception from user mode but system calls.',
    exceptionsFromKernel: none,
    exceptionsFromUser: faults,
    interrupts: none,
  },
  {
    filter: 'systemCalls',
    label: 'System calls',
    description: 'Stops at the trap handler for every ecall from user mode.',
    exceptionsFromKernel: none,
    exceptionsFromUser: environmentCalls,
    interrupts: none,
  },
  {
    filter: 'interrupts',
    label: 'Interrupts',
    description: 'Stops at the trap handler for every interrupt that is taken.',
    exceptionsFromKernel: none,
    exceptionsFromUser: none,
    interrupts: all,
  },
  {
    filter: 'cannotUnwind',
    label: 'Stack cannot be unwound at a trap of the kernel',
    description:
      'Stops at the trap handler when the stack that an exception or interrupt has interrupted in the kernel cannot be unwound to FINAL.',
    ...anyFromKernel,
    check: cannotUnwind,
  },
  {
    filter: 'reservedType',
    label: 'Metadata record with a reserved type',
    description:
      'Stops at the trap handler when the walk of the interrupted stack comes to a metadata record whose type is neither FINAL nor PT_REGS (R6).',
    ...anyFromKernel,
    check: reservedType,
  },
  {
    filter: 'overwrittenRecord',
    label: 'Frame record overwritten on an active chain',
    description:
      'Stops at the trap handler when a saved return address or a metadata record of the interrupted stack is not what was put there. Needs "recordCalls": true in launch.json.',
    ...anyFromKernel,
    check: overwrittenRecord,
    needsRecordedCalls: true,
  },
  {
    filter: 'parked',
    label: 'Trap before there is a handler (.Lsecondary_park)',
    description:
      'Stops when a trap parks a hart for ever, as it does in head.S while stvec is .Lsecondary_park.',
    ...anyFromKernel,
    check: parked,
  },
];

/** What the target has to stop at so that every one of these filters is served; `undefined` for none. */
export function unionOf(filters: readonly ExceptionFilter[]): TrapFilter | undefined {
  if (filters.length === 0) return undefined;
  const union = (mask: (filter: ExceptionFilter) => bigint): bigint =>
    filters.reduce((sum, filter) => sum | mask(filter), none);
  return {
    exceptionsFromKernel: union((filter) => filter.exceptionsFromKernel),
    exceptionsFromUser: union((filter) => filter.exceptionsFromUser),
    interrupts: union((filter) => filter.interrupts),
  };
}

/** Whether a trap is one of those that the filter stands for. */
export function covers(filter: TrapFilter, trap: Trap): boolean {
  const code = trap.cause & 63n;
  const mask = isInterrupt(trap.cause)
    ? filter.interrupts
    : trap.from === 'user'
      ? filter.exceptionsFromUser
      : filter.exceptionsFromKernel;
  return ((mask >> code) & 1n) === 1n;
}
