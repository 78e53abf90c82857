/* SPDX-License-Identifier: MIT */
/* The registers of an interrupted context, as handle_exception lays them out on the stack. */
#ifndef PTRACE_H
#define PTRACE_H

#include "csr.h"
#include "types.h"

struct frame_record {
	unsigned long fp;
	unsigned long ra;
};

/* A boundary that frame pointers alone cannot cross. record is {0, 0}; type is one of FRAME_META_TYPE_*. */
struct frame_record_meta {
	struct frame_record record;
	unsigned long type;
};

struct pt_regs {
	unsigned long epc, ra, sp, gp, tp;
	unsigned long t0, t1, t2;
	unsigned long s0, s1;
	unsigned long a0, a1, a2, a3, a4, a5, a6, a7;
	unsigned long s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;
	unsigned long t3, t4, t5, t6;
	unsigned long status, badaddr, cause;
	unsigned long orig_a0; /* a0 before the system call's result replaced it */
#ifdef CONFIG_FRAME_METADATA
	struct frame_record_meta stackframe; /* written by handle_exception; s0 points behind its record */
#endif
};

static inline bool user_mode(const struct pt_regs *regs)
{
	return (regs->status & SR_PP) == 0;
}

#endif
