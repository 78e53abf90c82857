/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU variables: .data..percpu is a template; every CPU has a copy of it. The address of a CPU's variable is the
 * template's address plus __per_cpu_offset[cpu]. Until setup_per_cpu_areas() the boot CPU uses the template itself.
 */
#ifndef PERCPU_H
#define PERCPU_H

#include "layout.h"
#include "types.h"

extern ulong __per_cpu_offset[NR_CPUS];
extern char __per_cpu_start[], __per_cpu_end[];

#define DEFINE_PER_CPU(type, name) __section(".data..percpu") type name

/* The offset goes through a register the compiler knows nothing about, or it would take &var + offset for an overrun. */
#define per_cpu_ptr(var, cpu)                                                                                          \
	({                                                                                                             \
		ulong address_ = (ulong) & (var);                                                                      \
		asm("" : "+r"(address_));                                                                              \
		(typeof(&(var)))(address_ + __per_cpu_offset[cpu]);                                                    \
	})
#define this_cpu_ptr(var) per_cpu_ptr(var, smp_processor_id())

void setup_per_cpu_areas(void);

#endif
