/* SPDX-License-Identifier: MIT */
#ifndef FILE_H
#define FILE_H

#include "ptrace.h"

struct file;

struct file *file_get(struct file *file);
void file_put(struct file *file);
void console_open(void);

long sys_read(const struct pt_regs *regs);
long sys_write(const struct pt_regs *regs);
long sys_close(const struct pt_regs *regs);
long sys_pipe2(const struct pt_regs *regs);

#endif
