/* M-mode program for steps in assembly: loops of one line, calls, a macro, traps. */
	.equ	MTIMECMP, 0x2004000
	.equ	MTIME, 0x200bff8

	.macro	bump register
	addi	\register, \register, 1
	addi	\register, \register, 1
	.endm

	.text
	.globl	_start
	.type	_start, @function
_start:
	la	sp, stack_top
	la	t0, handler
	csrw	mtvec, t0

	li	t0, 10000000
1:	addi t0, t0, -1; bnez t0, 1b	/* countdown */
	bump	t0			/* macro */

	li	a0, 50000000
	call	long_function		/* long call */

	li	s0, 1000
2:	mv a0, s0; call leaf; addi s0, s0, -1; bnez s0, 2b	/* calls in a loop */
	nop

	li	t0, MTIME
	ld	t1, (t0)
	li	t0, 5000
	add	t1, t1, t0
	li	t0, MTIMECMP
	sd	t1, (t0)
	li	t0, 1 << 7
	csrs	mie, t0
	csrsi	mstatus, 1 << 3		/* interrupts on */
3:	lw t0, fired; beqz t0, 3b	/* waits for the interrupt */
	nop				/* waited */

	ecall				/* environment call */
	nop				/* after the call */

	li	t0, 8
	ld	t1, (t0)		/* faults */
	nop				/* after the fault */

	li	s0, 3
	call	recursion		/* recursive */
	wfi				/* waits for ever */
	nop
	.size	_start, . - _start

	.type	long_function, @function
long_function:
	addi	a0, a0, -1
	bnez	a0, long_function
	ret
	.size	long_function, . - long_function

	.type	leaf, @function
leaf:
	ret
	.size	leaf, . - leaf

	.type	recursion, @function
recursion:
	addi	sp, sp, -16
	sd	ra, 8(sp)
	addi	s0, s0, -1
	beqz	s0, 1f
	call	recursion		/* itself */
1:	ld	ra, 8(sp)		/* after itself */
	addi	sp, sp, 16
	ret
	.size	recursion, . - recursion

	.balign	4
	.type	handler, @function
handler:
	csrw	mscratch, t0		/* handler */
	csrr	t0, mcause
	bltz	t0, .Linterrupt
	csrr	t0, mepc
	addi	t0, t0, 4
	csrw	mepc, t0
	j	.Lback
.Linterrupt:
	li	t0, 1 << 7
	csrc	mie, t0
	sw	t0, fired, t0
	la	t0, fired
	sw	t0, (t0)
.Lback:
	csrr	t0, mscratch
	mret				/* back */
	.size	handler, . - handler

	.bss
	.balign	16
	.space	4096
stack_top:
fired:	.space	4
