/* SPDX-License-Identifier: MIT */
/* Further CPUs, and interrupts between CPUs. */
#include "kernel.h"

/* In .data: in M-mode harts look here while the boot hart still clears .bss. */
struct hart_boot_data hart_boot_data[NR_CPUS] __section(".data") = { 0 };
int nr_cpus_online = 1;

/* A function that another CPU is to run. One at a time and CPU. */
struct call_function {
	spinlock_t lock; /* held by the caller */
	void (*function)(void *);
	void *arg;
};
static DEFINE_PER_CPU(struct call_function, call_function);

/* On the IRQ stack. Rescheduling needs nothing more than the interrupt: need_resched() is looked at on the way out. */
noinline void handle_IPI(void)
{
	struct call_function *call = this_cpu_ptr(call_function);

	platform_clear_ipi();
	void (*function)(void *) = __atomic_load_n(&call->function, __ATOMIC_ACQUIRE);

	if (function) {
		function(call->arg);
		__atomic_store_n(&call->function, NULL, __ATOMIC_RELEASE);
	}
}

void smp_send_reschedule(int cpu)
{
	platform_send_ipi(cpu);
}

/* Runs function(arg) in interrupt context on a CPU, which may be this one, and waits for it. Interrupts must be on. */
noinline void smp_call_function_single(int cpu, void (*function)(void *), void *arg)
{
	struct call_function *call = per_cpu_ptr(call_function, cpu);

	while (__atomic_exchange_n(&call->lock.locked, 1, __ATOMIC_ACQUIRE))
		cpu_relax(); /* interrupts stay on: the other CPU may be calling us */
	call->arg = arg;
	__atomic_store_n(&call->function, function, __ATOMIC_RELEASE);
	local_irq_disable(); /* so that an interrupt to ourselves arrives in this function */
	platform_send_ipi(cpu);
	local_irq_enable();
	while (__atomic_load_n(&call->function, __ATOMIC_ACQUIRE))
		cpu_relax();
	spin_unlock(&call->lock);
}

/* A secondary CPU's first C function, on its idle task's stack. */
void smp_callin(void)
{
	trap_init_cpu();
	timer_init_cpu();
	__atomic_fetch_add(&nr_cpus_online, 1, __ATOMIC_RELEASE);
	cpu_startup_entry();
}

/* One after the other, so that CPUs come up in the same order everywhere. */
__init void smp_init(void)
{
	for (int cpu = 1; cpu < nr_cpus; cpu++) {
		struct task_struct *idle = fork_idle(cpu);

		if (!idle)
			panic("no memory for cpu %d", cpu);
		hart_boot_data[cpu].stack = task_pt_regs(idle);
		__atomic_store_n(&hart_boot_data[cpu].task, idle, __ATOMIC_RELEASE);
		if (platform_start_hart(cpu, &hart_boot_data[cpu]))
			panic("cpu %d did not start", cpu);
		while (__atomic_load_n(&nr_cpus_online, __ATOMIC_ACQUIRE) != cpu + 1)
			cpu_relax();
	}
}
