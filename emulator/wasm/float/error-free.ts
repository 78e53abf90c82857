import type { F64, I32, I64, Local } from '../expression';
import { i64, valueAfter } from '../expression';
import { f64 } from '../float-expression';
import type { NewLocal } from '../function';

/**
 * Error-free transformations of doubles in generated code: what an operation that rounds to nearest has lost, as a double
 * (Dekker 1971; Knuth, TAOCP 2, §4.2.2; Ogita, Rump and Oishi 2005).
 */

/** Code that mentions a value often gets it as a local. */
type Variable = Local<F64>;

/** The error of `sum = a + b` (Knuth's TwoSum). Right for all operands unless something overflows. */
export function sumError(a: Variable, b: Variable, sum: Variable, local: NewLocal): F64 {
  const part = local('f64');
  const ofA = f64.sub(a.get, f64.sub(sum.get, part.tee(f64.sub(sum.get, a.get))));
  return f64.add(ofA, f64.sub(b.get, part.get));
}

/** 2^27 + 1 splits 53 bits in halves (Veltkamp). */
const SPLITTER = 134217729;

/** The error of `product = a * b` (Dekker). Right for moderate operands and products. */
export function productError(a: Variable, b: Variable, product: Variable, local: NewLocal): F64 {
  const halves = (x: Variable) => {
    const [scaled, high, low] = [local('f64'), local('f64'), local('f64')];
    const split = low.set(
      f64.sub(
        x.get,
        high.tee(f64.sub(scaled.tee(f64.mul(x.get, f64.constant(SPLITTER))), f64.sub(scaled.get, x.get))),
      ),
    );
    return { split, high: high.get, low: low.get };
  };
  const [x, y] = [halves(a), halves(b)];
  const rest = f64.sub(
    f64.sub(f64.sub(product.get, f64.mul(x.high, y.high)), f64.mul(x.low, y.high)),
    f64.mul(x.high, y.low),
  );
  return valueAfter(x.split, valueAfter(y.split, f64.sub(f64.mul(x.low, y.low), rest)));
}

/** Bits without the sign, at the top. */
const magnitude = (x: F64): I64 => i64.shl(f64.bits(x), i64.constant(1));
const bitsOf = (x: number): bigint => new BigUint64Array(Float64Array.of(x).buffer)[0]! << 1n;

/** `1 / bound <= |x| < bound`. `bound` is a power of two. */
export const isModerate = (x: Variable, bound: number): I32 =>
  i64.ltU(
    i64.sub(magnitude(x.get), i64.constant(bitsOf(1 / bound))),
    i64.constant(bitsOf(bound) - bitsOf(1 / bound)),
  );

/** The double next to `rounded` on the side of `error`. Neither is zero. */
export function neighbour(rounded: Variable, error: Variable): F64 {
  const bits = f64.bits(rounded.get);
  // All ones if the signs differ: then it lies towards zero.
  const direction = i64.shrS(i64.xor(bits, f64.bits(error.get)), i64.constant(63));
  return f64.ofBits(i64.add(bits, i64.or(direction, i64.constant(1))));
}
