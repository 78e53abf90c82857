/** The walks of Linux beside what happened, at each instruction of some of its functions. */
import assert from 'node:assert/strict';
import { assertGolden } from '../golden';
import { linuxInitrd, linuxKernel } from '../linux/linux.test-support';
import { sweep, type Functions } from './sweep.test-support';

const functions: Functions = {
  'head.S': ['_start', '_start_kernel', 'relocate_enable_mmu', 'secondary_start_sbi'],
  'entry.S': [
    ...['handle_exception', 'ret_from_exception', 'ret_from_fork_kernel_asm', 'ret_from_fork_user_asm'],
    ...['call_on_irq_stack', '__switch_to'],
  ],
  'other assembly': ['__memset', 'fallback_scalar_usercopy_sum_enabled'],
  'compact leaves': ['set_task_stack_end_magic', 'riscv_hartid_to_cpuid', '__sbi_base_ecall', '__sbi_ecall'],
  variadic: ['_printk', 'snprintf'],
  'without return': ['start_kernel', 'cpu_startup_entry', 'do_exit'],
  'shrink-wrapped': ['__rcu_read_unlock', 'resched_curr', 'mmput', '__put_cred'],
  'ordinary C': [
    ...[
      'setup_vm',
      'do_trap_ecall_u',
      'do_irq',
      'handle_riscv_irq',
      'do_page_fault',
      'schedule',
      'ksys_write',
    ],
    ...['hrtimer_interrupt', 'fixup_exception'],
  ],
};

for (const [build, name] of [
  ['metadata', 'metadata'],
  ['stock', 'legacy'],
] as const) {
  describe(`walks of Linux (${build}), at each instruction`, function () {
    this.timeout(300_000);

    it('are what happened, but for the windows listed', async function () {
      const program = linuxKernel(this, build);
      // Where the kernel puts a user's stack is a matter of time.
      const machine = { smp: 2, memory: '256M', maxInstructions: 300_000_000 };
      const options = { ...machine, program, initrd: linuxInitrd, append: 'console=ttyS0 norandmaps' };
      const { text, stops, executed } = await sweep(options, functions);
      assert.ok(executed > 1000 && stops > 2 * executed, `${stops} stops at ${executed} instructions`);
      assertGolden(`windows/linux-${name}`, text);
    });
  });
}
