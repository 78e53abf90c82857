/* A module with a thread of its own, and functions whose names are to be seen in stacks. */
#include <linux/module.h>
#include <linux/kthread.h>
#include <linux/delay.h>
static struct task_struct *worker;
static int counter = 7;
module_param(counter, int, 0444);
static noinline int demo_wait(int ms)
{
	msleep(ms);
	return counter++;
}
static int demo_worker(void *unused)
{
	while (!kthread_should_stop())
		demo_wait(20);
	return 0;
}
noinline void demo_trace(int depth)
{
	if (depth)
		demo_trace(depth - 1);
	else
		dump_stack();
	barrier();
}
EXPORT_SYMBOL(demo_trace);
static int __init demo_init(void)
{
	pr_info("demo_init is at %px, demo_trace at %px\n", demo_init, demo_trace);
	demo_trace(2);
	worker = kthread_run(demo_worker, NULL, "demo");
	return 0;
}
static void __exit demo_exit(void)
{
	kthread_stop(worker);
	demo_trace(0);
}
module_init(demo_init);
module_exit(demo_exit);
MODULE_LICENSE("GPL");
