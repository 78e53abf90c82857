import { Flag } from '../../float/rounding';
import type { I32, Statement } from '../expression';
import { i32, sequence, valueAfter } from '../expression';
import { FloatStatus, State } from '../layout';

const zero = i32.constant(0);
const one = i32.constant(1);

/** Accrues NX, which makes the state dirty. */
export const accrueInexact: Statement = sequence(
  i32.store(zero, i32.or(i32.load(zero, State.fcsr), i32.constant(Flag.NX)), State.fcsr),
  i32.store(zero, i32.constant(FloatStatus.dirty), State.floatStatus),
);

/** 1 if a result is known to be right; then what it raises has accrued. It is if it is exact, and if it is `normal`: then it is inexact. */
export const settled = (exact: I32, normal: I32): I32 =>
  i32.choose(exact, one, i32.choose(normal, valueAfter(accrueInexact, one), zero));
