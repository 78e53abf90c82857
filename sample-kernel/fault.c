/* SPDX-License-Identifier: MIT */
/* Page faults, and copies from and to user memory, which may cause them. */
#include "kernel.h"

struct exception_table_entry {
	ulong insn, fixup;
};
extern const struct exception_table_entry __start___ex_table[], __stop___ex_table[];

/* An instruction that is allowed to fault has a place to go on at. */
bool fixup_exception(struct pt_regs *regs)
{
	KEEP_FRAME_RECORD();
	for (const struct exception_table_entry *entry = __start___ex_table; entry < __stop___ex_table; entry++) {
		if (entry->insn == regs->epc) {
			regs->epc = entry->fixup;
			return true;
		}
	}
	return false;
}

ulong copy_from_user(void *to, const void *from, ulong n)
{
	return __asm_copy_from_user(to, from, n);
}

ulong copy_to_user(void *to, const void *from, ulong n)
{
	return __asm_copy_to_user(to, from, n);
}

/* Kernel addresses are negative numbers. A user pointer must not reach them through the kernel's rights. */
static bool is_user_address(ulong address)
{
	return (long)address >= 0;
}

void do_page_fault(struct pt_regs *regs)
{
	ulong address = regs->badaddr;
	int error = -EFAULT;

	if (regs->status & SR_PIE)
		local_irq_enable();
	if (current->mm && is_user_address(address) && (user_mode(regs) || (regs->status & SR_SUM)))
		error = handle_mm_fault(current->mm, address, regs->cause, regs);
	if (error) {
		if (user_mode(regs)) {
			printk("%s[%d]: page fault at %p, killed\n", current->comm, current->pid, (void *)address);
			do_exit(-EFAULT);
		}
		if (!fixup_exception(regs))
			panic("page fault in the kernel at %p, epc %p", (void *)address, (void *)regs->epc);
	}
	local_irq_disable();
	if (user_mode(regs))
		exit_to_user_mode_prepare();
}
