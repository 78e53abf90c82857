/* SPDX-License-Identifier: MIT */
/* One-shot timers. No periodic tick: a CPU with nothing to do sleeps until its next timer. */
#include "kernel.h"

static DEFINE_PER_CPU(struct list_head, timer_list); /* by time of expiry */

static void program_next(struct list_head *list)
{
	platform_set_timer(list_empty(list) ? ~0UL : container_of(list->next, struct timer, list)->expires);
}

void timer_init_cpu(void)
{
	list_init(this_cpu_ptr(timer_list));
	platform_set_timer(~0UL);
}

void timer_start(struct timer *timer, void (*function)(struct timer *), u64 microseconds)
{
	ulong flags = local_irq_save();
	struct list_head *list = this_cpu_ptr(timer_list), *at = list->next;

	timer->function = function;
	timer->expires = get_cycles() + microseconds * timebase_frequency / 1000000;
	while (at != list && container_of(at, struct timer, list)->expires <= timer->expires)
		at = at->next;
	list_add_tail(&timer->list, at);
	if (list->next == &timer->list)
		program_next(list);
	local_irq_restore(flags);
}

void timer_cancel(struct timer *timer)
{
	ulong flags = local_irq_save();
	struct list_head *list = this_cpu_ptr(timer_list);
	bool was_next = list->next == &timer->list;

	list_del(&timer->list);
	if (was_next)
		program_next(list);
	local_irq_restore(flags);
}

/* On the IRQ stack. Setting the next time also takes the interrupt away. */
noinline void riscv_timer_interrupt(void)
{
	struct list_head *list = this_cpu_ptr(timer_list);

	while (!list_empty(list)) {
		struct timer *timer = container_of(list->next, struct timer, list);

		if (timer->expires > get_cycles())
			break;
		list_del(&timer->list);
		timer->function(timer);
	}
	program_next(list);
}
