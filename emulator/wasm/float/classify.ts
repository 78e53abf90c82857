import type { I32 } from '../expression';
import { i32, i64, sequence, valueAfter } from '../expression';
import { typedFunction } from '../function';

/**
 * The bit that says what a number is (unpriv §20.9). `bits` and, in the same format, the least normal number, infinity and the first
 * quiet NaN stand at the top of 64 bits.
 */
export const classify = typedFunction(
  ['i64', 'i64', 'i64', 'i64'],
  'i64',
  ([bits, leastNormal, infinity, quiet], local) => {
    const [magnitude, positive] = [local('i64'), local('i32')];
    const count = (...conditions: readonly I32[]): I32 => conditions.reduce((a, b) => i32.add(a, b));
    const isPositive = i64.geS(bits.get, i64.constant(0));
    // 4 to 7: zero, subnormal, normal, infinite. Of negative ones 3 to 0.
    const ofNumber = sequence(
      positive.set(
        count(
          i32.constant(4),
          i64.ne(magnitude.get, i64.constant(0)),
          i64.geU(magnitude.get, leastNormal.get),
          i64.geU(magnitude.get, infinity.get),
        ),
      ),
    );
    const ofNan = count(i32.constant(8), i64.geU(magnitude.get, quiet.get));
    const number = i32.choose(
      i64.gtU(magnitude.get, infinity.get),
      ofNan,
      valueAfter(ofNumber, i32.choose(isPositive, positive.get, i32.sub(i32.constant(7), positive.get))),
    );
    return valueAfter(
      magnitude.set(i64.and(bits.get, i64.constant((1n << 63n) - 1n))),
      i64.shl(i64.constant(1), i64.zeroExtend32(number)),
    );
  },
);
