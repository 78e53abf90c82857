/* SPDX-License-Identifier: MIT */
/*
 * Echoes lines of console input. Booted with "interactive" it waits for them until it reads "exit"; else it only echoes
 * what was typed so far, so that a boot without anybody at the console ends.
 */
#include "user.h"

static int is_exit(const char *line, long n)
{
	return n == 5 && line[0] == 'e' && line[1] == 'x' && line[2] == 'i' && line[3] == 't';
}

static void echo_typed_ahead(void)
{
	char line[64];
	long n = 0, c;

	while ((c = syscall3(SYS_poll, 0, 0, 0)) >= 0 && n < (long)sizeof(line) - 1) {
		line[n++] = c == '\r' ? '\n' : c;
		if (line[n - 1] == '\n') {
			sys_write(1, line, n);
			n = 0;
		}
	}
}

void echo(int interactive)
{
	char line[64];

	if (!interactive) {
		echo_typed_ahead();
		sys_exit(0);
	}
	print("[tour] type lines; \"exit\" ends\n");
	for (;;) {
		long n = sys_read(0, line, sizeof(line));

		if (n <= 0 || is_exit(line, n))
			break;
		sys_write(1, line, n);
	}
	sys_exit(0);
}
