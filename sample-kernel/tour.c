/* SPDX-License-Identifier: MIT */
/*
 * A tour of the situations that a stack can be in, each reached in the same way on every machine. This half needs
 * only the kernel; user/init.c has the rest. Set breakpoints on the functions named in README.md.
 */
#include "kernel.h"

static void join(int pid)
{
	int code;

	do_wait(pid, &code);
}

/* A kernel thread: its stack ends in the FINAL record that copy_thread wrote. */
static noinline int tour_kthread(void *arg)
{
	printk("[tour] kernel thread on cpu %d\n", smp_processor_id());
	return 0;
}

static noinline void tour_kernel_threads(void)
{
	for (int cpu = 0; cpu < nr_cpus; cpu++)
		join(kernel_thread(tour_kthread, NULL, "kthread", cpu));
}

static volatile bool timer_fired;

static noinline void tour_timer_callback(struct timer *timer)
{
	KEEP_FRAME_RECORD();
	timer_fired = true;
}

static noinline void tour_leaf_timer_callback(struct timer *timer)
{
	KEEP_FRAME_RECORD();
	timer_fired = true;
}

/* Kernel code that gets interrupted: at the instruction that follows local_irq_enable(), whatever the time. */
static noinline void tour_wait_for_timer(void)
{
	struct timer timer;

	timer_fired = false;
	local_irq_disable();
	timer_start(&timer, tour_timer_callback, 100);
	wait_for_pending_interrupt();
	local_irq_enable();
	while (!timer_fired)
		cpu_relax();
}

static noinline void tour_timer_interrupt(void)
{
	tour_wait_for_timer();
	printk("[tour] timer interrupt over kernel code\n");
}

static noinline void tour_ipi_callback(void *arg)
{
	KEEP_FRAME_RECORD();

	int cpu = smp_processor_id();

	WRITE_ONCE(*(int *)arg, cpu);
}

/* CPU 0 interrupts itself, over kernel code; the others are interrupted in their idle loops. */
static noinline void tour_ipi(void)
{
	for (int cpu = 0; cpu < nr_cpus; cpu++) {
		int seen = -1;

		smp_call_function_single(cpu, tour_ipi_callback, &seen);
		printk("[tour] inter-processor interrupt on cpu %d\n", seen);
	}
}

static bool warning_waits;

/* Called by do_trap_break with the registers of the ebreak. */
noinline void tour_warning(struct pt_regs *regs)
{
	if (!warning_waits)
		return;
	tour_wait_for_timer();
	local_irq_disable();
}

/* An exception while the kernel runs: one PT_REGS record above the FINAL one. */
static noinline void tour_nested_exception(void)
{
	asm volatile("ebreak");
	printk("[tour] exception in the kernel\n");
}

/* And an interrupt while that exception is handled: two. */
static noinline void tour_interrupted_exception(void)
{
	warning_waits = true;
	asm volatile("ebreak");
	warning_waits = false;
	printk("[tour] interrupt inside an exception in the kernel\n");
}

static struct wait_queue_head waiter_queue = WAIT_QUEUE_INIT(waiter_queue);
static bool waiter_started, waiter_may_go;

static noinline int tour_waiter(void *arg)
{
	ulong flags = spin_lock_irqsave(&waiter_queue.lock);

	waiter_started = true;
	wake_up_locked(&waiter_queue);
	wait_event_locked(&waiter_queue, waiter_may_go, flags);
	spin_unlock_irqrestore(&waiter_queue.lock, flags);
	return 0;
}

/* The task "waiter" is blocked now: a walk of it starts from thread.ra and thread.s[0]. */
static noinline void tour_look_at_blocked(void)
{
	printk("[tour] a task blocked in schedule\n");
}

static noinline void tour_blocked(void)
{
	int pid = kernel_thread(tour_waiter, NULL, "waiter", CPU_SAME);
	ulong flags = spin_lock_irqsave(&waiter_queue.lock);

	wait_event_locked(&waiter_queue, waiter_started, flags);
	spin_unlock_irqrestore(&waiter_queue.lock, flags);
	tour_look_at_blocked();

	flags = spin_lock_irqsave(&waiter_queue.lock);
	waiter_may_go = true;
	wake_up_locked(&waiter_queue);
	spin_unlock_irqrestore(&waiter_queue.lock, flags);
	join(pid);
}

/* Calls nothing, so it keeps no frame record, and gets interrupted: a walk must notice and stop there. */
static noinline void tour_compact_leaf(void)
{
	local_irq_enable();
	while (!timer_fired)
		;
}

static noinline void tour_interrupted_leaf(void)
{
	struct timer timer;

	timer_fired = false;
	local_irq_disable();
	timer_start(&timer, tour_leaf_timer_callback, 100);
	wait_for_pending_interrupt();
	tour_compact_leaf();
	printk("[tour] timer interrupt over a leaf without a frame record\n");
}

#ifdef CONFIG_VMAP_STACK
/* A kilobyte a call. The store that faults is in a prologue, before s0 is moved: the walk misses one caller there. */
static noinline int tour_overflow(int depth)
{
	volatile char frame[1024];

	frame[0] = depth;
	return depth > 1000 ? 0 : tour_overflow(depth + 1) + frame[0];
}
#endif

void tour_kernel(void)
{
	tour_kernel_threads();
	tour_timer_interrupt();
	tour_ipi();
	tour_nested_exception();
	tour_interrupted_exception();
	tour_blocked();
	tour_interrupted_leaf();
#ifdef CONFIG_VMAP_STACK
	if (command_line_has("overflow"))
		tour_overflow(0);
#endif
}
