/* M-mode program for steps in optimised C: functions inlined into each other, into loops, behind calls and around them. */
typedef unsigned long ulong;

#define noinline __attribute__((noinline, noclone, noipa))
#define inlined static inline __attribute__((always_inline))

volatile ulong sink;
ulong table[16];

noinline ulong real(ulong n)
{
	sink = n;
	return n ^ 1;
}

inlined ulong inner(ulong n)
{
	sink = n; /* first of inner */
	sink = n + 1; /* second of inner */
	return n * 3;
}

inlined ulong middle(ulong n)
{
	ulong sum;

	sink = 7; /* first of middle */
	sum = inner(n); /* calls inner */
	sink = sum; /* behind inner */
	return real(sum); /* calls real */
}

inlined ulong wrapper(ulong n)
{
	return inner(n) + 1;
}

inlined ulong waits(ulong n)
{
	while (n) sink = n--; /* turns */
	return sink;
}

inlined int unlikely_path(ulong n)
{
	if (__builtin_expect(n > 5, 0)) {
		sink = 1;
		real(n); /* seldom */
		return 1;
	}
	sink = 2;
	return 0;
}

noinline ulong plain(ulong n)
{
	ulong product;

	sink = 0; /* before the inlined call */
	product = middle(n); /* inlined call */
	sink = product; /* behind the inlined call */
	return product;
}

noinline ulong both(ulong n)
{
	ulong sum;

	sink = 1; /* before both */
	sum = real(n) + inner(n) + middle(n + 1); /* inlined and called */
	sink = sum; /* behind both */
	return sum;
}

noinline ulong loops(ulong n)
{
	ulong sum = 0;

	for (ulong i = 0; i < n; i++) {
		sum += wrapper(i); /* in a loop */
		table[i & 15] = sum;
		if (unlikely_path(i))
			sum += table[0];
	}
	sink = sum; /* behind the loop */
	return sum;
}

noinline ulong follows(ulong n)
{
	sink = n; /* before those that follow */
	n = inner(n);
	n = inner(n);
	n = wrapper(n);
	sink = n; /* behind those that follow */
	return n;
}

noinline ulong slow(ulong n)
{
	sink = 3; /* before the long one */
	n = waits(n); /* long */
	sink = n; /* behind the long one */
	return n;
}

inlined ulong deep(ulong n)
{
	ulong sum = middle(wrapper(n));

	for (ulong i = 0; i < 3; i++)
		sum ^= inner(table[i]) + unlikely_path(sum);
	return sum;
}

noinline ulong tail(ulong n)
{
	n = deep(n) + n;
	return real(n + wrapper(n));
}

void start(void)
{
	sink = plain(1); /* begins */
	sink = both(2);
	sink = loops(8);
	sink = follows(3);
	sink = tail(4);
	sink = deep(5);
	sink = tail(6); /* near the end */
	sink = slow(10000000); /* calls slow */
	for (;;)
		asm volatile("wfi");
}

asm(".globl _start\n_start: la sp, stack_top\n\tj start\n\t.bss\n\t.balign 16\n\t.space 4096\nstack_top:\n\t.text");
