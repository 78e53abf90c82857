/* M-mode program for steps in C: calls, several of them on a line, tail calls, recursion, calls that never come back. */
typedef unsigned long ulong;

#define noinline __attribute__((noinline, noclone, noipa))

volatile ulong sink;

noinline ulong twice(ulong n)
{
	sink = n;
	return 2 * n;
}

noinline ulong half(ulong n)
{
	sink = n;
	return n / 2;
}

__attribute__((optimize("O2"))) noinline ulong tail(ulong n)
{
	sink++;
	return twice(n + 1); /* tail call */
}

noinline ulong factorial(ulong n)
{
	if (n < 2)
		return 1;
	n *= factorial(n - 1); /* recursion */
	sink = n; /* behind the recursion */
	return n;
}

ulong (*volatile chosen)(ulong) = half;

noinline ulong several(ulong n)
{
	ulong sum = twice(half(n)) + chosen(n); /* three calls */

	sink = sum; /* behind them */
	return sum;
}

static inline __attribute__((always_inline)) ulong inlined(ulong n)
{
	sink = n; /* inlined body */
	sink = n + 1;
	return n * 3;
}

noinline ulong with_inlined(ulong n)
{
	ulong product;

	sink = 0;
	product = inlined(n); /* inlined call */
	sink = 1; /* behind inlined */
	return product;
}

static void *jump_buffer[5];

noinline void leave(void)
{
	sink = 5;
	__builtin_longjmp(jump_buffer, 1);
}

noinline void leaves(void)
{
	sink = 4;
	leave(); /* never comes back */
	sink = 6;
}

noinline ulong jumps(void)
{
	if (__builtin_setjmp(jump_buffer))
		return 1; /* landed */
	leaves();
	return 0;
}

noinline ulong busy(ulong n)
{
	for (ulong i = 0; i < n; i++) sink = i; /* loop */
	sink = n; /* behind the loop */
	return n;
}

void start(void)
{
	sink = tail(1); /* calls tail */
	sink = factorial(5); /* calls factorial */
	sink = several(8); /* calls several */
	sink = with_inlined(7); /* calls with_inlined */
	sink = busy(10000000); /* calls busy */
	sink = jumps(); /* calls jumps */
	for (;;)
		asm volatile("wfi");
}

asm(".globl _start\n_start: la sp, stack_top\n\tj start\n\t.bss\n\t.balign 16\n\t.space 4096\nstack_top:\n\t.text");
