import type { F32, F64, I32 } from '../expression';
import { i32, i64, ifElse, ifThen, returnValue, sequence, valueAfter } from '../expression';
import { f32, f64 } from '../float-expression';
import { typedFunction } from '../function';
import { accrueInexact } from './accrue';
import { isModerate, neighbour, productError, sumError } from './error-free';
import { isNormalSingle } from './single';

/**
 * `a * b + c` rounded once to nearest even, with NX accrued if it is inexact; a NaN where that is not known to be right.
 */

/** Their products are between 2^-900 and 2^900: errors are far from the ends of the exponent range. */
const MODERATE = 2 ** 450;
const LARGEST = 2 ** 1000;

const anyZero = (a: F64, b: F64): I32 => i32.or(f64.eq(a, f64.constant(0)), f64.eq(b, f64.constant(0)));

/**
 * With errors `p + pe = a * b` and `s + se = p + c` the exact result is `s + se + pe`. Let t be `se + pe` rounded, r be `s + t` rounded.
 *
 * If t is exact, r is rounded once. That it is not needs both errors, and `se` is 0 where c cancels most of p (Sterbenz: opposite signs, at
 * most a factor of 2 apart). So |s| is at least |p| / 2, |t| at most some units in the last place of s, and the last place u of t is
 * so far below that s and all points half way between doubles near r are multiples of 2 u. The exact result is nearer to `s + t`, a
 * multiple of u, than u: both are on the same side of all those points, and round alike, unless `s + t` is one of them. Then the
 * neighbour of t on the side of its error is taken in place of t, and the sum is on the right side. (Boldo and Melquiond, "Emulation of
 * FMA and correctly rounded sums: proved algorithms using rounding to odd", IEEE TC 57, 2008, round t to odd always.)
 *
 * That `s + t` lies half way is told by what r lost of it, by Dekker's Fast2Sum because |s| >= |t| or s = 0: it is a power of two.
 * Sums that are too small to be normal are exact, so only products must be moderate, and the result bounded.
 */
export const multiplyAddDouble = typedFunction(['f64', 'f64', 'f64'], 'f64', ([a, b, c], local) => {
  const [product, low] = [local('f64'), local('f64')];
  const [sum, lowest] = [local('f64'), local('f64')];
  const [tail, result, lost] = [local('f64'), local('f64'), local('f64')];
  const error = local('f64');
  const notModerate = i32.eqz(i32.and(isModerate(a, MODERATE), isModerate(b, MODERATE)));
  // A product that is zero is exact, and so is the sum.
  const simple = f64.choose(anyZero(a.get, b.get), f64.add(f64.mul(a.get, b.get), c.get), f64.constant(NaN));
  const significand = i64.shl(f64.bits(lost.get), i64.constant(12));
  const powerOfTwoOrZero = sequence(
    error.set(sumError(lowest, low, tail, local)),
    ifElse(
      f64.eq(error.get, f64.constant(0)),
      ifThen(f64.ne(lost.get, f64.constant(0)), accrueInexact),
      sequence(accrueInexact, returnValue(f64.add(sum.get, neighbour(tail, error)))),
    ),
  );
  return valueAfter(
    sequence(
      ifThen(notModerate, returnValue(simple)),
      product.set(f64.mul(a.get, b.get)),
      low.set(productError(a, b, product, local)),
      sum.set(f64.add(product.get, c.get)),
      lowest.set(sumError(product, c, sum, local)),
      tail.set(f64.add(lowest.get, low.get)),
      result.set(f64.add(sum.get, tail.get)),
      ifThen(i32.eqz(f64.lt(f64.abs(result.get), f64.constant(LARGEST))), returnValue(f64.constant(NaN))),
      lost.set(f64.sub(tail.get, f64.sub(result.get, sum.get))),
      ifElse(i64.eqz(significand), powerOfTwoOrZero, accrueInexact),
    ),
    result.get,
  );
});

/** Bits of a double below the last place of a normal single, and those below half of that place. */
const BELOW_HALF = (1n << 28n) - 1n;

/**
 * The product of singles is exact in doubles. Their sum in doubles rounds to the single to which the exact one rounds, unless it
 * lies half way between singles or is one: only then the error of the sum is looked at, and tells on which side of that the sum is.
 */
export const multiplyAddSingle = typedFunction(['f32', 'f32', 'f32'], 'f32', ([a, b, c], local) => {
  const [product, addend] = [local('f64'), local('f64')];
  const [sum, error] = [local('f64'), local('f64')];
  const result = local('f32');
  const NAN: F32 = f32.constant(NaN);
  const isExact = i32.and(f64.eq(error.get, f64.constant(0)), f64.eq(f64.promote(result.get), sum.get));
  const inDoubt = sequence(
    error.set(sumError(product, addend, sum, local)),
    ifThen(isExact, returnValue(result.get)),
    ifThen(f64.ne(error.get, f64.constant(0)), result.set(f32.demote(neighbour(sum, error)))),
  );
  return valueAfter(
    sequence(
      product.set(f64.mul(f64.promote(a.get), f64.promote(b.get))),
      sum.set(f64.add(product.get, addend.tee(f64.promote(c.get)))),
      result.set(f32.demote(sum.get)),
      ifThen(i64.eqz(i64.and(f64.bits(sum.get), i64.constant(BELOW_HALF))), inDoubt),
      ifThen(i32.eqz(isNormalSingle(result)), returnValue(NAN)),
      accrueInexact,
    ),
    result.get,
  );
});
