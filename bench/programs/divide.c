/* Multiplication and division, of 32, 64 and 128 bits: primality tests, greatest common divisors, digits in any base. */
#include "bench.h"

#define ROUNDS 60

/* a * b / 2^64 modulo an odd n below 2^63 (Montgomery); inverse is -1/n modulo 2^64. */
static u64 montgomery(u64 a, u64 b, u64 n, u64 inverse)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	u64 quotient = (u64)product * inverse;
	/* The lower halves add up to 0 or 2^64. */
	u64 high = (u64)(product >> 64) + (u64)((unsigned __int128)quotient * n >> 64) + ((u64)product != 0);

	return high >= n ? high - n : high;
}

/* Fermat's test to base 2 of an odd n below 2^63. */
static int is_probable_prime(u64 n)
{
	u64 inverse = n, one = -n % n, result = one, two = one + one;

	for (int bits = 3; bits < 64; bits *= 2)
		inverse *= 2 - n * inverse;
	two = two >= n ? two - n : two;
	for (int bit = 62; bit >= 0; bit--) {
		result = montgomery(result, result, n, -inverse);
		if ((n - 1) >> bit & 1)
			result = montgomery(result, two, n, -inverse);
	}
	return result == one;
}

static u64 greatest_common_divisor(u64 a, u64 b)
{
	while (b) {
		u64 rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* The sum of the digits of a signed number. */
static int digits(int number, int base)
{
	int sum = 0;

	while (number) {
		sum += number % base;
		number /= base;
	}
	return sum;
}

int main(void)
{
	u64 seed = 88172645463325252, sum = 0;

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < 3000; i++)
			sum = sum * 31 + (u64)is_probable_prime(next_random(&seed) >> 1 | 1);
		for (int i = 0; i < 12000; i++) {
			u64 a = next_random(&seed), b = next_random(&seed);

			sum = sum * 31 + greatest_common_divisor(a, b);
		}
		for (int i = 0; i < 60000; i++)
			sum = sum * 31 + (u64)(long)digits((int)next_random(&seed), 2 + i % 35);
	}
	return check(sum, 0x22ea3ac0cbceefec);
}
