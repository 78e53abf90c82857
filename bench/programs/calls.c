/* Calls: recursion that is deep (Ackermann), wide (Tak, Fibonacci) and with two tasks a level (Hanoi); calls through pointers from page to page. */
#include "bench.h"

#define ROUNDS 20
#define VISITS 40000
#define PAGES 8

/* A function of its own, as the compiler may not know what it does. */
#define CALLED __attribute__((noipa))

static CALLED u64 fibonacci(u64 n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static CALLED u64 ackermann(u64 m, u64 n)
{
	if (m == 0)
		return n + 1;
	return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static CALLED long tak(long x, long y, long z)
{
	return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}

static u64 discs[3];

static CALLED void move(u64 disc, u32 from, u32 to)
{
	discs[from] ^= 1ul << disc;
	discs[to] ^= 1ul << disc;
}

static CALLED u64 hanoi(u64 height, u32 from, u32 to, u32 over)
{
	u64 moves;

	if (height == 0)
		return 0;
	moves = hanoi(height - 1, from, over, to);
	move(height - 1, from, to);
	return moves + 1 + hanoi(height - 1, over, to, from);
}

typedef u64 visitor(u64 value, u32 depth);
static visitor *const visitors[PAGES];

/* Each at the start of a page; which one is called next follows from the value. */
#define VISITOR(name, factor, shift)                                               \
	static CALLED __attribute__((aligned(4096))) u64 name(u64 value, u32 depth) \
	{                                                                          \
		value = (value ^ value >> (shift)) * (factor);                     \
		if (depth == 0)                                                    \
			return value;                                              \
		return visitors[value >> 61](value, depth - 1) ^ value;            \
	}

VISITOR(visit_0, 0x9e3779b97f4a7c15, 29)
VISITOR(visit_1, 0xbf58476d1ce4e5b9, 31)
VISITOR(visit_2, 0x94d049bb133111eb, 27)
VISITOR(visit_3, 0xd6e8feb86659fd93, 32)
VISITOR(visit_4, 0xff51afd7ed558ccd, 33)
VISITOR(visit_5, 0xc4ceb9fe1a85ec53, 30)
VISITOR(visit_6, 0xa0761d6478bd642f, 28)
VISITOR(visit_7, 0xe7037ed1a0b428db, 26)

static visitor *const visitors[PAGES] = {
	visit_0, visit_1, visit_2, visit_3, visit_4, visit_5, visit_6, visit_7,
};

int main(void)
{
	u64 sum = 0, value = 88172645463325252;

	for (int round = 0; round < ROUNDS; round++) {
		sum = sum * 31 + fibonacci(24);
		sum = sum * 31 + ackermann(2, 200);
		sum = sum * 31 + ackermann(3, 5);
		sum = sum * 31 + (u64)tak(14, 8, 2);
		discs[0] = (1 << 15) - 1;
		discs[1] = discs[2] = 0;
		sum = sum * 31 + hanoi(15, 0, 2, 1) + discs[2];
		for (int visit = 0; visit < VISITS; visit++)
			sum ^= visitors[value >> 61](next_random(&value), 12);
	}
	return check(sum, 0x395f95f95fdbae80);
}
