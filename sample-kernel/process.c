/* SPDX-License-Identifier: MIT */
/* What a task needs to run for the first time. */
#include "kernel.h"

#define ASSERT_OFFSET(type, member, offset) _Static_assert(offsetof(struct type, member) == (offset), #member)
ASSERT_OFFSET(task_struct, thread_info, 0);
ASSERT_OFFSET(thread_info, flags, TASK_TI_FLAGS);
ASSERT_OFFSET(thread_info, kernel_sp, TASK_TI_KERNEL_SP);
ASSERT_OFFSET(thread_info, user_sp, TASK_TI_USER_SP);
ASSERT_OFFSET(thread_info, cpu, TASK_TI_CPU);
ASSERT_OFFSET(task_struct, thread.ra, TASK_THREAD_RA);
ASSERT_OFFSET(task_struct, thread.sp, TASK_THREAD_SP);
ASSERT_OFFSET(task_struct, thread.s, TASK_THREAD_S0);
ASSERT_OFFSET(pt_regs, epc, PT_EPC);
ASSERT_OFFSET(pt_regs, ra, PT_RA);
ASSERT_OFFSET(pt_regs, sp, PT_SP);
ASSERT_OFFSET(pt_regs, tp, PT_TP);
ASSERT_OFFSET(pt_regs, t0, PT_T0);
ASSERT_OFFSET(pt_regs, s0, PT_S0);
ASSERT_OFFSET(pt_regs, a0, PT_A0);
ASSERT_OFFSET(pt_regs, status, PT_STATUS);
ASSERT_OFFSET(pt_regs, badaddr, PT_BADADDR);
ASSERT_OFFSET(pt_regs, cause, PT_CAUSE);
ASSERT_OFFSET(pt_regs, orig_a0, PT_ORIG_A0);
_Static_assert(sizeof(struct pt_regs) == PT_SIZE, "pt_regs");
_Static_assert(ALIGN_UP(sizeof(struct pt_regs), 16) == PT_SIZE_ON_STACK, "pt_regs on the stack");
#ifdef CONFIG_FRAME_METADATA
ASSERT_OFFSET(pt_regs, stackframe, PT_STACKFRAME);
ASSERT_OFFSET(frame_record_meta, type, STACKFRAME_TYPE);
#endif
ASSERT_OFFSET(kernel_mapping, virt_addr, KERNEL_MAP_VIRT_ADDR);
ASSERT_OFFSET(hart_boot_data, stack, HART_BOOT_STACK);

void ret_from_fork_kernel_asm(void);
void ret_from_fork_user_asm(void);

/*
 * Prepares the stack and thread of a new task. Either way it starts in entry.S with sp at its pt_regs, and its chain
 * of frames must end in a FINAL record there, which thread.s[0] is made to point behind.
 */
int copy_thread(struct task_struct *task, const struct kernel_clone_args *args)
{
	struct pt_regs *childregs = task_pt_regs(task);
	struct thread_struct *thread = &task->thread;

	memset(thread, 0, sizeof(*thread));
	if (args->fn) {
		memset(childregs, 0, sizeof(*childregs));
		childregs->status = SR_PP | SR_PIE; /* if it ever returns through it: kernel mode, interrupts on */
		thread->ra = (ulong)ret_from_fork_kernel_asm;
#ifdef CONFIG_FRAME_METADATA
		childregs->stackframe.type = FRAME_META_TYPE_FINAL;
		thread->s[0] = (ulong)&childregs->stackframe.type;
		thread->s[2] = (ulong)args->fn;
		thread->s[3] = (ulong)args->fn_arg;
#else
		thread->s[0] = (ulong)args->fn;
		thread->s[1] = (ulong)args->fn_arg;
#endif
	} else {
		*childregs = *task_pt_regs(current);
		childregs->a0 = 0; /* what clone returns in the child */
#ifndef CONFIG_MMU
		childregs->sp = mm_stack_top(task->mm);
#endif
#ifdef CONFIG_FRAME_METADATA
		/* The type is the parent's: FINAL, as it came from user mode. */
		childregs->stackframe.record = (struct frame_record){ 0, 0 };
		thread->s[0] = (ulong)&childregs->stackframe.type;
#endif
		thread->ra = (ulong)ret_from_fork_user_asm;
	}
	thread->sp = (ulong)childregs;
	return 0;
}

/* Makes the task a user process that starts at pc; entry.S goes there when the kernel is left. */
void start_thread(struct pt_regs *regs, ulong pc, ulong sp)
{
	/* The record behind orig_a0 stays: the task's own frames still end in it. */
	memset(regs, 0, offsetof(struct pt_regs, orig_a0) + sizeof(regs->orig_a0));
	regs->status = SR_PIE; /* previous privilege: user */
	regs->epc = pc;
	regs->sp = sp;
}

/* Called by ret_from_fork_kernel_asm. fn returns only in a task that has become a user process. */
void ret_from_fork_kernel(void *fn_arg, int (*fn)(void *), struct pt_regs *regs)
{
	int error = fn(fn_arg);

	if (error)
		do_exit(error);
	local_irq_disable();
	exit_to_user_mode_prepare();
}

void ret_from_fork_user(struct pt_regs *regs)
{
	local_irq_disable();
	exit_to_user_mode_prepare();
}
