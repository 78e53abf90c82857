import type { Format, Unpacked } from './format';
import { unpack } from './format';
import type { FloatResult } from './rounding';
import { exact, Flag } from './rounding';

/** Comparison, minimum, maximum and classification. */

/** An integer in the order of the numbers; both zeros are 0. Not for NaN. */
const ordered = ({ width }: Format, bits: bigint): bigint => {
  const magnitude = BigInt.asUintN(width - 1, bits);
  return magnitude === bits ? magnitude : -magnitude;
};

const isNan = (value: Unpacked): boolean => value.kind === 'nan';
const isSignaling = (value: Unpacked): boolean => value.kind === 'nan' && value.signaling;

/**
 * Tells if `a` relates to `b`; nothing relates to a NaN. A quiet relation is invalid for signaling NaNs only, the others for
 * all of them (IEEE 754-2019 §5.11).
 */
const relation =
  (quiet: boolean, holds: (a: bigint, b: bigint) => boolean) =>
  (format: Format, a: bigint, b: bigint): FloatResult => {
    const operands = [unpack(format, a), unpack(format, b)];
    if (operands.some(isNan)) {
      return { bits: 0n, flags: !quiet || operands.some(isSignaling) ? Flag.NV : 0 };
    }
    return exact(holds(ordered(format, a), ordered(format, b)) ? 1n : 0n);
  };

export const equal = relation(true, (a, b) => a === b);
export const less = relation(false, (a, b) => a < b);
export const lessOrEqual = relation(false, (a, b) => a <= b);

/** minimumNumber and maximumNumber (IEEE 754-2019 §9.6): a number rather than a NaN, and -0 is less than +0. */
const extreme =
  (firstWins: (a: bigint, b: bigint) => boolean) =>
  (format: Format, a: bigint, b: bigint): FloatResult => {
    const [x, y] = [unpack(format, a), unpack(format, b)];
    const flags = isSignaling(x) || isSignaling(y) ? Flag.NV : 0;
    if (isNan(x)) return { bits: isNan(y) ? format.canonicalNan : b, flags };
    if (isNan(y)) return { bits: a, flags };
    return exact(firstWins(totallyOrdered(format, a), totallyOrdered(format, b)) ? a : b);
  };

/** As `ordered`, but -0 is below +0. */
const totallyOrdered = ({ width }: Format, bits: bigint): bigint => {
  const magnitude = BigInt.asUintN(width - 1, bits);
  return magnitude === bits ? magnitude : -magnitude - 1n;
};

export const minimum = extreme((a, b) => a <= b);
export const maximum = extreme((a, b) => a >= b);

/** One bit of ten says what a number is (unpriv, table "Format of result of FCLASS instruction"). */
export function classify(format: Format, bits: bigint): FloatResult {
  return exact(1n << BigInt(classOf(format, unpack(format, bits))));
}

function classOf({ precision }: Format, value: Unpacked): number {
  const positive = value.sign === 0;
  switch (value.kind) {
    case 'infinity':
      return positive ? 7 : 0;
    case 'finite': {
      const normal = value.significand >> BigInt(precision - 1) !== 0n;
      return normal ? (positive ? 6 : 1) : positive ? 5 : 2;
    }
    case 'zero':
      return positive ? 4 : 3;
    case 'nan':
      return value.signaling ? 8 : 9;
  }
}
