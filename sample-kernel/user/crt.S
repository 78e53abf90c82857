/* SPDX-License-Identifier: MIT */
/* The programs of the image, and what of their runtime cannot be C. */
#include "syscall.h"

/* For kernel_execve: name (16 bytes), entry. In the kernel's own data, hence the section. */
.macro program name
	.balign	8
1:	.asciz	"\name"
	.org	1b + 16
	.dword	\name
.endm

	.section .rodata.programs, "a"
	.globl	user_programs, user_programs_end
	.balign	8
user_programs:
	program	init
	program	hello
	program	echo
user_programs_end:

	.section .user.text, "ax"
/* long syscall3(long number, long a0, long a1, long a2) */
	.globl	syscall3
	.type	syscall3, @function
syscall3:
	mv	a7, a0
	mv	a0, a1
	mv	a1, a2
	mv	a2, a3
	ecall
	ret
	.size	syscall3, . - syscall3

/*
 * int spawn(void (*fn)(long), long arg, int cpu)
 *
 * Runs fn(arg) in a new process and returns its pid. Registers are the same in the child; its stack may not be
 * (SYS_clone), so it does not use what is on it.
 */
	.globl	spawn
	.type	spawn, @function
spawn:
	mv	t0, a0
	mv	t1, a1
	mv	a0, a2
	li	a7, SYS_clone
	ecall
	beqz	a0, .Lchild
	ret
.Lchild:
	mv	a0, t1
	jalr	t0
	li	a0, 0
	li	a7, SYS_exit
	ecall
	.size	spawn, . - spawn
