/* SPDX-License-Identifier: MIT */
#include "types.h"

void *memset(void *to, int byte, size_t n)
{
	u8 *at = to;

	if ((((ulong)to | n) & 7) == 0 && byte == 0) { /* pages: a word at a time */
		for (u64 *word = to; n; n -= 8)
			*word++ = 0;
		return to;
	}
	while (n--)
		*at++ = byte;
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	u8 *t = to;
	const u8 *f = from;

	if ((((ulong)to | (ulong)from | n) & 7) == 0) {
		u64 *wt = to;
		const u64 *wf = from;

		for (; n; n -= 8)
			*wt++ = *wf++;
		return to;
	}
	while (n--)
		*t++ = *f++;
	return to;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (u8)*a - (u8)*b;
}

const char *strstr(const char *text, const char *word)
{
	for (; *text; text++) {
		size_t n = 0;

		while (word[n] && text[n] == word[n])
			n++;
		if (!word[n])
			return text;
	}
	return NULL;
}
