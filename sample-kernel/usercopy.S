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
	.text
	.globl	__asm_copy_from_user
	.globl	__asm_copy_to_user
	.type	__asm_copy_from_user, @function
	.type	__asm_copy_to_user, @function
__asm_copy_from_user:
__asm_copy_to_user:
	.cfi_startproc
#ifdef CONFIG_MMU
	li	t6, SR_SUM
	csrs	CSR_STATUS, t6
#endif
	beqz	a2, .Lcopied
.Lload:
	lb	t0, (a1)
.Lstore:
	sb	t0, (a0)
	addi	a0, a0, 1
	addi	a1, a1, 1
	addi	a2, a2, -1
	bnez	a2, .Lload
.Lcopied:
#ifdef CONFIG_MMU
	csrc	CSR_STATUS, t6
#endif
	mv	a0, a2
	ret
	.cfi_endproc
	.size	__asm_copy_from_user, . - __asm_copy_from_user
	.size	__asm_copy_to_user, . - __asm_copy_to_user

	.section __ex_table, "a"
	.dword	.Lload, .Lcopied		/* fault at the first: go on at the second */
	.dword	.Lstore, .Lcopied
