/** What the demo shows: places in the sample kernel's head.S and entry.S, and what is to be seen there. */
import type { LaunchOptions } from '../debugger/api';

export interface Situation {
  readonly title: string;
  /** One or two sentences about what the call stack shows. */
  readonly lesson: string;
  readonly spec: string;
  /** Hits of the breakpoint until the situation is reached; the machine is deterministic. */
  readonly hit: number;
  readonly machine?: Pick<LaunchOptions, 'smp' | 'append'>;
}

export const situations: readonly Situation[] = [
  {
    title: 'head.S, before the MMU is on',
    lesson:
      'The kernel runs at physical addresses, and its symbols are found there all the same. No frame record has been written, so there is nothing to walk.',
    spec: 'relocate_enable_mmu',
    hit: 1,
  },
  {
    title: 'entry.S, a kernel thread’s first instruction',
    lesson:
      'copy_thread left a FINAL record for it: the walk ends at once, for a good reason, instead of running into whatever lies there.',
    spec: 'ret_from_fork_kernel_asm',
    hit: 1,
  },
  {
    title: 'entry.S, a system call',
    lesson: 'handle_exception wrote a FINAL record, because status.SPP said: from user mode.',
    spec: 'sys_getpid',
    hit: 1,
  },
  {
    title: 'entry.S, an interrupt on the IRQ stack, in a page fault, in a system call',
    lesson:
      'Two PT_REGS records carry the walk over the exception boundaries, and an ordinary one of call_on_irq_stack back to the task stack. The rows marked (P) are the instructions that were interrupted; the one marked (L) is a caller that was in ra alone.',
    spec: 'pager_interrupt',
    hit: 1,
  },
  {
    title: 'entry.S, a kernel stack overflow',
    lesson:
      'handle_kernel_stack_overflow has moved to the overflow stack and written a record there: the walk goes on to the stack that was full.',
    spec: 'handle_bad_stack',
    hit: 1,
    machine: { append: 'overflow' },
  },
  {
    title: 'head.S, a secondary hart',
    lesson: 'secondary_start_sbi pointed s0 at the FINAL record of the idle task before it called C.',
    spec: 'smp_callin',
    hit: 1,
    machine: { smp: 2 },
  },
];
