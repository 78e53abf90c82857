import type { F64, I32, Local } from '../expression';
import { i32, i64 } from '../expression';
import { f32, f64 } from '../float-expression';
import type { NewLocal } from '../function';
import { typedFunction } from '../function';
import { settled } from './accrue';
import { isModerate, productError } from './error-free';
import { isNormalSingle } from './single';

/**
 * Whether results of WebAssembly's arithmetic are right where more has to be known than that they are normal: each function takes a
 * result and its operands, and tells 1 if the result is right. Then it has accrued NX if the result is inexact.
 */

/** Products and errors of such numbers are normal. */
const MODERATE = 2 ** 900;

const yes = i32.constant(1);
const isZero = (x: Local<F64>): I32 => f64.eq(x.get, f64.constant(0));
const isFinite = (x: Local<F64>): I32 => f64.lt(f64.abs(x.get), f64.constant(Infinity));
const moderate = (...all: readonly Local<F64>[]): I32 =>
  all.map((x) => isModerate(x, MODERATE)).reduce((a, b) => i32.and(a, b));

/** `a * b` is a double, which `c` is. */
function isExactly(a: Local<F64>, b: Local<F64>, c: Local<F64>, local: NewLocal): I32 {
  const product = local('f64');
  const error = productError(a, b, product, local);
  return i32.and(f64.eq(product.tee(f64.mul(a.get, b.get)), c.get), f64.eq(error, f64.constant(0)));
}

/** A sum without the greater operand is exact (Dekker's Fast2Sum): the sum is exact if without either it is the other. */
const sumDouble = typedFunction(['f64', 'f64', 'f64'], 'i32', ([sum, a, b]) =>
  settled(
    i32.and(f64.eq(f64.sub(sum.get, a.get), b.get), f64.eq(f64.sub(sum.get, b.get), a.get)),
    isFinite(sum),
  ),
);

const productDouble = typedFunction(['f64', 'f64', 'f64'], 'i32', ([product, a, b], local) =>
  i32.choose(
    moderate(product, a, b),
    settled(f64.eq(productError(a, b, product, local), f64.constant(0)), yes),
    i32.and(isZero(product), i32.or(isZero(a), isZero(b))),
  ),
);

/** A quotient is exact if it times the divisor is the dividend. */
const quotientDouble = typedFunction(['f64', 'f64', 'f64'], 'i32', ([quotient, a, b], local) =>
  i32.choose(
    moderate(quotient, a, b),
    settled(isExactly(quotient, b, a, local), yes),
    i32.and(isZero(quotient), isZero(a)),
  ),
);

const rootDouble = typedFunction(['f64', 'f64'], 'i32', ([root, a], local) =>
  i32.choose(
    moderate(root, a),
    settled(isExactly(root, root, a, local), yes),
    i32.and(isZero(root), isZero(a)),
  ),
);

// Of singles: doubles hold their products, so what is exact is told also at the ends of the exponent range.

const sumSingle = typedFunction(['f32', 'f32', 'f32'], 'i32', ([sum, a, b]) =>
  settled(
    i32.and(f32.eq(f32.sub(sum.get, a.get), b.get), f32.eq(f32.sub(sum.get, b.get), a.get)),
    isNormalSingle(sum),
  ),
);

const productSingle = typedFunction(['f32', 'f32', 'f32'], 'i32', ([product, a, b]) =>
  settled(
    f64.eq(f64.promote(product.get), f64.mul(f64.promote(a.get), f64.promote(b.get))),
    isNormalSingle(product),
  ),
);

const quotientSingle = typedFunction(['f32', 'f32', 'f32'], 'i32', ([quotient, a, b]) =>
  settled(
    f64.eq(f64.mul(f64.promote(quotient.get), f64.promote(b.get)), f64.promote(a.get)),
    isNormalSingle(quotient),
  ),
);

const rootSingle = typedFunction(['f32', 'f32'], 'i32', ([root, a]) =>
  settled(
    f64.eq(f64.mul(f64.promote(root.get), f64.promote(root.get)), f64.promote(a.get)),
    isNormalSingle(root),
  ),
);

/** A double as a single. */
const narrowed = typedFunction(['f32', 'f64'], 'i32', ([single, double]) =>
  settled(f64.eq(f64.promote(single.get), double.get), isNormalSingle(single)),
);

/** An integer of this magnitude in a format of this precision. */
const integer = typedFunction(['i64', 'i64'], 'i32', ([magnitude, precision]) =>
  settled(
    // From the first bit that is set to the last. 0 has none.
    i64.ltU(
      i64.constant(63),
      i64.add(precision.get, i64.add(i64.clz(magnitude.get), i64.ctz(magnitude.get))),
    ),
    yes,
  ),
);

export const settle = {
  ...{ sumDouble, productDouble, quotientDouble, rootDouble },
  ...{ sumSingle, productSingle, quotientSingle, rootSingle },
  ...{ narrowed, integer },
};
