import { productError, roundToOdd, sumError } from './error-free';
import { Flag, RoundingMode } from './rounding';

/**
 * The host's double arithmetic where its result is provably that of `operations.ts`: it rounds to nearest even, and an exact
 * result is the same in every mode. Whether a result is exact is told by what the operation lost (`error-free.ts`).
 * Operands and results that come near the ends of the exponent range, zeros whose sign depends on the mode and NaNs are left to
 * the integers.
 */
export interface HostOperation {
  /** The mode in which the host rounds here. */
  readonly mode: RoundingMode;
  compute(a: number, b: number, c: number): number;
  /** The exceptions of that result, or `UNDECIDED`. */
  flags(result: number, a: number, b: number, c: number): number;
}
export const UNDECIDED = -1;

/** An operand from an integer register is the signed number in it, or NaN if a double cannot hold that exactly. */
const operation = (
  compute: HostOperation['compute'],
  flags: HostOperation['flags'],
  mode: RoundingMode = RoundingMode.RNE,
): HostOperation => ({ mode, compute, flags });

const inexactUnless = (exact: boolean): number => (exact ? 0 : Flag.NX);

// Doubles: errors of moderate numbers are normal numbers.
const LARGE = 2 ** 900;
const isModerate = (x: number): boolean => Math.abs(x) < LARGE && Math.abs(x) > 1 / LARGE;
const isBounded = (x: number): boolean => Math.abs(x) < LARGE;

const addFlags = (sum: number, a: number, b: number): number =>
  isBounded(a) && isBounded(b) ? inexactUnless(sumError(a, b, sum) === 0) : UNDECIDED;

function multiplyFlags(product: number, a: number, b: number): number {
  if (isModerate(a) && isModerate(b) && isModerate(product)) {
    return inexactUnless(productError(a, b, product) === 0);
  }
  return (a === 0 || b === 0) && isBounded(a) && isBounded(b) ? 0 : UNDECIDED;
}

/** A quotient is exact if it times the divisor is the dividend. */
function divideFlags(quotient: number, a: number, b: number): number {
  if (isModerate(a) && isModerate(b) && isModerate(quotient)) {
    const product = quotient * b;
    return inexactUnless(product === a && productError(quotient, b, product) === 0);
  }
  return a === 0 && quotient === 0 ? 0 : UNDECIDED;
}

function squareRootFlags(root: number, a: number): number {
  if (a > 0 && isModerate(a)) {
    const square = root * root;
    return inexactUnless(square === a && productError(root, root, square) === 0);
  }
  return a === 0 ? 0 : UNDECIDED;
}

/** Fused multiply-add of doubles: three sums of which the middle one is rounded to odd (Boldo and Melquiond 2008, algorithm 5). */
function multiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  if (product === 0) return product + c;
  const low = productError(a, b, product);
  const lowSum = c + low;
  const lowest = sumError(c, low, lowSum);
  const sum = product + lowSum;
  const middle = sumError(product, lowSum, sum);
  const rest = lowest + middle;
  return sum + roundToOdd(rest, sumError(lowest, middle, rest));
}

function multiplyAddFlags(result: number, a: number, b: number, c: number): number {
  if ((a === 0 || b === 0) && isBounded(a) && isBounded(b) && isBounded(c)) return 0;
  const product = a * b;
  const moderate = isModerate(a) && isModerate(b) && isModerate(product) && isModerate(result);
  if (!moderate || !(c === 0 || isModerate(c))) return UNDECIDED;
  // Exact if what remains without the result is nothing: the three parts of the sum have nothing in common with it.
  const low = productError(a, b, product);
  const lowSum = c + low;
  const lowest = sumError(c, low, lowSum);
  const sum = product + lowSum;
  const middle = sumError(product, lowSum, sum);
  const rest = lowest + middle;
  return inexactUnless(sumError(lowest, middle, rest) === 0 && sumError(sum, rest, result) === 0);
}

// Singles: doubles have more than twice their bits, so a result rounded to double and again to single is right (Figueroa 1995);
// products are exact.
const { fround } = Math;
const LARGE_SINGLE = 2 ** 127;
const SMALL_SINGLE = 2 ** -125;
const isModerateSingle = (x: number): boolean => Math.abs(x) < LARGE_SINGLE && Math.abs(x) >= SMALL_SINGLE;
const isBoundedSingle = (x: number): boolean => Math.abs(x) < LARGE_SINGLE;

/** A sum too small to be normal is exact. */
function addSingleFlags(sum: number, a: number, b: number): number {
  if (!isBoundedSingle(sum)) return UNDECIDED;
  const inDouble = a + b;
  return inexactUnless(sum === inDouble && sumError(a, b, inDouble) === 0);
}

/** Of a result that is exact if `same` and normal; or a zero that is exact if `zero`. */
const singleFlags = (result: number, same: boolean, zero: boolean): number =>
  isModerateSingle(result) ? inexactUnless(same) : result === 0 && zero ? 0 : UNDECIDED;

function multiplyAddSingle(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  return fround(roundToOdd(sum, sumError(product, c, sum)));
}

function multiplyAddSingleFlags(result: number, a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  return singleFlags(result, result === sum && sumError(product, c, sum) === 0, false);
}

// Comparisons: exact unless there is a NaN.
const bothNumbers = (_: number, a: number, b: number): number => (a === a && b === b ? 0 : UNDECIDED);
/** Two zeros may differ in their sign. */
const bothNumbersNotZero = (result: number, a: number, b: number): number =>
  a === 0 && b === 0 ? UNDECIDED : bothNumbers(result, a, b);

const common = (format: 's' | 'd'): Record<string, HostOperation> => ({
  [`fmin.${format}`]: operation((a, b) => (a < b ? a : b), bothNumbersNotZero),
  [`fmax.${format}`]: operation((a, b) => (a > b ? a : b), bothNumbersNotZero),
  [`feq.${format}`]: operation((a, b) => (a === b ? 1 : 0), bothNumbers),
  [`flt.${format}`]: operation((a, b) => (a < b ? 1 : 0), bothNumbers),
  [`fle.${format}`]: operation((a, b) => (a <= b ? 1 : 0), bothNumbers),
  // As C's casts convert. Bounds leave room for a fraction and for what doubles hold exactly.
  [`fcvt.w.${format}`]: toInteger(-(2 ** 31), 2 ** 31 - 1),
  [`fcvt.l.${format}`]: toInteger(-(2 ** 53), 2 ** 53),
});

const toInteger = (least: number, greatest: number): HostOperation =>
  operation(
    (a) => Math.trunc(a),
    (result, a) => (a >= least && a <= greatest ? inexactUnless(result === a) : UNDECIDED),
    RoundingMode.RTZ,
  );

/** Conversions of an operand that a double holds exactly. */
const rounding = (compute: (a: number) => number, exactly: (a: number) => number): HostOperation =>
  operation(compute, (result, a) => (a === a ? inexactUnless(result === exactly(a)) : UNDECIDED));

const low32 = (a: number): number => a | 0;
const unsigned32 = (a: number): number => a >>> 0;
const itself = (a: number): number => a;

/** By mnemonic; what is missing is rare. */
export const hostOperations: Readonly<Partial<Record<string, HostOperation>>> = {
  ...common('s'),
  ...common('d'),
  'fadd.d': operation((a, b) => a + b, addFlags),
  'fsub.d': operation(
    (a, b) => a - b,
    (result, a, b) => addFlags(result, a, -b),
  ),
  'fmul.d': operation((a, b) => a * b, multiplyFlags),
  'fdiv.d': operation((a, b) => a / b, divideFlags),
  'fsqrt.d': operation((a) => Math.sqrt(a), squareRootFlags),
  'fmadd.d': operation(multiplyAdd, multiplyAddFlags),
  'fmsub.d': operation(
    (a, b, c) => multiplyAdd(a, b, -c),
    (result, a, b, c) => multiplyAddFlags(result, a, b, -c),
  ),
  'fnmsub.d': operation(
    (a, b, c) => multiplyAdd(-a, b, c),
    (result, a, b, c) => multiplyAddFlags(result, -a, b, c),
  ),
  'fnmadd.d': operation(
    (a, b, c) => multiplyAdd(-a, b, -c),
    (result, a, b, c) => multiplyAddFlags(result, -a, b, -c),
  ),
  'fadd.s': operation((a, b) => fround(a + b), addSingleFlags),
  'fsub.s': operation(
    (a, b) => fround(a - b),
    (result, a, b) => addSingleFlags(result, a, -b),
  ),
  'fmul.s': operation(
    (a, b) => fround(a * b),
    (result, a, b) => singleFlags(result, result === a * b, a === 0 || b === 0),
  ),
  'fdiv.s': operation(
    (a, b) => fround(a / b),
    (result, a, b) => singleFlags(result, result * b === a, a === 0),
  ),
  'fsqrt.s': operation(
    (a) => fround(Math.sqrt(a)),
    (result, a) => singleFlags(result, result * result === a, true),
  ),
  'fmadd.s': operation(multiplyAddSingle, multiplyAddSingleFlags),
  'fmsub.s': operation(
    (a, b, c) => multiplyAddSingle(a, b, -c),
    (result, a, b, c) => multiplyAddSingleFlags(result, a, b, -c),
  ),
  'fnmsub.s': operation(
    (a, b, c) => multiplyAddSingle(-a, b, c),
    (result, a, b, c) => multiplyAddSingleFlags(result, -a, b, c),
  ),
  'fnmadd.s': operation(
    (a, b, c) => multiplyAddSingle(-a, b, -c),
    (result, a, b, c) => multiplyAddSingleFlags(result, -a, b, -c),
  ),
  'fcvt.d.w': rounding(low32, low32),
  'fcvt.d.wu': rounding(unsigned32, unsigned32),
  'fcvt.d.l': rounding(itself, itself),
  'fcvt.s.w': rounding((a) => fround(low32(a)), low32),
  'fcvt.s.wu': rounding((a) => fround(unsigned32(a)), unsigned32),
  'fcvt.s.l': rounding(fround, itself),
  'fcvt.d.s': rounding(itself, itself),
  'fcvt.s.d': operation(
    (a) => fround(a),
    (result, a) => singleFlags(result, result === a, a === 0),
  ),
};
