/* SPDX-License-Identifier: MIT */
/* What the programs share. They are one read-only image without variables: all they can write to is their stacks. */
#ifndef USER_H
#define USER_H

#include "syscall.h"

#define CPU_SAME (-1)
#define AREA_HEAP 0
#define AREA_SLOW 1

long syscall3(long number, long a0, long a1, long a2);
int spawn(void (*fn)(long), long arg, int cpu);

static inline long sys_write(int fd, const void *buffer, long n)
{
	return syscall3(SYS_write, fd, (long)buffer, n);
}

static inline long sys_read(int fd, void *buffer, long n)
{
	return syscall3(SYS_read, fd, (long)buffer, n);
}

static inline void sys_exit(int code)
{
	syscall3(SYS_exit, code, 0, 0);
}

static inline int sys_wait(int pid)
{
	int code = -1;

	syscall3(SYS_wait4, pid, (long)&code, 0);
	return code;
}

static inline long sys_execve(const char *name)
{
	char buffer[16];
	int i = 0;

	for (; i < 15 && name[i]; i++)
		buffer[i] = name[i];
	for (; i < 16; i++)
		buffer[i] = 0;
	return syscall3(SYS_execve, (long)buffer, 0, 0);
}

static inline void sys_sleep(long microseconds)
{
	syscall3(SYS_nanosleep, microseconds, 0, 0);
}

static inline unsigned long rdtime(void)
{
	unsigned long value;

	asm volatile("rdtime %0" : "=r"(value));
	return value;
}

static inline void print(const char *text)
{
	long n = 0;

	while (text[n])
		n++;
	sys_write(1, text, n);
}

#endif
