/* SPDX-License-Identifier: MIT */
/* Numbers of system calls, Linux's where it has the call. Shared with the programs in user/. */
#ifndef SYSCALL_H
#define SYSCALL_H

#define SYS_pipe2     59  /* (int fds[2]) */
#define SYS_close     57  /* (fd) */
#define SYS_read      63  /* (fd, buffer, n) */
#define SYS_write     64  /* (fd, buffer, n) */
#define SYS_exit      93  /* (code) */
#define SYS_nanosleep 101 /* (microseconds) */
#define SYS_reboot    142 /* (failed) */
#define SYS_getpid    172
#define SYS_clone     220 /* (cpu or -1): 0 in the child, which has a copy of the memory, or a new stack without an MMU */
#define SYS_execve    221 /* (name) */
#define SYS_mmap      222 /* (area): address of demand-zero memory, or an error */
#define SYS_wait4     260 /* (pid or -1, int *code) */
#define SYS_getcpu    168
#define SYS_poll      73  /* (): a byte of console input or -1, without waiting */
#define SYS_ncpus     500 /* number of CPUs; Linux has /sys for it */

#endif
