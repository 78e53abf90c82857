import { STEPS_PER_TICK } from '../clock';
import type { I32, I64 } from './expression';
import { i32, i64 } from './expression';
import { State } from './layout';

const state = i32.constant(0);

/** Whether the hart may read `time` now. Where it may not, the instruction is illegal. */
export const readsTime: I32 = i32.load(state, State.readsTime);

/** The counter `time` as an instruction reads it that leaves so many steps of the budget. */
export const timeWith = (stepsLeft: I32): I64 =>
  i64.add(
    i64.add(i64.load(state, State.ticks), i64.load(state, State.timeOffset)),
    i64.zeroExtend32(
      i32.divU(i32.sub(i32.load(state, State.stepsAtZero), stepsLeft), i32.constant(STEPS_PER_TICK)),
    ),
  );
