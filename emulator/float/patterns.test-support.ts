import fc from 'fast-check';
import type { Format } from './format';
import { withSign } from './format';

/** Bit patterns at which implementations go wrong. */
export function edgePatterns(format: Format): readonly bigint[] {
  const { precision, bias, infinity, largest, canonicalNan } = format;
  const fraction = BigInt(precision - 1);
  const leastNormal = 1n << fraction;
  const power = (exponent: number): bigint => BigInt(exponent + bias) << fraction;
  const magnitudes = [
    ...[0n, 1n, 2n, 3n, leastNormal - 1n, leastNormal, leastNormal + 1n, leastNormal << 1n],
    ...[
      power(0),
      power(0) + 1n,
      power(0) - 1n,
      power(1),
      power(-1),
      power(-1) + 1n,
      power(0) | (1n << (fraction - 1n)),
    ],
    // Around the end of the integers, and where a sum or product is half a unit in the last place.
    ...[precision - 2, precision - 1, precision, -precision, 1 - precision].flatMap((e) => [
      power(e),
      power(e) + 1n,
    ]),
    ...[31, 32, 63, 64].flatMap((e) => [power(e) - 1n, power(e), power(e) + 1n]),
    ...[largest, largest - 1n, power(bias), infinity],
    ...[
      canonicalNan,
      canonicalNan | 1n,
      infinity | 1n,
      canonicalNan - 1n,
      ((infinity << 1n) - 1n) & (infinity | (leastNormal - 1n)),
    ],
  ];
  return magnitudes.flatMap((magnitude) => [magnitude, withSign(format, 1, magnitude)]);
}

/** Edges, patterns of all kinds, and numbers of like magnitude, whose sums cancel and whose products are normal. */
export function patterns(format: Format): fc.Arbitrary<bigint> {
  const { width, precision, bias } = format;
  const all = (1n << BigInt(width)) - 1n;
  const nearOne = fc
    .tuple(fc.boolean(), fc.integer({ min: -60, max: 60 }), fc.bigInt(0n, (1n << BigInt(precision - 1)) - 1n))
    .map(([negative, exponent, fraction]) =>
      withSign(format, negative ? 1 : 0, (BigInt(exponent + bias) << BigInt(precision - 1)) | fraction),
    );
  // Few bits set at the ends of the significand: sums and products that are exact or lie half way.
  const sparse = fc
    .tuple(nearOne, fc.nat(precision - 1), fc.nat(7))
    .map(([bits, zeros, low]) => ((bits >> BigInt(zeros)) << BigInt(zeros)) | BigInt(low));
  return fc.oneof(
    fc.constantFrom(...edgePatterns(format)),
    fc.bigInt(0n, all),
    { arbitrary: nearOne, weight: 2 },
    { arbitrary: sparse, weight: 2 },
  );
}

/** Integers at which conversions saturate or become inexact, as registers hold them. */
export const edgeIntegers: readonly bigint[] = [0, 1, 24, 25, 31, 32, 53, 54, 63, 64]
  .flatMap((power) => [(1n << BigInt(power)) - 1n, 1n << BigInt(power), (1n << BigInt(power)) + 1n])
  .flatMap((integer) => [integer, -integer])
  .map((integer) => BigInt.asUintN(64, integer));
