/* SPDX-License-Identifier: MIT */
/* The first process: the half of the tour that needs user mode. Each step says what it did once it has done it. */
#include "user.h"

static void system_call(void)
{
	if (syscall3(SYS_getpid, 0, 0, 0) == 1)
		print("[tour] system call\n");
}

/* The first touch of a heap page faults in user mode. */
static void page_fault(volatile char *heap)
{
	heap[0] = 1;
	print("[tour] page fault from user mode\n");
}

/* The kernel touches the second page first, in copy_from_user inside write. */
static void fault_in_copy_from_user(const char *heap, int fd)
{
	if (sys_write(fd, heap + 4096, 1) == 1)
		print("[tour] page fault inside copy_from_user\n");
}

/* As before, but the page comes from a slow device, whose interrupt arrives inside the page fault. */
static void interrupt_in_fault_in_system_call(const char *slow, int fd)
{
	if (sys_write(fd, slow, 1) == 1)
		print("[tour] interrupt inside a page fault inside a system call\n");
}

/* A pointer that no page can be found for: the copy is given up and the call returns an error. */
static void bad_pointer(int fd)
{
	if (sys_write(fd, (const char *)0x1000, 1) == -14)
		print("[tour] bad pointer refused\n");
}

static void touching_memory(void)
{
	long heap = syscall3(SYS_mmap, AREA_HEAP, 0, 0);
	long slow = syscall3(SYS_mmap, AREA_SLOW, 0, 0);
	int fds[2];

	if (heap < 0 || slow < 0 || syscall3(SYS_pipe2, (long)fds, 0, 0))
		return; /* without an MMU nothing is paged in */
	page_fault((volatile char *)heap);
	fault_in_copy_from_user((const char *)heap, fds[1]);
	interrupt_in_fault_in_system_call((const char *)slow, fds[1]);
	bad_pointer(fds[1]);
	syscall3(SYS_close, fds[0], 0, 0);
	syscall3(SYS_close, fds[1], 0, 0);
}

static void child(long arg)
{
	print("[tour] forked process\n");
	sys_execve("hello");
	sys_exit(1);
}

static void fork_exec_wait(void)
{
	int pid = spawn(child, 0, CPU_SAME);

	if (sys_wait(pid) == 42)
		print("[tour] child waited for\n");
}

static void child_on_cpu(long cpu)
{
	sys_exit(syscall3(SYS_getcpu, 0, 0, 0) == cpu ? 0 : 1);
}

static void process_on_each_cpu(void)
{
	long cpus = syscall3(SYS_ncpus, 0, 0, 0);
	int right = 1;

	for (long cpu = 0; cpu < cpus; cpu++)
		right &= sys_wait(spawn(child_on_cpu, cpu, cpu)) == 0;
	if (right)
		print("[tour] a process on each cpu\n");
}

static void sleeping(void)
{
	sys_sleep(1000);
	print("[tour] slept\n");
}

static void pipe_writer(long fd)
{
	sys_sleep(1000);
	sys_write(fd, "[tour] blocking read of a pipe\n", 31);
	sys_exit(0);
}

/* The read blocks: the child writes later. */
static void pipe_between_processes(void)
{
	int fds[2];
	char line[64];

	if (syscall3(SYS_pipe2, (long)fds, 0, 0))
		return;

	int pid = spawn(pipe_writer, fds[1], CPU_SAME);
	long n = sys_read(fds[0], line, sizeof(line));

	sys_wait(pid);
	syscall3(SYS_close, fds[0], 0, 0);
	syscall3(SYS_close, fds[1], 0, 0);
	sys_write(1, line, n);
}

static void busy(long ticks)
{
	unsigned long end = rdtime() + ticks;

	while (rdtime() < end)
		;
	sys_exit(0);
}

/* The timer interrupt that ends the sleep arrives while the child computes in user mode. */
static void preemption(void)
{
	int pid = spawn(busy, 200000, CPU_SAME);

	sys_sleep(5000);
	print("[tour] timer interrupt over user code\n");
	sys_wait(pid);
}

static void crash(long arg)
{
	asm volatile("unimp");
}

static void crashing(void)
{
	sys_wait(spawn(crash, 0, CPU_SAME));
	print("[tour] a process killed\n");
}

static void run_echo(long arg)
{
	sys_execve("echo");
	sys_exit(1);
}

void init(void)
{
	system_call();
	touching_memory();
	fork_exec_wait();
	process_on_each_cpu();
	sleeping();
	pipe_between_processes();
	preemption();
	crashing();
	sys_wait(spawn(run_echo, 0, CPU_SAME));
	print("[tour] done, powering off\n");
	syscall3(SYS_reboot, 0, 0, 0);
}
