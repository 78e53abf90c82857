import { RoundingMode } from '../../float/rounding';
import type { F64 } from '../expression';
import { i32, ifThen, returnValue, sequence, valueAfter } from '../expression';
import { f64 } from '../float-expression';
import { typedFunction } from '../function';
import { accrueInexact } from './accrue';

/**
 * `a` rounded to an integer in a rounding mode, with NX accrued if that changes it; a NaN if the mode is another than four of the five, and if
 * the integer is not at least `least` and below `bound`.
 */
export const toIntegral = typedFunction(
  ['f64', 'i32', 'f64', 'f64'],
  'f64',
  ([a, mode, least, bound], local) => {
    const result = local('f64');
    const NAN = f64.constant(NaN);
    const ways: readonly (readonly [RoundingMode, F64])[] = [
      [RoundingMode.RTZ, f64.trunc(a.get)],
      [RoundingMode.RNE, f64.nearest(a.get)],
      [RoundingMode.RDN, f64.floor(a.get)],
      [RoundingMode.RUP, f64.ceil(a.get)],
    ];
    const rounded = ways.reduceRight(
      (others, [number, way]) => f64.choose(i32.eq(mode.get, i32.constant(number)), way, others),
      NAN,
    );
    return valueAfter(
      sequence(
        result.set(rounded),
        ifThen(
          i32.eqz(i32.and(f64.ge(result.get, least.get), f64.lt(result.get, bound.get))),
          returnValue(NAN),
        ),
        ifThen(f64.ne(result.get, a.get), accrueInexact),
      ),
      result.get,
    );
  },
);
