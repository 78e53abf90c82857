/** The walks of the sample kernels beside what happened, at each instruction of some of their functions. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { assertGolden } from '../golden';
import { sweep, type Functions } from './sweep.test-support';

const functions: Functions = {
  'head.S': ['_start', '_start_kernel', 'relocate_enable_mmu', 'secondary_start_sbi'],
  'entry.S': [
    ...['handle_exception', 'ret_from_exception', 'ret_from_fork_kernel_asm', 'ret_from_fork_user_asm'],
    ...['call_on_irq_stack', '__switch_to'],
  ],
  'leaves without a frame': ['__asm_copy_from_user', '__asm_copy_to_user'],
  'compact leaves': ['tour_compact_leaf', 'memset', 'strlen', 'finish_task_switch'],
  variadic: ['printk'],
  'without return': ['start_kernel', 'cpu_startup_entry', 'do_exit'],
  'ordinary C': [
    ...['setup_vm', 'do_irq', 'handle_riscv_irq', 'do_page_fault', 'do_trap_ecall_u', 'do_trap_break'],
    ...['schedule', 'tour_kernel', 'tour_wait_for_timer', 'sys_write', 'copy_process'],
  ],
};

describe('walks of the sample kernels, at each instruction', function () {
  this.timeout(120_000);

  for (const name of ['metadata', 'legacy'] as const) {
    it(`are what happened, but for the windows listed (${name})`, async () => {
      const program = join(import.meta.dirname, `../../sample-kernel/prebuilt/sample-${name}.elf`);
      const machine = { smp: 2, memory: '128M', maxInstructions: 100_000_000 };
      const { text, stops, executed } = await sweep({ ...machine, program }, functions);
      assert.ok(executed > 700 && stops > 2 * executed, `${stops} stops at ${executed} instructions`);
      assertGolden(`windows/sample-${name}`, text);
    });
  }
});
