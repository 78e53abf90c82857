/**
 * Error-free transformations of doubles in rounding to nearest: what a host operation lost, as a double (Ogita, Rump and Oishi 2005).
 * Callers keep operands so far from the ends of the exponent range that nothing over- or underflows.
 */

/** The error of `sum = a + b`. */
export function sumError(a: number, b: number, sum: number): number {
  const partOfB = sum - a;
  return a - (sum - partOfB) + (b - partOfB);
}

/** 2^27 + 1 splits 53 bits in halves (Veltkamp). */
const SPLITTER = 134217729;

/** The error of `product = a * b` (Dekker). */
export function productError(a: number, b: number, product: number): number {
  const scaledA = SPLITTER * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = SPLITTER * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/**
 * `sum + error`, `sum` being their sum rounded to nearest, rounded to odd instead: of two neighbours the one with an odd
 * significand. Rounding that again to fewer bits is as rounding once (Boldo and Melquiond 2008).
 */
export function roundToOdd(sum: number, error: number): number {
  if (error === 0) return sum;
  double[0] = sum;
  const low = words[0]!;
  if ((low & 1) !== 0) return sum;
  // The odd neighbour is away from zero or towards it; the latter may borrow from the high word.
  const away = error > 0 === sum > 0;
  words[0] = away ? low | 1 : low - 1;
  if (!away && low === 0) words[1]!--;
  return double[0];
}
