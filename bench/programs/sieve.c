/* Byte and bit work over arrays: a sieve of primes, and the CRC-32 of the sieve. */
#include "bench.h"

#define LIMIT 2000000
#define ROUNDS 12

static u8 composite[LIMIT];
static u32 crc_table[256];

static u32 sieve(void)
{
	u32 primes = 0;

	for (u32 i = 0; i < LIMIT; i++)
		composite[i] = 0;
	for (u32 i = 2; i < LIMIT; i++) {
		if (composite[i])
			continue;
		primes++;
		for (u64 j = (u64)i * i; j < LIMIT; j += i)
			composite[j] = 1;
	}
	return primes;
}

static void build_crc_table(void)
{
	for (u32 byte = 0; byte < 256; byte++) {
		u32 crc = byte;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
		crc_table[byte] = crc;
	}
}

static u32 crc32(u32 crc, const u8 *data, u64 length)
{
	crc = ~crc;
	while (length--)
		crc = crc >> 8 ^ crc_table[(crc ^ *data++) & 0xff];
	return ~crc;
}

int main(void)
{
	u32 crc = 0;
	u32 primes = 0;

	build_crc_table();
	for (int round = 0; round < ROUNDS; round++) {
		primes = sieve();
		crc = crc32(crc, composite, LIMIT);
	}
	return check((u64)crc << 32 | primes, 0x75637560000245c5);
}
