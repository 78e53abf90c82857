/* SPDX-License-Identifier: MIT */
/* System calls. Number in a7, arguments in a0 to a5, result in a0: negative numbers are errors. */
#include "file.h"
#include "kernel.h"
#include "syscall.h"

static noinline long sys_getpid(const struct pt_regs *regs)
{
	KEEP_FRAME_RECORD();
	return current->pid;
}

static noinline long sys_getcpu(const struct pt_regs *regs)
{
	KEEP_FRAME_RECORD();
	return smp_processor_id();
}

static noinline long sys_ncpus(const struct pt_regs *regs)
{
	KEEP_FRAME_RECORD();
	return nr_cpus;
}

static noinline long sys_exit(const struct pt_regs *regs)
{
	do_exit(regs->a0);
	return 0;
}

static noinline long sys_nanosleep(const struct pt_regs *regs)
{
	schedule_timeout(regs->a0);
	return 0;
}

static noinline long sys_reboot(const struct pt_regs *regs)
{
	local_irq_disable();
	platform_power_off(regs->a0);
	return 0;
}

static noinline long sys_clone(const struct pt_regs *regs)
{
	int cpu = regs->a0;

	if (cpu != CPU_SAME && (cpu < 0 || cpu >= nr_cpus))
		return -EINVAL;
	return kernel_clone(&(struct kernel_clone_args){ 0 }, current->comm, cpu);
}

static noinline long sys_execve(const struct pt_regs *regs)
{
	char name[TASK_COMM_LEN];

	if (copy_from_user(name, (const void *)regs->a0, sizeof(name)))
		return -EFAULT;
	name[sizeof(name) - 1] = 0;
	return kernel_execve(name) ?: (long)task_pt_regs(current)->a0; /* the new program's argument */
}

static noinline long sys_mmap(const struct pt_regs *regs)
{
	ulong address = mm_area(current->mm, regs->a0);

	return address ? (long)address : -EINVAL;
}

static noinline long sys_wait4(const struct pt_regs *regs)
{
	int code = 0, pid = do_wait(regs->a0, &code);

	if (pid > 0 && regs->a1 && copy_to_user((void *)regs->a1, &code, sizeof(code)))
		return -EFAULT;
	return pid;
}

static noinline long sys_poll(const struct pt_regs *regs)
{
	return console_getchar();
}

typedef long (*syscall_t)(const struct pt_regs *);

static const syscall_t sys_call_table[] = {
	[SYS_close] = sys_close,     [SYS_pipe2] = sys_pipe2,   [SYS_read] = sys_read,     [SYS_write] = sys_write,
	[SYS_poll] = sys_poll,       [SYS_exit] = sys_exit,     [SYS_nanosleep] = sys_nanosleep,
	[SYS_reboot] = sys_reboot,   [SYS_getcpu] = sys_getcpu, [SYS_getpid] = sys_getpid, [SYS_clone] = sys_clone,
	[SYS_execve] = sys_execve,   [SYS_mmap] = sys_mmap,     [SYS_wait4] = sys_wait4,   [SYS_ncpus] = sys_ncpus,
};

long syscall(ulong number, struct pt_regs *regs)
{
	if (number >= ARRAY_SIZE(sys_call_table) || !sys_call_table[number])
		return -ENOSYS;
	return sys_call_table[number](regs);
}
