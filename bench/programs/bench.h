/* What the bench programs share: types, and the check of a result against the value that is known to be right. */
#ifndef BENCH_H
#define BENCH_H

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

/* xorshift64: the same inputs on every machine. */
static inline u64 next_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* The value for main to return: 0 if right. */
static inline int check(u64 result, u64 expected)
{
	return result == expected ? 0 : 1;
}

#endif
