import type { F32, I32, Local } from '../expression';
import { i32 } from '../expression';
import { f32 } from '../float-expression';

/** Twice the least normal number: below it lies what may have underflowed. */
const SMALL = 2 ** -125;

/** A result that neither over- nor underflowed. False for NaN. */
export const isNormalSingle = (x: Local<F32>): I32 =>
  i32.and(f32.ge(f32.abs(x.get), f32.constant(SMALL)), f32.lt(f32.abs(x.get), f32.constant(Infinity)));
