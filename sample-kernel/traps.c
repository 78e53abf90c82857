/* SPDX-License-Identifier: MIT */
/* Exceptions: the table that handle_exception dispatches through, and what has no file of its own. */
#include "kernel.h"

DEFINE_PER_CPU(ulong, overflow_stack[OVERFLOW_STACK_SIZE / sizeof(ulong)]) __aligned(16);

/* user_mode: the process is killed. Kernel mode: the kernel has a defect. */
static noinline void do_trap_error(struct pt_regs *regs, const char *what)
{
	if (!user_mode(regs))
		panic("%s in the kernel, epc %p, tval %p", what, (void *)regs->epc, (void *)regs->badaddr);
	local_irq_enable();
	printk("%s[%d]: %s, killed\n", current->comm, current->pid, what);
	do_exit(-EFAULT);
}

void do_trap_unknown(struct pt_regs *regs)
{
	do_trap_error(regs, "unknown exception");
}

void do_trap_insn_misaligned(struct pt_regs *regs)
{
	do_trap_error(regs, "misaligned instruction");
}

void do_trap_access_fault(struct pt_regs *regs)
{
	if (!user_mode(regs) && fixup_exception(regs))
		return;
	do_trap_error(regs, "access fault");
}

void do_trap_insn_illegal(struct pt_regs *regs)
{
	do_trap_error(regs, "illegal instruction");
}

void do_trap_misaligned(struct pt_regs *regs)
{
	do_trap_error(regs, "misaligned access");
}

/* ebreak in the kernel is a warning: it is reported, and execution goes on behind it. */
void do_trap_break(struct pt_regs *regs)
{
	if (user_mode(regs))
		do_trap_error(regs, "breakpoint");
	tour_warning(regs);
	regs->epc += (*(const u16 *)regs->epc & 3) == 3 ? 4 : 2;
}

void do_trap_ecall_u(struct pt_regs *regs)
{
	regs->epc += 4;
	regs->orig_a0 = regs->a0;
	local_irq_enable();
	regs->a0 = syscall(regs->a7, regs);
	local_irq_disable();
	exit_to_user_mode_prepare();
}

/* Runs on the overflow stack, with regs there too. The task's stack is full but intact. */
void handle_bad_stack(struct pt_regs *regs)
{
	ulong low = (ulong)current->stack;

	printk("[tour] kernel stack overflow: %s[%d], %s its 16 KiB stack\n", current->comm, current->pid,
	       regs->sp < low + PT_SIZE_ON_STACK ? "below" : "inside");
	panic("kernel stack overflow");
}

void trap_init_cpu(void)
{
	csr_write(CSR_IE, IE_SOFT | IE_TIMER);
}
