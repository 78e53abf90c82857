/* SPDX-License-Identifier: MIT */
/* The boot CPU's way from head.S to the idle loop, and the first task. */
#include "file.h"
#include "kernel.h"

/* Becomes the user process "init" (pid 1), or returns an error. */
static noinline int kernel_init(void *unused)
{
	smp_init();
	tour_kernel();
	console_open();
	return kernel_execve("init");
}

static noinline void rest_init(void)
{
	kernel_thread(kernel_init, NULL, "init", CPU_SAME);
	cpu_startup_entry();
}

__init void start_kernel(void)
{
	trap_init_cpu();
	platform_init();
	printk("RISC-V sample kernel (" CONFIG_NAME " build), %d cpu%s\n", nr_cpus, nr_cpus == 1 ? "" : "s");
	mm_init();
	setup_per_cpu_areas();
	init_IRQ();
	sched_init();
	timer_init_cpu();
	rest_init();
}
