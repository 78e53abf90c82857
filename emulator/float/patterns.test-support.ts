import fc from 'fast-check';
import type { Format } from './format';
import { withSign } from './format';

const scratch = new DataView(new ArrayBuffer(8));
export const toNumber = (format: Format, bits: bigint): number => {
  if (format.name === 'd') scratch.setBigUint64(0, bits);
  else scratch.setUint32(0, Number(bits));
  return format.name === 'd' ? scratch.getFloat64(0) : scratch.getFloat32(0);
};
/** The nearest number of the format; NaN is the canonical one. */
export const toBits = (format: Format, value: number): bigint => {
  if (Number.isNaN(value)) return format.canonicalNan;
  if (format.name === 'd') scratch.setFloat64(0, value);
  else scratch.setFloat32(0, value);
  return format.name === 'd' ? scratch.getBigUint64(0) : BigInt(scratch.getUint32(0));
};

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
    extremes(format),
    { arbitrary: nearOne, weight: 2 },
    { arbitrary: sparse, weight: 2 },
  );
}

/** Numbers whose products, or the errors of those, are about the least or the greatest numbers. */
function extremes(format: Format): fc.Arbitrary<bigint> {
  const { precision, bias } = format;
  return fc
    .tuple(
      fc.boolean(),
      fc.constantFrom(-bias, -bias / 2, bias / 2, bias),
      fc.integer({ min: -precision, max: precision }),
      fc.bigInt(0n, (1n << BigInt(precision - 1)) - 1n),
    )
    .map(([negative, middle, distance, fraction]) => {
      const exponent = Math.min(Math.max(Math.trunc(middle) + distance, 1 - bias), bias);
      const magnitude = (BigInt(exponent + bias) << BigInt(precision - 1)) | fraction;
      return withSign(format, negative ? 1 : 0, magnitude);
    });
}

/**
 * Three operands of which each may be about the sum, product or quotient of others, a power of two apart: sums that cancel, and that lie
 * in the middle between two results or just beside it.
 */
export function relatedOperands(format: Format): fc.Arbitrary<[bigint, bigint, bigint]> {
  const { precision, width } = format;
  const places = [0, 0, 0, 1, precision - 1, precision, precision + 1, 2 * precision, 2 * precision + 1];
  const near = fc
    .tuple(
      fc.constantFrom(...places.flatMap((place) => [-place, place])),
      fc.integer({ min: -2, max: 2 }),
      fc.boolean(),
    )
    .map(([exponent, steps, negative]) => (value: number): bigint => {
      const bits = toBits(format, value * 2 ** exponent);
      const sign = negative ? 1n << BigInt(width - 1) : 0n;
      return BigInt.asUintN(width, (bits ^ sign) + BigInt(steps));
    });
  const withValue = (bits: bigint) => [bits, toNumber(format, bits)] as const;
  const numbers = patterns(format).map(withValue);
  const ends = extremes(format).map(withValue);
  return fc.oneof(
    fc
      .oneof(fc.tuple(numbers, numbers, near), fc.tuple(ends, ends, near))
      .map(([[a, x], [b, y], next]): [bigint, bigint, bigint] => [a, b, next(x * y)]),
    fc
      .tuple(numbers, near, near)
      .map(([[a, x], next, last]): [bigint, bigint, bigint] => [a, next(x), last(x * x)]),
    fc
      .tuple(numbers, numbers, near)
      .map(([[a, x], [b, y], next]): [bigint, bigint, bigint] => [next(x * y), a, b]),
    fc.tuple(numbers, near, numbers).map(([[, x], next, [c]]): [bigint, bigint, bigint] => {
      const square = next(x * x);
      return [square, next(x), c];
    }),
  );
}

/** Integers at which conversions saturate or become inexact, as registers hold them. */
export const edgeIntegers: readonly bigint[] = [0, 1, 24, 25, 31, 32, 53, 54, 63, 64]
  .flatMap((power) => [(1n << BigInt(power)) - 1n, 1n << BigInt(power), (1n << BigInt(power)) + 1n])
  .flatMap((integer) => [integer, -integer])
  .map((integer) => BigInt.asUintN(64, integer));
