/* SPDX-License-Identifier: MIT */
/* The console and pipes, as files. Descriptors 0 and 1 are the console unless they were closed. */
#include "kernel.h"
#include "file.h"

#define PIPE_SIZE 64

struct pipe {
	struct wait_queue_head wait; /* its lock protects the pipe */
	int readers, writers;
	unsigned head, tail; /* bytes ever written and read */
	char data[PIPE_SIZE];
};

/* One end of a pipe. The console has none: pipe is NULL. */
struct file {
	int references;
	bool writes;
	struct pipe *pipe;
};

static struct file console = { .references = 1 };

struct file *file_get(struct file *file)
{
	if (file)
		__atomic_fetch_add(&file->references, 1, __ATOMIC_RELAXED);
	return file;
}

static void pipe_close(struct file *file)
{
	struct pipe *pipe = file->pipe;
	ulong flags = spin_lock_irqsave(&pipe->wait.lock);

	*(file->writes ? &pipe->writers : &pipe->readers) -= 1;

	bool last = pipe->readers + pipe->writers == 0;

	wake_up_locked(&pipe->wait);
	spin_unlock_irqrestore(&pipe->wait.lock, flags);
	if (last)
		free_page(pipe);
}

void file_put(struct file *file)
{
	if (!file || __atomic_sub_fetch(&file->references, 1, __ATOMIC_ACQ_REL))
		return;
	pipe_close(file);
	free_page(file);
}

/* Gives the first process its console. */
void console_open(void)
{
	current->files[0] = file_get(&console);
	current->files[1] = file_get(&console);
}

static struct file *fd_file(ulong fd)
{
	return fd < NR_FILES ? current->files[fd] : NULL;
}

static int install(struct file *file)
{
	for (int fd = 0; fd < NR_FILES; fd++) {
		if (!current->files[fd]) {
			current->files[fd] = file;
			return fd;
		}
	}
	return -EMFILE;
}

long sys_close(const struct pt_regs *regs)
{
	struct file *file = fd_file(regs->a0);

	if (!file)
		return -EBADF;
	current->files[regs->a0] = NULL;
	file_put(file);
	return 0;
}

static struct file *pipe_end(struct pipe *pipe, bool writes)
{
	struct file *file = alloc_page();

	if (file)
		*file = (struct file){ 1, writes, pipe };
	return file;
}

long sys_pipe2(const struct pt_regs *regs)
{
	struct pipe *pipe = alloc_page();
	struct file *reader = pipe ? pipe_end(pipe, false) : NULL;
	struct file *writer = reader ? pipe_end(pipe, true) : NULL;

	if (!writer) {
		if (reader)
			free_page(reader);
		if (pipe)
			free_page(pipe);
		return -ENOMEM;
	}
	list_init(&pipe->wait.waiters);
	pipe->readers = pipe->writers = 1;

	int fds[2] = { install(reader), install(writer) };

	if (fds[0] < 0 || fds[1] < 0 || copy_to_user((void *)regs->a0, fds, sizeof(fds))) {
		for (int i = 0; i < 2; i++)
			if (fds[i] >= 0)
				current->files[fds[i]] = NULL;
		file_put(reader);
		file_put(writer);
		return fds[1] < 0 ? -EMFILE : -EFAULT;
	}
	return 0;
}

static noinline long pipe_read(struct pipe *pipe, char *to, ulong n)
{
	ulong flags = spin_lock_irqsave(&pipe->wait.lock), done = 0;

	wait_event_locked(&pipe->wait, pipe->head != pipe->tail || !pipe->writers, flags);
	while (done < n && pipe->tail != pipe->head)
		to[done++] = pipe->data[pipe->tail++ % PIPE_SIZE];
	wake_up_locked(&pipe->wait);
	spin_unlock_irqrestore(&pipe->wait.lock, flags);
	return done;
}

static noinline long pipe_write(struct pipe *pipe, const char *from, ulong n)
{
	ulong flags = spin_lock_irqsave(&pipe->wait.lock), done = 0;

	while (done < n) {
		wait_event_locked(&pipe->wait, pipe->head - pipe->tail < PIPE_SIZE || !pipe->readers, flags);
		if (!pipe->readers)
			break;
		while (done < n && pipe->head - pipe->tail < PIPE_SIZE)
			pipe->data[pipe->head++ % PIPE_SIZE] = from[done++];
		wake_up_locked(&pipe->wait);
	}
	spin_unlock_irqrestore(&pipe->wait.lock, flags);
	return done || !n ? (long)done : -EPIPE;
}

/* Input comes without an interrupt (SBI has none for it), so the reader looks again every 10 ms. */
static noinline long console_read(char *to, ulong n)
{
	ulong done = 0;

	while (done < n) {
		int c = console_getchar();

		if (c < 0) {
			schedule_timeout(10000);
			continue;
		}
		if (c == '\r')
			c = '\n';
		to[done++] = c;
		if (c == '\n')
			break;
	}
	return done;
}

#define CHUNK 128

noinline long sys_read(const struct pt_regs *regs)
{
	struct file *file = fd_file(regs->a0);
	ulong n = regs->a2 < CHUNK ? regs->a2 : CHUNK;
	char buffer[CHUNK];

	if (!file || file->writes)
		return -EBADF;

	long done = file->pipe ? pipe_read(file->pipe, buffer, n) : console_read(buffer, n);

	if (done > 0 && copy_to_user((void *)regs->a1, buffer, done))
		return -EFAULT;
	return done;
}

noinline long sys_write(const struct pt_regs *regs)
{
	struct file *file = fd_file(regs->a0);
	ulong n = regs->a2 < CHUNK ? regs->a2 : CHUNK;
	char buffer[CHUNK];

	if (!file || (file->pipe && !file->writes))
		return -EBADF;
	if (copy_from_user(buffer, (const void *)regs->a1, n))
		return -EFAULT;
	if (file->pipe)
		return pipe_write(file->pipe, buffer, n);
	console_write(buffer, n);
	return n;
}
