import type { Format, Sign, Unpacked } from './format';
import { negate, unpack, withSign } from './format';
import type { FloatResult } from './rounding';
import { bitLength, exact, Flag, invalid, round, RoundingMode } from './rounding';

/**
 * Addition, multiplication, division, square root and fused multiply-add (IEEE 754-2019 §5.4.1): each computes exactly with
 * integers and rounds once. Operands are bit patterns of the format; NaN results are canonical (unpriv §20.3).
 */

type Finite = Extract<Unpacked, { kind: 'finite' }>;

const isSignaling = (value: Unpacked): boolean => value.kind === 'nan' && value.signaling;

/** The result of an operation with a NaN among its operands, `undefined` if there is none. */
function nanResult(format: Format, operands: readonly Unpacked[]): FloatResult | undefined {
  if (!operands.some(({ kind }) => kind === 'nan')) return undefined;
  return { bits: format.canonicalNan, flags: operands.some(isSignaling) ? Flag.NV : 0 };
}

const signOfProduct = (a: Unpacked, b: Unpacked): Sign => (a.sign === b.sign ? 0 : 1);

const zero = (format: Format, sign: Sign): FloatResult => exact(withSign(format, sign, 0n));
const infinity = (format: Format, sign: Sign): FloatResult => exact(withSign(format, sign, format.infinity));

export function add(format: Format, mode: RoundingMode, a: bigint, b: bigint): FloatResult {
  return sum(format, mode, unpack(format, a), unpack(format, b));
}

export function subtract(format: Format, mode: RoundingMode, a: bigint, b: bigint): FloatResult {
  return add(format, mode, a, negate(format, b));
}

function sum(format: Format, mode: RoundingMode, a: Unpacked, b: Unpacked): FloatResult {
  const nan = nanResult(format, [a, b]);
  if (nan) return nan;
  if (a.kind === 'infinity' || b.kind === 'infinity') {
    if (a.kind === b.kind && a.sign !== b.sign) return invalid(format.canonicalNan);
    return infinity(format, a.kind === 'infinity' ? a.sign : b.sign);
  }
  // The sign of an exact zero (IEEE 754-2019 §6.3).
  const zeroSign = a.sign === b.sign ? a.sign : mode === RoundingMode.RDN ? 1 : 0;
  const exponent = Math.min(exponentOf(a), exponentOf(b));
  if (exponent === Infinity) return zero(format, zeroSign);
  const total = integerAt(a, exponent) + integerAt(b, exponent);
  if (total === 0n) return zero(format, zeroSign);
  return total < 0n ? round(format, mode, 1, -total, exponent) : round(format, mode, 0, total, exponent);
}

const exponentOf = (value: Unpacked): number => (value.kind === 'finite' ? value.exponent : Infinity);

/** A zero or finite number in units of `2 ** exponent`. */
function integerAt(value: Unpacked, exponent: number): bigint {
  if (value.kind !== 'finite') return 0n;
  const magnitude = value.significand << BigInt(value.exponent - exponent);
  return value.sign === 1 ? -magnitude : magnitude;
}

export function multiply(format: Format, mode: RoundingMode, a: bigint, b: bigint): FloatResult {
  const [x, y] = [unpack(format, a), unpack(format, b)];
  if (isInvalidProduct(x, y)) return invalid(format.canonicalNan);
  const nan = nanResult(format, [x, y]);
  if (nan) return nan;
  const product = exactProduct(x, y);
  if (product.kind === 'finite')
    return round(format, mode, product.sign, product.significand, product.exponent);
  return product.kind === 'zero' ? zero(format, product.sign) : infinity(format, product.sign);
}

/** Zero times infinity. */
const isInvalidProduct = (a: Unpacked, b: Unpacked): boolean =>
  (a.kind === 'zero' && b.kind === 'infinity') || (a.kind === 'infinity' && b.kind === 'zero');

/** Of two numbers whose product is none of the above. */
function exactProduct(a: Unpacked, b: Unpacked): Unpacked {
  const sign = signOfProduct(a, b);
  if (a.kind === 'finite' && b.kind === 'finite') {
    return {
      ...{ kind: 'finite', sign },
      significand: a.significand * b.significand,
      exponent: a.exponent + b.exponent,
    };
  }
  return { kind: a.kind === 'infinity' || b.kind === 'infinity' ? 'infinity' : 'zero', sign };
}

/** `a * b + c` rounded once. Zero times infinity is invalid even if `c` is a quiet NaN (unpriv §20.6). */
export function multiplyAdd(
  format: Format,
  mode: RoundingMode,
  a: bigint,
  b: bigint,
  c: bigint,
): FloatResult {
  const [x, y, z] = [unpack(format, a), unpack(format, b), unpack(format, c)];
  if (isInvalidProduct(x, y)) return invalid(format.canonicalNan);
  return nanResult(format, [x, y, z]) ?? sum(format, mode, exactProduct(x, y), z);
}

export function divide(format: Format, mode: RoundingMode, a: bigint, b: bigint): FloatResult {
  const [x, y] = [unpack(format, a), unpack(format, b)];
  const nan = nanResult(format, [x, y]);
  if (nan) return nan;
  const sign = signOfProduct(x, y);
  if (x.kind === 'finite' && y.kind === 'finite') return quotient(format, mode, sign, x, y);
  if (x.kind === y.kind) return invalid(format.canonicalNan);
  if (x.kind === 'infinity') return infinity(format, sign);
  if (y.kind === 'zero') return { bits: withSign(format, sign, format.infinity), flags: Flag.DZ };
  return zero(format, sign);
}

function quotient(format: Format, mode: RoundingMode, sign: Sign, a: Finite, b: Finite): FloatResult {
  // Enough bits of the dividend for a quotient with two places below the last of a normal result.
  const shift = Math.max(0, format.precision + 2 + bitLength(b.significand) - bitLength(a.significand));
  const dividend = a.significand << BigInt(shift);
  const result = withSticky(dividend / b.significand, dividend % b.significand !== 0n);
  return round(format, mode, sign, result, a.exponent - b.exponent - shift - 1);
}

/** One more bit, set if anything lies below. */
const withSticky = (value: bigint, anythingBelow: boolean): bigint =>
  (value << 1n) | (anythingBelow ? 1n : 0n);

export function squareRoot(format: Format, mode: RoundingMode, a: bigint): FloatResult {
  const x = unpack(format, a);
  const nan = nanResult(format, [x]);
  if (nan) return nan;
  if (x.kind === 'zero') return exact(a);
  if (x.sign === 1) return invalid(format.canonicalNan);
  if (x.kind !== 'finite') return infinity(format, 0);
  // A root of so many bits has two places below the last, and half of an even exponent is whole.
  const missing = Math.max(0, 2 * (format.precision + 2) - bitLength(x.significand));
  const shift = missing + ((x.exponent - missing) & 1);
  const square = x.significand << BigInt(shift);
  const root = integerSquareRoot(square);
  return round(format, mode, 0, withSticky(root, root * root !== square), (x.exponent - shift) / 2 - 1);
}

/** Newton's method from above: falls until it meets the floor of the root. */
function integerSquareRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(value) / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
