/* SPDX-License-Identifier: MIT */
/* Tasks, the scheduler, and waiting. */
#ifndef SCHED_H
#define SCHED_H

#include "layout.h"
#include "ptrace.h"
#include "spinlock.h"
#include "types.h"

struct mm_struct;
struct file;

#define TIF_NEED_RESCHED 1UL

/* What entry.S needs of a task. First in struct task_struct, so tp points to both. */
struct thread_info {
	ulong flags;     /* TIF_* */
	ulong kernel_sp; /* sp to start from at the next entry from user mode; scratch while in the kernel */
	ulong user_sp;   /* scratch: sp at the time of the exception */
	int cpu;
};

/* Context of a task that is not running: what a call must preserve, since __switch_to is a call. */
struct thread_struct {
	ulong ra;
	ulong sp;
	ulong s[12];
};

enum task_state { TASK_RUNNING, TASK_SLEEPING, TASK_DEAD };

#define TASK_COMM_LEN 16
#define NR_FILES      8

struct task_struct {
	struct thread_info thread_info;
	u32 __state;
	int on_cpu;  /* 1 from the switch to this task until the switch away is complete */
	void *stack; /* lowest address */
	int pid;
	int on_rq;
	struct thread_struct thread;
	char comm[TASK_COMM_LEN];
	struct list_head tasks;    /* all tasks; the head is init_task's */
	struct list_head run_list; /* in its CPU's run queue while on_rq */
	struct task_struct *parent;
	struct mm_struct *mm; /* none for kernel threads */
	struct file *files[NR_FILES];
	int exit_code;
};

extern struct task_struct init_task;
extern spinlock_t tasklist_lock;

register struct task_struct *current_from_tp asm("tp");
#define current (current_from_tp)

static always_inline int smp_processor_id(void)
{
	return current->thread_info.cpu;
}

/* The user's registers (or a kernel thread's final record) lie at the very top of the task's stack. */
static always_inline struct pt_regs *task_pt_regs(struct task_struct *task)
{
	return (struct pt_regs *)((ulong)task->stack + THREAD_SIZE - ALIGN_UP(sizeof(struct pt_regs), 16));
}

/* sched.c */
void sched_init(void);
void init_idle(struct task_struct *idle, int cpu);
void schedule(void);
void schedule_tail(struct task_struct *prev);
void wake_up_process(struct task_struct *task);
void wake_up_new_task(struct task_struct *task, int cpu);
void schedule_timeout(u64 microseconds);
void cpu_startup_entry(void);
struct task_struct *__switch_to(struct task_struct *prev, struct task_struct *next);

static always_inline bool need_resched(void)
{
	return READ_ONCE(current->thread_info.flags) & TIF_NEED_RESCHED;
}

/*
 * Tasks that wait for a condition. The lock protects the condition too: whoever makes it true holds the lock and calls
 * wake_up_locked(), so no wake-up can fall between looking at the condition and going to sleep.
 */
struct wait_queue_head {
	spinlock_t lock;
	struct list_head waiters;
};

#define WAIT_QUEUE_INIT(name) { { 0 }, LIST_HEAD_INIT((name).waiters) }

void wait_on(struct wait_queue_head *queue, ulong *flags);
void wake_up_locked(struct wait_queue_head *queue);

/* Called and returns with queue->lock held (flags from its spin_lock_irqsave). */
#define wait_event_locked(queue, condition, flags)                                                                     \
	do {                                                                                                           \
		while (!(condition))                                                                                   \
			wait_on(queue, &(flags));                                                                      \
	} while (0)

/* process.c: what of a task's life depends on the architecture */
struct kernel_clone_args {
	int (*fn)(void *); /* kernel thread, if set */
	void *fn_arg;
};
int copy_thread(struct task_struct *task, const struct kernel_clone_args *args);
void start_thread(struct pt_regs *regs, ulong pc, ulong sp);

/* fork.c: tasks come, are waited for, and go */
#define CPU_SAME (-1)
int kernel_clone(const struct kernel_clone_args *args, const char *comm, int cpu);
int kernel_thread(int (*fn)(void *), void *arg, const char *comm, int cpu);
struct task_struct *fork_idle(int cpu);
void do_exit(int code);
int do_wait(int pid, int *code);
int kernel_execve(const char *name);

#endif
