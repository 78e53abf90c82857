/* SPDX-License-Identifier: MIT */
/*
 * Every way into the kernel and out of it, and every change of stacks.
 *
 * The frame-pointer chain. A C function keeps a frame record { caller's s0, return address } at s0 - 16, so following
 * s0 gives the callers. The chain breaks where the hardware, not a call, transferred control. There this file writes
 * a metadata record into pt_regs, { 0, 0, type }, and points s0 behind its first two words, so that the first C
 * function called from here links to it:
 *
 *   FINAL    from user mode: the walk is complete.
 *   PT_REGS  from the kernel: go on with pc = pt_regs.epc and s0 = pt_regs.s0.
 *
 *   pt_regs + 0    epc ra sp gp tp t0..t6 s0..s11 a0..a7 status badaddr cause orig_a0
 *           + 288  stackframe.record.fp = 0
 *           + 296  stackframe.record.ra = 0
 *   s0 ---> + 304  stackframe.type
 *
 * Without CONFIG_FRAME_METADATA (the legacy build) there is no record: s0 keeps the interrupted sp, and an unwinder
 * has to guess the boundary from return addresses between handle_exception and ret_from_exception_end.
 */
#include "csr.h"
#include "layout.h"

/* x6 to x31 lie in pt_regs in the order of their numbers. */
#define PT_X(n) (PT_RA + ((n) - 1) * 8)
.macro save_x6_to_x31
	.irp	n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	sd	x\n, PT_X(\n)(sp)
	.endr
.endm
.macro restore_x6_to_x31
	.irp	n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld	x\n, PT_X(\n)(sp)
	.endr
.endm

/* dst = this CPU's copy of a per-CPU variable; tp must be the current task. */
.macro this_cpu_address dst, variable, tmp
	lw	\tmp, TASK_TI_CPU(tp)
	slli	\tmp, \tmp, 3
	la	\dst, __per_cpu_offset
	add	\dst, \dst, \tmp
	ld	\dst, (\dst)
	la	\tmp, \variable
	add	\dst, \dst, \tmp
.endm

/*
 * The metadata record. Previous privilege is 0 for user mode, so the type is 1 + its low bit.
 *   status: register with the status at entry; clobbers t0; leaves s0 behind the record.
 */
.macro write_metadata_record status
#ifdef CONFIG_FRAME_METADATA
	sd	zero, PT_STACKFRAME + STACKFRAME_FP(sp)
	sd	zero, PT_STACKFRAME + STACKFRAME_RA(sp)
	srli	t0, \status, SR_PP_SHIFT
	andi	t0, t0, 1
	addi	t0, t0, FRAME_META_TYPE_FINAL
	sd	t0, PT_STACKFRAME + STACKFRAME_TYPE(sp)
	addi	s0, sp, PT_STACKFRAME + STACKFRAME_RECORD_SIZE
#endif
.endm

	.section .irqentry.text, "ax"

/*
 * The trap vector. sscratch is 0 while the kernel runs and holds the current task while user mode runs, so one swap
 * tells where we come from and finds the task.
 */
	.balign	4
	.globl	handle_exception
	.type	handle_exception, @function
handle_exception:
	csrrw	tp, CSR_SCRATCH, tp
	bnez	tp, .Lsave_context		/* from user mode; kernel_sp was set on the way out */

.Lfrom_kernel:
	csrr	tp, CSR_SCRATCH			/* undo the swap: tp was right already */
	sd	sp, TASK_TI_KERNEL_SP(tp)	/* go on below the interrupted frame */
#ifdef CONFIG_VMAP_STACK
	/* Would pt_regs still be inside the stack? THREAD_ALIGN makes bit THREAD_SHIFT tell, see layout.h. */
	addi	sp, sp, -PT_SIZE_ON_STACK
	srli	sp, sp, THREAD_SHIFT
	andi	sp, sp, 1
	bnez	sp, handle_kernel_stack_overflow
	ld	sp, TASK_TI_KERNEL_SP(tp)
#endif

.Lsave_context:
	sd	sp, TASK_TI_USER_SP(tp)
	ld	sp, TASK_TI_KERNEL_SP(tp)
	addi	sp, sp, -PT_SIZE_ON_STACK
	sd	ra, PT_RA(sp)
	sd	gp, PT_GP(sp)
	sd	t0, PT_T0(sp)
	save_x6_to_x31

	/* A fault inside copy_from_user must not leave the handler with access to user pages. */
	li	t0, SR_SUM | SR_FS_VS
	ld	s0, TASK_TI_USER_SP(tp)
	csrrc	s1, CSR_STATUS, t0
	csrr	s2, CSR_EPC
	csrr	s3, CSR_TVAL
	csrr	s4, CSR_CAUSE
	csrr	s5, CSR_SCRATCH			/* the interrupted tp */
	sd	s0, PT_SP(sp)
	sd	s1, PT_STATUS(sp)
	sd	s2, PT_EPC(sp)
	sd	s3, PT_BADADDR(sp)
	sd	s4, PT_CAUSE(sp)
	sd	s5, PT_TP(sp)

	write_metadata_record s1		/* up to here a walk from a live pc starts in the wrong frame */

	csrw	CSR_SCRATCH, zero		/* a nested exception now comes "from the kernel" */

	.option push
	.option norelax
	la	gp, __global_pointer$
	.option pop

	mv	a0, sp				/* struct pt_regs * */
	bgez	s4, .Lexception			/* the top bit of cause is set for interrupts */
	call	do_irq
	j	ret_from_exception

.Lexception:
	la	t1, excp_vect_table
	la	t2, excp_vect_table_end
	slli	t0, s4, 3
	add	t0, t1, t0
	la	t1, do_trap_unknown
	bgeu	t0, t2, .Lcall_handler
	ld	t1, (t0)
.Lcall_handler:
	jalr	t1
	j	ret_from_exception
	.size	handle_exception, . - handle_exception

/*
 * Back to where pt_regs (at sp) says. Interrupts are off. s0 is used freely from here on, so a walk that starts
 * in here does not start from a frame.
 */
	.globl	ret_from_exception
	.type	ret_from_exception, @function
ret_from_exception:
	ld	s0, PT_STATUS(sp)
	li	t0, SR_PP
	and	s0, s0, t0
	bnez	s0, .Lrestore_context

	/* To user mode: the next entry starts at the top of the stack and finds the task in sscratch. */
	addi	s0, sp, PT_SIZE_ON_STACK
	sd	s0, TASK_TI_KERNEL_SP(tp)
	csrw	CSR_SCRATCH, tp

.Lrestore_context:
	ld	a0, PT_STATUS(sp)
	ld	a1, PT_EPC(sp)
	sc.d	zero, a1, (sp)			/* drop a reservation that the interrupted code must not find intact */
	csrw	CSR_STATUS, a0
	csrw	CSR_EPC, a1
	ld	ra, PT_RA(sp)
	ld	gp, PT_GP(sp)
	ld	tp, PT_TP(sp)
	ld	t0, PT_T0(sp)
	restore_x6_to_x31
	ld	sp, PT_SP(sp)
#ifdef CONFIG_RISCV_M_MODE
	mret
#else
	sret
#endif
	.globl	ret_from_exception_end
ret_from_exception_end:
	.size	ret_from_exception, . - ret_from_exception

#ifdef CONFIG_VMAP_STACK
/*
 * The kernel stack is full: sp points into the guard area below it (or pt_regs would). Report from the CPU's overflow
 * stack. sp holds nothing of value; every other register but tp still belongs to the interrupted code.
 */
	.type	handle_kernel_stack_overflow, @function
handle_kernel_stack_overflow:
	csrw	CSR_SCRATCH, t6			/* it holds tp, and so does tp */
	this_cpu_address sp, overflow_stack, t6
	li	t6, OVERFLOW_STACK_SIZE
	add	sp, sp, t6
	csrrw	t6, CSR_SCRATCH, zero

	addi	sp, sp, -PT_SIZE_ON_STACK
	sd	ra, PT_RA(sp)
	sd	gp, PT_GP(sp)
	sd	t0, PT_T0(sp)
	save_x6_to_x31
	ld	s0, TASK_TI_KERNEL_SP(tp)	/* the sp that was too low */
	csrr	s1, CSR_STATUS
	csrr	s2, CSR_EPC
	csrr	s3, CSR_TVAL
	csrr	s4, CSR_CAUSE
	sd	s0, PT_SP(sp)
	sd	s1, PT_STATUS(sp)
	sd	s2, PT_EPC(sp)
	sd	s3, PT_BADADDR(sp)
	sd	s4, PT_CAUSE(sp)
	sd	tp, PT_TP(sp)
	mv	a0, sp
#ifdef CONFIG_FRAME_METADATA
	/*
	 * A record of its own: the walk crosses from the overflow stack to the task stack here. A call and not a jump,
	 * because handle_bad_stack saves ra in its frame record, and the interrupted code's ra would be a wrong caller.
	 */
	write_metadata_record s1
	call	handle_bad_stack		/* does not return */
#else
	tail	handle_bad_stack
#endif
	.size	handle_kernel_stack_overflow, . - handle_kernel_stack_overflow
#endif

/*
 * A new task's first instruction, where __switch_to's ret goes: copy_thread has set thread.ra and thread.sp = pt_regs.
 * With records, thread.s[0] points behind the task's FINAL record, and fn and its argument travel in s2 and s3.
 * Without, they travel in s0 and s1, and the outermost frame record links to the address of a function.
 */
	.globl	ret_from_fork_kernel_asm
	.type	ret_from_fork_kernel_asm, @function
ret_from_fork_kernel_asm:
	call	schedule_tail			/* a0 = previous task, from __switch_to */
#ifdef CONFIG_FRAME_METADATA
	mv	a0, s3				/* fn_arg */
	mv	a1, s2				/* fn */
#else
	mv	a0, s1
	mv	a1, s0
#endif
	mv	a2, sp				/* pt_regs, which fn may fill in to become a user process */
	call	ret_from_fork_kernel
	j	ret_from_exception
	.size	ret_from_fork_kernel_asm, . - ret_from_fork_kernel_asm

	.globl	ret_from_fork_user_asm
	.type	ret_from_fork_user_asm, @function
ret_from_fork_user_asm:
	call	schedule_tail
	mv	a0, sp				/* pt_regs, a copy of the parent's */
	call	ret_from_fork_user
	j	ret_from_exception
	.size	ret_from_fork_user_asm, . - ret_from_fork_user_asm

/*
 * void call_on_irq_stack(struct pt_regs *regs, void (*function)(struct pt_regs *))
 *
 * An ordinary frame record on the task stack, then sp moves and s0 does not: function's record on the IRQ stack links
 * back to this one, which is how a walk returns to the task stack. s0 = sp + the size of the record, not the size of
 * the slot that keeps sp aligned, or s0 - 16 would not be the record.
 */
	.globl	call_on_irq_stack
	.type	call_on_irq_stack, @function
call_on_irq_stack:
	addi	sp, sp, -STACKFRAME_SIZE_ON_STACK
	sd	ra, STACKFRAME_RA(sp)
	sd	s0, STACKFRAME_FP(sp)
#ifdef CONFIG_FRAME_METADATA
	addi	s0, sp, STACKFRAME_RECORD_SIZE
#else
	addi	s0, sp, STACKFRAME_SIZE_ON_STACK
#endif

	this_cpu_address t0, irq_stack_ptr, t1
	ld	t0, (t0)
	li	t1, IRQ_STACK_SIZE
	add	sp, t0, t1
	jalr	a1

	/* function kept s0, as every function must: it still tells where the record is. */
#ifdef CONFIG_FRAME_METADATA
	addi	sp, s0, -STACKFRAME_RECORD_SIZE
#else
	addi	sp, s0, -STACKFRAME_SIZE_ON_STACK
#endif
	ld	ra, STACKFRAME_RA(sp)
	ld	s0, STACKFRAME_FP(sp)
	addi	sp, sp, STACKFRAME_SIZE_ON_STACK
	ret
	.size	call_on_irq_stack, . - call_on_irq_stack

/* Handlers of exceptions, by cause (privileged specification, table "scause"). Others go to do_trap_unknown. */
	.section .rodata
	.balign	8
excp_vect_table:
	.dword	do_trap_insn_misaligned
	.dword	do_trap_access_fault
	.dword	do_trap_insn_illegal
	.dword	do_trap_break
	.dword	do_trap_misaligned
	.dword	do_trap_access_fault
	.dword	do_trap_misaligned
	.dword	do_trap_access_fault
	.dword	do_trap_ecall_u
	.dword	do_trap_unknown			/* ecall from S-mode goes to the firmware */
	.dword	do_trap_unknown
	.dword	do_trap_unknown
	.dword	do_page_fault			/* instruction */
	.dword	do_page_fault			/* load */
	.dword	do_trap_unknown
	.dword	do_page_fault			/* store */
excp_vect_table_end:

	.text
/*
 * struct task_struct *__switch_to(struct task_struct *prev, struct task_struct *next)
 *
 * Saves what a call preserves, loads the same of the next task, and returns in *its* caller, with prev still in a0.
 * thread.ra and thread.s[0] are where a walk of a blocked task starts. No frame: it must not touch either stack.
 */
	.globl	__switch_to
	.type	__switch_to, @function
__switch_to:
	sd	ra, TASK_THREAD_RA(a0)
	sd	sp, TASK_THREAD_SP(a0)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	sd	s\n, TASK_THREAD_S0 + 8 * \n(a0)
	.endr

	ld	ra, TASK_THREAD_RA(a1)
	ld	sp, TASK_THREAD_SP(a1)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	ld	s\n, TASK_THREAD_S0 + 8 * \n(a1)
	.endr
	mv	tp, a1
	ret
	.size	__switch_to, . - __switch_to
