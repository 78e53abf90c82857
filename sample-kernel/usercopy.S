/* SPDX-License-Identifier: MIT */
/*
 * unsigned long __asm_copy_{to,from}_user(void *to, const void *from, unsigned long n)
 *
 * Copies with access to user pages allowed (SUM). Returns how many bytes are left: 0, or what follows the address that
 * faulted and could not be paged in. Leaf code without a frame, as in Linux: when it faults, s0 still belongs to the C
 * caller and its return address is in ra alone, so a frame-pointer walk does not show that caller. The CFI below
 * (nothing is saved: CFA = sp, ra live) is what an unwinder needs to do better.
 */
#include "csr.h"

	.cfi_sections .debug_frame

.macro user_copy name
	.text
	.globl	\name
	.type	\name, @function
\name:
	.cfi_startproc
#ifdef CONFIG_MMU
	li	t6, SR_SUM
	csrs	CSR_STATUS, t6
#endif
	beqz	a2, 3f
1:	lb	t0, (a1)
2:	sb	t0, (a0)
	addi	a0, a0, 1
	addi	a1, a1, 1
	addi	a2, a2, -1
	bnez	a2, 1b
3:
#ifdef CONFIG_MMU
	csrc	CSR_STATUS, t6
#endif
	mv	a0, a2
	ret
	.cfi_endproc
	.size	\name, . - \name

	.section __ex_table, "a"
	.dword	1b, 3b			/* a fault at the first: go on at the second */
	.dword	2b, 3b
.endm

	user_copy __asm_copy_from_user
	user_copy __asm_copy_to_user
