/**
 * Exception breakpoint filters: the rows that a client shows for what stops the machine beside breakpoints. They are few, because a client
 * shows all of them all the time; the condition of a row tells more (`catch-condition.ts`).
 */
import {
  anyCall,
  calls,
  interrupts,
  kernelExceptions,
  kernelReports,
  stackChecks,
  unhandledTraps,
  userExceptions,
  wildExecutions,
  type Catchable,
} from '../../debugger/catchables';

export interface ExceptionFilter {
  readonly filter: string;
  readonly label: string;
  readonly description: string;
  /** What to write as a condition, shown where it is typed. */
  readonly conditionDescription: string;
  readonly catchables: readonly Catchable[];
}

/** In the order in which the client shows them. */
export const exceptionFilters: readonly ExceptionFilter[] = [
  {
    filter: 'kernelExceptions',
    label: 'Exceptions in the kernel',
    description:
      'Stops at the trap handler for every exception from S-mode or M-mode but environment calls. With a condition: for these causes only.',
    conditionDescription: 'Causes, an expression, or both: load page fault, 15 if $tval < 4096',
    catchables: kernelExceptions,
  },
  {
    filter: 'userExceptions',
    label: 'Exceptions in user mode',
    description:
      'Stops at the trap handler for every exception from user mode but system calls. With a condition: for these causes only.',
    conditionDescription:
      'Causes, an expression, or both: illegal instruction, page faults if $epc > 0x10000',
    catchables: userExceptions,
  },
  {
    filter: 'systemCalls',
    label: 'System calls',
    description:
      'Stops at the trap handler for every ecall from user mode. With a condition: for these system calls only.',
    conditionDescription: 'Names or numbers, an expression, or both: openat, write if $a2 > 4096',
    catchables: [anyCall, ...calls],
  },
  {
    filter: 'interrupts',
    label: 'Interrupts',
    description:
      'Stops at the trap handler for every interrupt that is taken. With a condition: for these only.',
    conditionDescription: 'Names or numbers, an expression, or both: timer if $hart == 1',
    catchables: interrupts,
  },
  {
    filter: 'kernelReports',
    label: 'Kernel panic, oops, BUG and WARN',
    description:
      'Stops where the kernel panics or prints an oops, with the message that it is about to print, and at the trap of a BUG() or WARN(), with its line.',
    conditionDescription: 'Some of panic, oops, BUG, WARN, an expression, or both',
    catchables: kernelReports,
  },
  {
    filter: 'wildExecution',
    label: 'Wild execution',
    description:
      'Stops before the kernel executes what is none of its code: data, a stack, freed init text. Where nothing can be fetched, as at NULL, it stops at the trap handler.',
    conditionDescription:
      'An expression: pc is where it has gone, or $epc if that has trapped: pc > 0x80010000 || $epc < 4096',
    catchables: wildExecutions,
  },
  {
    filter: 'unhandledTraps',
    label: 'Traps that nobody handles',
    description:
      'Stops when stvec or mtvec leads nowhere, when the first instruction of the trap handler traps again and again, and when a trap parks a hart for ever.',
    conditionDescription: 'Some of no handler, trap loop, parked',
    catchables: unhandledTraps,
  },
  {
    filter: 'stackChecks',
    label: 'Damaged stack at a trap of the kernel',
    description:
      'Stops at the trap handler when the stack that an exception or interrupt finds in the kernel cannot be unwound to FINAL, has a metadata record with a reserved type (R6), or an overwritten return address or record (needs "recordCalls": true in launch.json).',
    conditionDescription: 'What to look for: cannot unwind, reserved type, overwritten record',
    catchables: stackChecks,
  },
];
