/* SPDX-License-Identifier: MIT */
/* Interrupts, handled on a stack of their own, so that a deep one does not need room on every task's stack. */
#include "kernel.h"

DEFINE_PER_CPU(ulong *, irq_stack_ptr); /* lowest address */

/* On the IRQ stack (or, if an interrupt could arrive there, still on it). */
static noinline void handle_riscv_irq(struct pt_regs *regs)
{
	ulong cause = regs->cause & ~CAUSE_IRQ_FLAG;

	if (cause == IRQ_TIMER)
		riscv_timer_interrupt();
	else if (cause == IRQ_SOFT)
		handle_IPI();
	else
		panic("unexpected interrupt %lu", cause);
}

static bool on_thread_stack(void)
{
	return ((ulong)__builtin_frame_address(0) - (ulong)current->stack) < THREAD_SIZE;
}

void do_irq(struct pt_regs *regs)
{
	if (on_thread_stack())
		call_on_irq_stack(regs, handle_riscv_irq);
	else
		handle_riscv_irq(regs);
	if (user_mode(regs))
		exit_to_user_mode_prepare();
}

/* Last thing before user mode, with interrupts off. Other tasks get their turn here. */
noinline void exit_to_user_mode_prepare(void)
{
	while (need_resched()) {
		local_irq_enable();
		schedule();
		local_irq_disable();
	}
}

ulong __per_cpu_offset[NR_CPUS];

__init void setup_per_cpu_areas(void)
{
	ulong size = __per_cpu_end - __per_cpu_start;

	for (int cpu = 0; cpu < nr_cpus; cpu++) {
		char *area = alloc_contiguous(size, 64);

		if (!area)
			panic("no memory for per-CPU variables");
		memcpy(area, __per_cpu_start, size);
		__per_cpu_offset[cpu] = area - __per_cpu_start;
	}
}

__init void init_IRQ(void)
{
	for (int cpu = 0; cpu < nr_cpus; cpu++) {
		void *stack = alloc_stack();

		if (!stack)
			panic("no memory for IRQ stacks");
		*per_cpu_ptr(irq_stack_ptr, cpu) = stack;
	}
}
