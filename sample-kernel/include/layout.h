/* SPDX-License-Identifier: MIT */
/* Sizes and structure offsets that assembly and C share. process.c asserts that they agree with the C structures. */
#ifndef LAYOUT_H
#define LAYOUT_H

#define NR_CPUS 4

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096

/*
 * A stack is 16 KiB and starts at a multiple of 32 KiB, so bit 14 of every address inside it is 0, and bit 14 of the
 * addresses just below it is 1. handle_exception finds an overflow with this one bit, without a second register.
 */
#define THREAD_SHIFT        14
#define THREAD_SIZE         (1 << THREAD_SHIFT)
#define THREAD_ALIGN        (2 * THREAD_SIZE)
#define IRQ_STACK_SIZE      THREAD_SIZE
#define OVERFLOW_STACK_SIZE 4096

/* struct thread_info, the first member of struct task_struct; tp points to it. */
#define TASK_TI_FLAGS     0
#define TASK_TI_KERNEL_SP 8
#define TASK_TI_USER_SP   16
#define TASK_TI_CPU       24

/* struct thread_struct: what __switch_to saves. */
#define TASK_THREAD_RA 56
#define TASK_THREAD_SP 64
#define TASK_THREAD_S0 72

/* struct pt_regs */
#define PT_EPC     0
#define PT_RA      8
#define PT_SP      16
#define PT_GP      24
#define PT_TP      32
#define PT_T0      40
#define PT_S0      64
#define PT_A0      80
#define PT_STATUS  256
#define PT_BADADDR 264
#define PT_CAUSE   272
#define PT_ORIG_A0 280
#ifdef CONFIG_FRAME_METADATA
#define PT_STACKFRAME    288
#define PT_SIZE          312
#define PT_SIZE_ON_STACK 320
#else
#define PT_SIZE          288
#define PT_SIZE_ON_STACK 288
#endif

/* struct frame_record: what every function with a frame pointer keeps at s0 - 16. */
#define STACKFRAME_FP            0
#define STACKFRAME_RA            8
#define STACKFRAME_RECORD_SIZE   16
#define STACKFRAME_SIZE_ON_STACK 16

/* struct frame_record_meta: two zero words, then the type. The zero words mark it, as no real caller is at address 0. */
#define STACKFRAME_TYPE         16
#define FRAME_META_TYPE_NONE    0
#define FRAME_META_TYPE_FINAL   1 /* outermost: entered from user mode, or the first frame of a kernel thread */
#define FRAME_META_TYPE_PT_REGS 2 /* the kernel itself was interrupted: go on at pt_regs.epc and pt_regs.s0 */

/* struct kernel_mapping, struct sbi_hart_boot_data */
#define KERNEL_MAP_VIRT_ADDR 0
#define HART_BOOT_TASK       0
#define HART_BOOT_STACK      8

#endif
