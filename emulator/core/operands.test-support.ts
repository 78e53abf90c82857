import fc from 'fast-check';

/** Values at which arithmetic goes wrong first: the ends of 8, 16, 32 and 64 bits, shift amounts, patterns of bytes. */
export const edgeValues: readonly bigint[] = [
  ...[0n, 1n, 2n, 31n, 32n, 63n, 64n, -1n, -2n],
  ...[0x7fn, 0x80n, 0xffn, -0x80n, 0x7fffn, 0x8000n, 0xffffn, -0x8000n],
  ...[0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, -0x8000_0000n, -0x8000_0001n],
  ...[(1n << 63n) - 1n, -(1n << 63n), 0x0100_0000_8000_ff00n, 0xaaaa_aaaa_5555_5555n],
].map((value) => BigInt.asUintN(64, value));

/** Random doublewords, of which many are small, negative, or have few bits: the same in each run. */
export function randomValues(count: number, seed: number): bigint[] {
  const any = fc.bigInt(0n, (1n << 64n) - 1n);
  const value = fc.oneof(
    any,
    fc.tuple(any, fc.nat(63)).map(([bits, shift]) => bits >> BigInt(shift)),
    fc.tuple(any, fc.nat(63)).map(([bits, shift]) => BigInt.asUintN(64, bits << BigInt(shift))),
  );
  return fc.sample(value, { numRuns: count, seed });
}

/** All pairs of edge values, then `count` random ones. */
export function operandPairs(count: number, seed: number): (readonly [bigint, bigint])[] {
  const edges = edgeValues.flatMap((a) => edgeValues.map((b) => [a, b] as const));
  const random = randomValues(2 * count, seed);
  return [
    ...edges,
    ...Array.from({ length: count }, (_, index) => [random[2 * index]!, random[2 * index + 1]!] as const),
  ];
}
