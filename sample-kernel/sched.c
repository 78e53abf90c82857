/* SPDX-License-Identifier: MIT */
/*
 * One run queue per CPU, round robin. A task stays on the CPU it was started on. The kernel itself is not preempted; a
 * process is, on its way back to user mode, when something woke up or its slice is over while others wait.
 */
#include "kernel.h"

struct rq {
	spinlock_t lock;
	struct list_head tasks; /* runnable, the running one included; not the idle task */
	int nr_running;
	struct task_struct *curr, *idle;
	struct timer slice;
};

static DEFINE_PER_CPU(struct rq, runqueues);
#define cpu_rq(cpu) per_cpu_ptr(runqueues, cpu)

#define SLICE_MICROSECONDS 100000

extern char init_stack[];
struct task_struct init_task = {
	.on_cpu = 1,
	.stack = init_stack,
	.comm = "swapper/0",
	.tasks = LIST_HEAD_INIT(init_task.tasks),
	.run_list = LIST_HEAD_INIT(init_task.run_list),
	.parent = &init_task,
};

static void resched_curr(struct rq *rq, int cpu)
{
	__atomic_fetch_or(&rq->curr->thread_info.flags, TIF_NEED_RESCHED, __ATOMIC_RELAXED);
	if (cpu != smp_processor_id())
		smp_send_reschedule(cpu);
}

/*
 * Makes a sleeping task runnable. It may not have got to schedule() yet: then it is still on the queue, and schedule()
 * will see TASK_RUNNING and leave it there. Both look under the queue's lock, so no wake-up is lost.
 */
void wake_up_process(struct task_struct *task)
{
	int cpu = task->thread_info.cpu;
	struct rq *rq = cpu_rq(cpu);
	ulong flags = spin_lock_irqsave(&rq->lock);

	WRITE_ONCE(task->__state, TASK_RUNNING);
	if (!task->on_rq) {
		task->on_rq = 1;
		rq->nr_running++;
		list_add_tail(&task->run_list, &rq->tasks);
		resched_curr(rq, cpu);
	}
	spin_unlock_irqrestore(&rq->lock, flags);
}

void wake_up_new_task(struct task_struct *task, int cpu)
{
	task->thread_info.cpu = cpu;
	wake_up_process(task);
}

static void slice_over(struct timer *timer)
{
	current->thread_info.flags |= TIF_NEED_RESCHED;
}

static struct task_struct *pick_next_task(struct rq *rq)
{
	if (list_empty(&rq->tasks))
		return rq->idle;
	return container_of(rq->tasks.next, struct task_struct, run_list);
}

/*
 * After the switch, on the new task's stack: prev's context is saved completely, so its stack may be freed now and
 * another CPU may look at it. prev took the queue's lock.
 */
static void finish_task_switch(struct task_struct *prev)
{
	struct rq *rq = this_cpu_ptr(runqueues);

	__atomic_store_n(&prev->on_cpu, 0, __ATOMIC_RELEASE);
	spin_unlock(&rq->lock);
}

/* First thing a new task does, in entry.S. */
void schedule_tail(struct task_struct *prev)
{
	finish_task_switch(prev);
	local_irq_enable();
}

/* Gives the CPU to the next task, and comes back when it is this task's turn again. */
noinline void schedule(void)
{
	ulong flags = local_irq_save();
	struct rq *rq = this_cpu_ptr(runqueues);
	struct task_struct *prev = current, *next;

	spin_lock(&rq->lock);
	__atomic_fetch_and(&prev->thread_info.flags, ~TIF_NEED_RESCHED, __ATOMIC_RELAXED);
	if (prev->on_rq) {
		list_del(&prev->run_list);
		if (READ_ONCE(prev->__state) == TASK_RUNNING) {
			list_add_tail(&prev->run_list, &rq->tasks);
		} else {
			prev->on_rq = 0;
			rq->nr_running--;
		}
	}

	next = pick_next_task(rq);
	timer_cancel(&rq->slice);
	if (rq->nr_running > 1)
		timer_start(&rq->slice, slice_over, SLICE_MICROSECONDS);

	if (next != prev) {
		rq->curr = next;
		next->on_cpu = 1;
		if (next->mm != prev->mm)
			switch_mm(next->mm);
		finish_task_switch(__switch_to(prev, next));
	} else {
		spin_unlock(&rq->lock);
	}
	local_irq_restore(flags);
}

struct sleeper {
	struct timer timer;
	struct task_struct *task;
};

static void timeout_over(struct timer *timer)
{
	wake_up_process(container_of(timer, struct sleeper, timer)->task);
}

/* Sleeps. A wake-up from elsewhere ends it early. */
noinline void schedule_timeout(u64 microseconds)
{
	struct sleeper sleeper = { .task = current };
	ulong flags = local_irq_save(); /* the timer's interrupt then never falls into this function */

	WRITE_ONCE(current->__state, TASK_SLEEPING);
	timer_start(&sleeper.timer, timeout_over, microseconds);
	schedule();
	timer_cancel(&sleeper.timer);
	local_irq_restore(flags);
}

struct waiter {
	struct list_head list;
	struct task_struct *task;
};

noinline void wait_on(struct wait_queue_head *queue, ulong *flags)
{
	struct waiter waiter = { .task = current };

	list_add_tail(&waiter.list, &queue->waiters);
	WRITE_ONCE(current->__state, TASK_SLEEPING);
	spin_unlock_irqrestore(&queue->lock, *flags);
	schedule();
	*flags = spin_lock_irqsave(&queue->lock);
	list_del(&waiter.list);
}

void wake_up_locked(struct wait_queue_head *queue)
{
	for (struct list_head *at = queue->waiters.next; at != &queue->waiters; at = at->next)
		wake_up_process(container_of(at, struct waiter, list)->task);
}

/*
 * wfi with interrupts off: a pending interrupt ends it all the same, and none can slip in between the look at
 * need_resched() and wfi.
 */
static noinline void arch_cpu_idle(void)
{
	KEEP_FRAME_RECORD();
	asm volatile("fence\n\twfi" ::: "memory");
	local_irq_enable(); /* the interrupt that ended wfi is taken here */
	local_irq_disable();
}

static noinline void do_idle(void)
{
	while (!need_resched())
		arch_cpu_idle();
	schedule();
}

/* Interrupts are off in the idle task, except in arch_cpu_idle. */
void cpu_startup_entry(void)
{
	local_irq_disable();
	for (;;)
		do_idle();
}

void init_idle(struct task_struct *idle, int cpu)
{
	struct rq *rq = cpu_rq(cpu);

	list_init(&rq->tasks);
	list_init(&rq->slice.list);
	rq->curr = rq->idle = idle;
}

__init void sched_init(void)
{
	init_idle(&init_task, 0);
}
