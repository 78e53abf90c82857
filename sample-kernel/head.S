/* SPDX-License-Identifier: MIT */
/*
 * From the first instruction to the first C function with the MMU on.
 *
 * S-mode: the firmware starts one hart at _start with a0 = hart id, a1 = device tree; the others start later at
 * secondary_start_sbi. Code runs at physical addresses first, although it is linked at KERNEL_LINK_ADDR, so everything
 * here is addressed relative to pc. Before _start_kernel has written its record there is nothing to unwind.
 *
 * M-mode: every hart starts at _start. There is no MMU; hart 0 boots and the others wait for an interrupt from it.
 */
#include "csr.h"
#include "layout.h"

.macro load_global_pointer
	.option push
	.option norelax
	la	gp, __global_pointer$
	.option pop
.endm

	.section .head.text, "ax"
	.globl	_start
	.type	_start, @function
_start:
	j	_start_kernel

#ifdef CONFIG_MMU
/*
 * Turns the MMU on and returns to the virtual address of the caller.
 *   a0: physical address of the root page table
 *
 * The page at pc is not mapped at its physical address. The write to satp therefore makes the fetch of the next
 * instruction fault, on purpose: stvec holds the virtual address of that instruction, so the trap "returns" there.
 * The trampoline table maps the kernel's first 2 MiB only; the real one follows once pc is virtual.
 */
	.globl	relocate_enable_mmu
	.type	relocate_enable_mmu, @function
relocate_enable_mmu:
	la	t0, kernel_map
	ld	t0, KERNEL_MAP_VIRT_ADDR(t0)
	la	t1, _start
	sub	t0, t0, t1		/* virtual minus physical */
	add	ra, ra, t0

	la	t1, .Lmmu_on
	add	t1, t1, t0
	csrw	CSR_TVEC, t1

	li	t2, SATP_MODE_39
	srli	a0, a0, PAGE_SHIFT
	or	a0, a0, t2
	la	t3, trampoline_pg_dir
	srli	t3, t3, PAGE_SHIFT
	or	t3, t3, t2

	sfence.vma			/* setup_vm wrote the tables just now */
	csrw	satp, t3
	.balign	4			/* stvec's two low bits are its mode */
.Lmmu_on:
	la	t1, .Lsecondary_park	/* a trap before the vector is set up ends there */
	csrw	CSR_TVEC, t1
	load_global_pointer

	csrw	satp, a0
	sfence.vma
	ret
	.size	relocate_enable_mmu, . - relocate_enable_mmu
#endif

/*
 * A further hart. Started through SBI HSM it arrives here with
 *   a0: hart id, a1: physical address of its struct hart_boot_data
 * and in M-mode it joins at .Lsecondary_start_common, from .Lwait_for_boot_hart.
 */
	.globl	secondary_start_sbi
	.type	secondary_start_sbi, @function
secondary_start_sbi:
#ifndef CONFIG_RISCV_M_MODE
	csrw	CSR_IE, zero
	csrw	CSR_IP, zero
	li	t0, 2			/* user mode may read time */
	csrw	scounteren, t0
	load_global_pointer
	li	t0, SR_FS_VS
	csrc	CSR_STATUS, t0
	la	t0, .Lsecondary_park
	csrw	CSR_TVEC, t0

	ld	tp, HART_BOOT_TASK(a1)
	ld	sp, HART_BOOT_STACK(a1)	/* task_pt_regs(idle): virtual, like tp, and not used before the MMU is on */
#endif

.Lsecondary_start_common:
#ifdef CONFIG_MMU
	la	a0, swapper_pg_dir
	call	relocate_enable_mmu
#endif
	call	.Lsetup_trap_vector

#ifdef CONFIG_FRAME_METADATA
	/*
	 * The idle task's FINAL record was written into its pt_regs when the boot CPU made the task. s0 behind it makes
	 * smp_callin's frame record link to it; else it would link to whatever the firmware left in s0.
	 */
	addi	s0, sp, PT_STACKFRAME + STACKFRAME_RECORD_SIZE
#endif
	call	smp_callin		/* ends in the idle loop */

/* Where a hart stays that has nothing to run, or that trapped before it had a trap vector. */
	.balign	4
.Lsecondary_park:
	wfi
	j	.Lsecondary_park

.Lsetup_trap_vector:
	la	t0, handle_exception
	csrw	CSR_TVEC, t0
	csrw	CSR_SCRATCH, zero	/* "in the kernel": see handle_exception */
	ret
	.size	secondary_start_sbi, . - secondary_start_sbi

	.globl	_start_kernel
	.type	_start_kernel, @function
_start_kernel:
	csrw	CSR_IE, zero
	csrw	CSR_IP, zero

#ifdef CONFIG_RISCV_M_MODE
	csrr	a0, mhartid		/* no firmware to tell us */
	li	s0, 0			/* registers are undefined at reset; a clean chain starts with zero */
	la	t0, .Lpmp_done		/* a hart without PMP traps here and goes on */
	csrw	CSR_TVEC, t0
	li	t0, -1			/* one region, all of memory, */
	csrw	pmpaddr0, t0
	li	t0, 0x1f		/* NAPOT, read, write, execute: user mode may use it */
	csrw	pmpcfg0, t0
	.balign	4
.Lpmp_done:
	li	t0, 2			/* user mode may read time: M-mode must allow it, and S-mode where there is one */
	csrw	mcounteren, t0
	la	t1, .Lcounters_done
	csrw	CSR_TVEC, t1
	csrw	scounteren, t0
	.balign	4
.Lcounters_done:
#else
	li	t0, 2
	csrw	scounteren, t0
#endif
	load_global_pointer
	li	t0, SR_FS_VS
	csrc	CSR_STATUS, t0
	la	t0, .Lsecondary_park
	csrw	CSR_TVEC, t0

#ifdef CONFIG_RISCV_M_MODE
	li	t0, NR_CPUS
	bgeu	a0, t0, .Lsecondary_park
	bnez	a0, .Lwait_for_boot_hart
#endif

	la	t0, __bss_start
	la	t1, __bss_stop
.Lclear_bss:
	sd	zero, (t0)
	addi	t0, t0, 8
	bltu	t0, t1, .Lclear_bss

	la	t0, boot_cpu_hartid
	sd	a0, (t0)

	/* C before the MMU: a stack at physical addresses, no frame record under it. */
	la	tp, init_task
	la	sp, init_thread_union + THREAD_SIZE
	addi	sp, sp, -PT_SIZE_ON_STACK
	mv	a0, a1
	call	setup_vm

#ifdef CONFIG_MMU
	la	a0, swapper_pg_dir
	call	relocate_enable_mmu
#endif
	call	.Lsetup_trap_vector

	/* The same stack at virtual addresses. */
	la	tp, init_task
	la	sp, init_thread_union + THREAD_SIZE
	addi	sp, sp, -PT_SIZE_ON_STACK

#ifdef CONFIG_FRAME_METADATA
	/* The boot hart's FINAL record, in the pt_regs that init_task never uses otherwise. From here on walks succeed. */
	sd	zero, PT_STACKFRAME + STACKFRAME_FP(sp)
	sd	zero, PT_STACKFRAME + STACKFRAME_RA(sp)
	li	t0, FRAME_META_TYPE_FINAL
	sd	t0, PT_STACKFRAME + STACKFRAME_TYPE(sp)
	addi	s0, sp, PT_STACKFRAME + STACKFRAME_RECORD_SIZE
#endif
	call	start_kernel		/* ends in the idle loop */
	j	.Lsecondary_park

#ifdef CONFIG_RISCV_M_MODE
/* The boot hart writes the hart's slot of hart_boot_data, then sends the interrupt that ends wfi. */
.Lwait_for_boot_hart:
	li	t0, IE_SOFT
	csrw	CSR_IE, t0		/* wakes wfi; not taken, as mstatus.MIE is 0 */
	slli	t1, a0, 4
	la	t0, hart_boot_data
	add	t0, t0, t1
.Lstill_waiting:
	wfi
	ld	tp, HART_BOOT_TASK(t0)
	beqz	tp, .Lstill_waiting
	fence	r, rw
	ld	sp, HART_BOOT_STACK(t0)
	csrw	CSR_IE, zero
	j	.Lsecondary_start_common
#endif
	.size	_start_kernel, . - _start_kernel
