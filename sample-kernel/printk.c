/* SPDX-License-Identifier: MIT */
/* Console and messages. */
#include "kernel.h"

static spinlock_t console_lock;

/* One call, one piece of text: pieces of two CPUs do not mix. */
void console_write(const char *text, size_t n)
{
	ulong flags = spin_lock_irqsave(&console_lock);

	for (size_t i = 0; i < n; i++)
		platform_putchar(text[i]);
	spin_unlock_irqrestore(&console_lock, flags);
}

/* A byte of input, or -1. */
int console_getchar(void)
{
	ulong flags = spin_lock_irqsave(&console_lock);
	int c = platform_getchar();

	spin_unlock_irqrestore(&console_lock, flags);
	return c;
}

struct buffer {
	char text[160];
	size_t n;
};

static void append(struct buffer *to, char c)
{
	if (to->n < sizeof(to->text))
		to->text[to->n++] = c;
}

static void append_number(struct buffer *to, ulong value, unsigned base)
{
	char digits[24];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		append(to, digits[--n]);
}

/* %s, %d, %u, %lu, %lx, %p and %%. */
static void format_message(struct buffer *to, const char *format, va_list args)
{
	for (; *format; format++) {
		if (*format != '%') {
			append(to, *format);
			continue;
		}

		bool is_long = *++format == 'l';

		if (is_long)
			format++;
		switch (*format) {
		case 's':
			for (const char *s = va_arg(args, const char *); *s; s++)
				append(to, *s);
			break;
		case 'd': {
			int value = va_arg(args, int);

			if (value < 0)
				append(to, '-');
			append_number(to, value < 0 ? -(long)value : value, 10);
			break;
		}
		case 'p':
			append(to, '0');
			append(to, 'x');
			append_number(to, va_arg(args, ulong), 16);
			break;
		case 'u':
		case 'x':
			append_number(to, is_long ? va_arg(args, ulong) : va_arg(args, u32), *format == 'x' ? 16 : 10);
			break;
		default:
			append(to, *format);
		}
	}
}

void printk(const char *format, ...)
{
	struct buffer buffer = { .n = 0 };
	va_list args;

	va_start(args, format);
	format_message(&buffer, format, args);
	va_end(args);
	console_write(buffer.text, buffer.n);
}

/* Does not return; not declared so, because then a return address could lie behind the end of the caller. */
void panic(const char *format, ...)
{
	struct buffer buffer = { .n = 0 };
	va_list args;

	local_irq_disable();
	va_start(args, format);
	format_message(&buffer, format, args);
	va_end(args);
	append(&buffer, '\n');
	printk("panic: ");
	console_write(buffer.text, buffer.n);
	platform_power_off(true);
	for (;;)
		asm volatile("wfi");
}
