/** Steps: in, over and out, by statement or by instruction, through calls and traps. */
import type { TargetHart } from '../target/target';
import type { Debuggee, Granularity, StepKind, StepOutcome } from './api';

/** Runs one step on a hart; resolves when it is complete or something else stopped the machine. */
export function step(
  debuggee: Debuggee,
  hart: TargetHart,
  kind: StepKind,
  granularity: Granularity,
): Promise<StepOutcome> {
  return Promise.reject(new Error(`not yet ${debuggee.path} ${hart.index} ${kind} ${granularity}`));
}
