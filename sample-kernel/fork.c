/* SPDX-License-Identifier: MIT */
/* Tasks come, become programs, go, and are waited for. */
#include "file.h"
#include "kernel.h"

_Static_assert(sizeof(struct task_struct) <= PAGE_SIZE, "a task is one page");

spinlock_t tasklist_lock;
static int last_pid;
static struct task_struct *child_reaper; /* pid 1 */

/* All waiting for children is done here; a wake-up makes every parent look again. */
static struct wait_queue_head child_exit = WAIT_QUEUE_INIT(child_exit);

static void set_comm(struct task_struct *task, const char *comm)
{
	size_t n = strlen(comm);

	if (n >= TASK_COMM_LEN)
		n = TASK_COMM_LEN - 1;
	memset(task->comm, 0, TASK_COMM_LEN);
	memcpy(task->comm, comm, n);
}

static void free_task(struct task_struct *task)
{
	if (task->mm)
		mm_free(task->mm);
	if (task->stack)
		free_stack(task->stack);
	free_page(task);
}

static struct task_struct *copy_process(const struct kernel_clone_args *args, const char *comm)
{
	struct task_struct *task = alloc_page();

	if (!task)
		return NULL;
	task->stack = alloc_stack();
	if (!args->fn)
		task->mm = mm_copy(current->mm);
	if (!task->stack || (!args->fn && !task->mm)) {
		free_task(task);
		return NULL;
	}
	task->parent = current;
	list_init(&task->run_list);
	set_comm(task, comm);
	copy_thread(task, args);
	for (int i = 0; i < NR_FILES; i++)
		task->files[i] = file_get(current->files[i]);
	return task;
}

static void link_task(struct task_struct *task)
{
	ulong flags = spin_lock_irqsave(&tasklist_lock);

	list_add_tail(&task->tasks, &init_task.tasks);
	spin_unlock_irqrestore(&tasklist_lock, flags);
}

/* Returns the new task's pid. */
int kernel_clone(const struct kernel_clone_args *args, const char *comm, int cpu)
{
	struct task_struct *task = copy_process(args, comm);

	if (!task)
		return -ENOMEM;
	task->pid = __atomic_add_fetch(&last_pid, 1, __ATOMIC_RELAXED);
	if (task->pid == 1)
		child_reaper = task;
	link_task(task);

	int pid = task->pid;

	wake_up_new_task(task, cpu == CPU_SAME ? smp_processor_id() : cpu);
	return pid;
}

struct kthread {
	int (*fn)(void *);
	void *arg;
};

static noinline int kthread(void *data)
{
	struct kthread create = *(struct kthread *)data;

	free_page(data);
	do_exit(create.fn(create.arg));
	return 0;
}

/* A task that runs fn in the kernel and exits with its result. "init" returns from fn instead, to user mode. */
int kernel_thread(int (*fn)(void *), void *arg, const char *comm, int cpu)
{
	if (last_pid == 0)
		return kernel_clone(&(struct kernel_clone_args){ fn, arg }, comm, cpu);

	struct kthread *create = alloc_page();

	if (!create)
		return -ENOMEM;
	*create = (struct kthread){ fn, arg };
	return kernel_clone(&(struct kernel_clone_args){ kthread, create }, comm, cpu);
}

static int idle_never_called(void *unused)
{
	return 0;
}

/* A further CPU's idle task. It starts in head.S; copy_thread is used for the FINAL record on its stack. */
struct task_struct *fork_idle(int cpu)
{
	struct task_struct *idle = copy_process(&(struct kernel_clone_args){ idle_never_called, NULL }, "swapper/0");

	if (!idle)
		return NULL;
	idle->comm[8] += cpu;
	idle->thread_info.cpu = cpu;
	idle->on_cpu = 1;
	link_task(idle);
	init_idle(idle, cpu);
	return idle;
}

/* Children of a task that goes become init's, which waits for everything. */
static void forget_children(void)
{
	ulong flags = spin_lock_irqsave(&tasklist_lock);

	for (struct list_head *at = init_task.tasks.next; at != &init_task.tasks; at = at->next) {
		struct task_struct *task = container_of(at, struct task_struct, tasks);

		if (task->parent == current)
			task->parent = child_reaper;
	}
	spin_unlock_irqrestore(&tasklist_lock, flags);
}

void do_exit(int code)
{
	if (current == child_reaper)
		panic("init exited with %d", code);
	forget_children();
	for (int i = 0; i < NR_FILES; i++) {
		file_put(current->files[i]);
		current->files[i] = NULL;
	}

	struct mm_struct *mm = current->mm;

	local_irq_disable();
	current->mm = NULL;
	switch_mm(NULL);
	local_irq_enable();
	if (mm)
		mm_free(mm);

	ulong flags = spin_lock_irqsave(&child_exit.lock);

	current->exit_code = code;
	WRITE_ONCE(current->__state, TASK_DEAD);
	wake_up_locked(&child_exit);
	spin_unlock_irqrestore(&child_exit.lock, flags);
	schedule();
	panic("a dead task was scheduled");
}

/* A child that is done, or NULL; *any tells whether there are children at all. */
static struct task_struct *find_dead_child(int pid, bool *any)
{
	struct task_struct *found = NULL;
	ulong flags = spin_lock_irqsave(&tasklist_lock);

	*any = false;
	for (struct list_head *at = init_task.tasks.next; at != &init_task.tasks; at = at->next) {
		struct task_struct *task = container_of(at, struct task_struct, tasks);

		if (task->parent != current || task->pid == 0 || (pid > 0 && task->pid != pid))
			continue;
		*any = true;
		if (READ_ONCE(task->__state) == TASK_DEAD) {
			found = task;
			break;
		}
	}
	if (found)
		list_del(&found->tasks);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return found;
}

/* Waits for a child (any if pid <= 0), removes it and returns its pid. */
noinline int do_wait(int pid, int *code)
{
	struct task_struct *child = NULL;
	bool any;
	ulong flags = spin_lock_irqsave(&child_exit.lock);

	wait_event_locked(&child_exit, (child = find_dead_child(pid, &any)) || !any, flags);
	spin_unlock_irqrestore(&child_exit.lock, flags);
	if (!child)
		return -ECHILD;

	/* It may still be on its way out of schedule(), on another CPU and on the stack that we are about to free. */
	while (__atomic_load_n(&child->on_cpu, __ATOMIC_ACQUIRE))
		cpu_relax();

	int done = child->pid;

	*code = child->exit_code;
	free_task(child);
	return done;
}

/* The programs in the image, by name: user/crt.S. */
struct user_program {
	char name[TASK_COMM_LEN];
	ulong entry;
};
extern const struct user_program user_programs[], user_programs_end[];

/* Replaces the current task's address space. What runs next is decided by its pt_regs. */
int kernel_execve(const char *name)
{
	for (const struct user_program *program = user_programs; program < user_programs_end; program++) {
		if (strcmp(program->name, name) != 0)
			continue;

		struct mm_struct *mm = mm_alloc(), *old = current->mm;

		if (!mm)
			return -ENOMEM;
		set_comm(current, name);
		local_irq_disable();
		current->mm = mm;
		switch_mm(mm);
		local_irq_enable();
		if (old)
			mm_free(old);
		start_thread(task_pt_regs(current), program->entry, mm_stack_top(mm));
		task_pt_regs(current)->a0 = command_line_has("interactive");
		return 0;
	}
	return -ENOENT;
}
