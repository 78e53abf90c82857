/** Situations of Linux 7.3 on two harts that every run meets, whatever the time is. */

export interface LinuxSituation {
  readonly name: string;
  readonly break: string;
  /** The first stop there counts whose chain this finds, where there are several (`QemuStop.where`). */
  readonly where?: string;
  /** Walk the blocked task of this name. */
  readonly task?: string;
}

/** The only exception, or the last one, in which nothing else has been interrupted. */
const interrupt = '^[^:]* call_on_irq_stack do_irq handle_exception';
const bootHart = 'do_idle cpu_startup_entry rest_init start_kernel';
const secondaryHart = 'do_idle cpu_startup_entry smp_callin';

export const linuxSituations: readonly LinuxSituation[] = [
  { name: 'C code before the MMU is on', break: 'setup_vm' },
  { name: 'the first C code with the MMU on', break: 'start_kernel' },
  { name: 'the first instruction of a kernel thread', break: 'ret_from_fork_kernel_asm' },
  { name: 'a secondary hart comes up', break: 'smp_callin' },
  {
    name: 'a timer interrupt on the IRQ stack over idle',
    break: 'tick_nohz_handler',
    where: `${interrupt} P:default_idle_call ${bootHart}`,
  },
  {
    name: 'a timer interrupt on the IRQ stack over a secondary hart’s idle',
    break: 'tick_nohz_handler',
    where: `${interrupt} P:default_idle_call ${secondaryHart}`,
  },
  {
    // For several ticks the boot hart waits for the other one, which measures what misaligned accesses cost.
    name: 'a timer interrupt over code of the kernel',
    break: 'riscv_timer_interrupt',
    where: `${interrupt} P:smp_call_function_many_cond on_each_cpu_cond_mask check_unaligned_access_all_cpus`,
  },
  {
    name: 'an interrupt of another hart over idle',
    break: 'ipi_mux_process',
    where: `${interrupt} P:default_idle_call ${secondaryHart}`,
  },
  { name: 'a kernel thread', break: 'kswapd' },
  { name: 'work in a work queue', break: 'do_populate_rootfs' },
  { name: 'a system call', break: 'ksys_write' },
  {
    name: 'a page fault of user code',
    break: 'handle_mm_fault',
    where: 'do_page_fault handle_exception FINAL',
  },
  {
    name: 'a page fault of kernel code in a system call',
    break: 'handle_mm_fault',
    where: 'P:fallback_scalar_usercopy_sum_enabled .* anon_pipe_read',
  },
  { name: 'the first instruction of a child', break: 'ret_from_fork_user_asm' },
  { name: 'a child, in C', break: 'schedule_tail', where: 'ret_from_fork_user_asm' },
  {
    name: 'a task blocked in reading a pipe',
    break: 'anon_pipe_write',
    task: 'init',
    where: '^__schedule schedule anon_pipe_read',
  },
  {
    name: 'a blocked kernel thread',
    break: 'anon_pipe_write',
    task: 'kthreadd',
    where: '^__schedule schedule kthreadd',
  },
  { name: 'an illegal instruction of user code', break: 'do_trap_insn_illegal' },
  { name: 'the end of a process', break: 'do_exit', where: '__riscv_sys_exit' },
  {
    name: 'a timer interrupt over user code',
    break: 'riscv_timer_interrupt',
    where: `${interrupt} FINAL`,
  },
  {
    name: 'a trace that sysrq asks for',
    break: 'nmi_cpu_backtrace',
    where: 'sysrq_handle_showallcpus',
  },
  {
    name: 'a page fault of kernel code that it gets over',
    break: 'fixup_exception',
    where: 'P:copy_from_kernel_nofault',
  },
];
