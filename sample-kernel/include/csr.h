/* SPDX-License-Identifier: MIT */
/*
 * Control and status registers, by the role they play for a kernel (privileged specification 1.13).
 *
 * The kernel runs in S-mode under an SBI firmware, or in M-mode with nothing beneath it (CONFIG_RISCV_M_MODE).
 * Both modes have the same trap registers under other names, so the sources speak of CSR_STATUS, CSR_EPC, ...
 */
#ifndef CSR_H
#define CSR_H

#ifdef CONFIG_RISCV_M_MODE
#define CSR_STATUS  mstatus
#define CSR_IE      mie
#define CSR_IP      mip
#define CSR_TVEC    mtvec
#define CSR_SCRATCH mscratch
#define CSR_EPC     mepc
#define CSR_CAUSE   mcause
#define CSR_TVAL    mtval
#define SR_IE       0x00000008 /* MIE */
#define SR_PIE      0x00000080 /* MPIE */
#define SR_PP       0x00001800 /* MPP, both bits */
#define SR_PP_SHIFT 11         /* U is 0 and M is 3, so the low bit tells them apart */
#define IRQ_SOFT    3
#define IRQ_TIMER   7
#else
#define CSR_STATUS  sstatus
#define CSR_IE      sie
#define CSR_IP      sip
#define CSR_TVEC    stvec
#define CSR_SCRATCH sscratch
#define CSR_EPC     sepc
#define CSR_CAUSE   scause
#define CSR_TVAL    stval
#define SR_IE       0x00000002 /* SIE */
#define SR_PIE      0x00000020 /* SPIE */
#define SR_PP       0x00000100 /* SPP */
#define SR_PP_SHIFT 8
#define IRQ_SOFT    1
#define IRQ_TIMER   5
#endif

#define SR_FS_VS 0x00006600 /* state of the floating-point and vector units */
#define SR_SUM   0x00040000 /* S-mode may touch user pages */

#define IE_SOFT  (1 << IRQ_SOFT)
#define IE_TIMER (1 << IRQ_TIMER)

#define CAUSE_IRQ_FLAG (1UL << 63)

#define EXC_INST_MISALIGNED  0
#define EXC_INST_ACCESS      1
#define EXC_INST_ILLEGAL     2
#define EXC_BREAKPOINT       3
#define EXC_LOAD_MISALIGNED  4
#define EXC_LOAD_ACCESS      5
#define EXC_STORE_MISALIGNED 6
#define EXC_STORE_ACCESS     7
#define EXC_SYSCALL          8
#define EXC_INST_PAGE_FAULT  12
#define EXC_LOAD_PAGE_FAULT  13
#define EXC_STORE_PAGE_FAULT 15

#define SATP_MODE_39 0x8000000000000000

#ifndef __ASSEMBLER__
#define csr_name_(csr) #csr
#define csr_name(csr)  csr_name_(csr)
#define csr_read(csr)                                                                                                  \
	({                                                                                                             \
		unsigned long value_;                                                                                  \
		asm volatile("csrr %0, " csr_name(csr) : "=r"(value_)::"memory");                                      \
		value_;                                                                                                \
	})
#define csr_write(csr, value) asm volatile("csrw " csr_name(csr) ", %0" ::"rK"(value) : "memory")
#define csr_set(csr, bits)    asm volatile("csrs " csr_name(csr) ", %0" ::"rK"(bits) : "memory")
#define csr_clear(csr, bits)  asm volatile("csrc " csr_name(csr) ", %0" ::"rK"(bits) : "memory")
#define csr_read_clear(csr, bits)                                                                                      \
	({                                                                                                             \
		unsigned long value_;                                                                                  \
		asm volatile("csrrc %0, " csr_name(csr) ", %1" : "=r"(value_) : "rK"(bits) : "memory");                \
		value_;                                                                                                \
	})
#endif
#endif
