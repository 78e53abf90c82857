/* Copying, filling, comparing and searching 64 KiB to 1 MiB, a byte and a word at a time. */
#include "bench.h"

#define ROUNDS 32
#define LARGEST (1 << 20)
#define SMALLEST (1 << 16)

/* Not in a page with code: stores to those are slow, which is not what is measured here. */
static u8 from[LARGEST + 64] __attribute__((aligned(4096)));
static u8 to[LARGEST + 64] __attribute__((aligned(4096)));

static void copy_bytes(u8 *target, const u8 *source, u64 length)
{
	while (length--)
		*target++ = *source++;
}

/* Eight words a turn, as memcpy of libraries and kernels. */
static void copy_words(u64 *target, const u64 *source, u64 words)
{
	for (; words >= 8; words -= 8, target += 8, source += 8) {
		u64 a = source[0], b = source[1], c = source[2], d = source[3];
		u64 e = source[4], f = source[5], g = source[6], h = source[7];

		target[0] = a, target[1] = b, target[2] = c, target[3] = d;
		target[4] = e, target[5] = f, target[6] = g, target[7] = h;
	}
	while (words--)
		*target++ = *source++;
}

/* Towards lower addresses, so that the areas may overlap. */
static void move_up(u64 *target, const u64 *source, u64 words)
{
	while (words--)
		target[words] = source[words];
}

static void fill_bytes(u8 *target, u8 value, u64 length)
{
	while (length--)
		*target++ = value;
}

static void fill_words(u64 *target, u64 value, u64 words)
{
	while (words--)
		*target++ = value;
}

static u64 length_of(const u8 *text)
{
	const u8 *end = text;

	while (*end)
		end++;
	return (u64)(end - text);
}

/* The index of the first difference. */
static u64 compare(const u8 *a, const u8 *b, u64 length)
{
	u64 index = 0;

	while (index < length && a[index] == b[index])
		index++;
	return index;
}

static u64 sum_words(const u64 *words, u64 count)
{
	u64 sum = 0;

	while (count--)
		sum = (sum << 1 | sum >> 63) ^ *words++;
	return sum;
}

int main(void)
{
	u64 seed = 88172645463325252, sum = 0;

	for (u64 i = 0; i < LARGEST / 8; i++)
		((u64 *)from)[i] = next_random(&seed) | 0x0101010101010101;
	for (u64 round = 0; round < ROUNDS; round++) {
		for (u64 size = SMALLEST; size <= LARGEST; size *= 2) {
			u64 shift = (round + size / SMALLEST) % 8;

			fill_words((u64 *)to, round * 0x0101010101010101, size / 8);
			fill_bytes(to + size / 2, (u8)shift, size / 8);
			sum = sum * 31 + sum_words((u64 *)to, size / 8);
			copy_bytes(to + shift, from, size / 2);
			to[shift + size / 2] = 0;
			sum = sum * 31 + length_of(to + shift);
			copy_words((u64 *)to, (u64 *)from, size / 8);
			to[size - 1 - round] ^= 1;
			sum = sum * 31 + compare(to, from, size);
			move_up((u64 *)to + 1, (u64 *)to, size / 8);
			sum = sum * 31 + sum_words((u64 *)to, size / 8);
		}
	}
	return check(sum, 0x77634acfa1de2007);
}
