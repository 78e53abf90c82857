/** Steps: in, over and out, by statement or by instruction, through calls and traps. */
import type { TargetHart } from '../target/target';
import type { Debuggee, Granularity, StepKind, StepOutcome } from './api';
import { stepOut } from './step-out';
import { StepScan } from './step-scan';
import { returnFromCall, returnFromTrap } from './step-return';
import { rowAt } from './code';

/**
 * Runs one step on a hart; resolves when it is complete or something else stopped the machine.
 *
 * A statement step ends when the line-table row changes; where there is no row it is an instruction step. Interrupts are
 * held on the stepped hart, so that a timer does not steal the step; they are free while a call or a trap is run over.
 * `over` runs over calls and traps of the same frame until they come back to it, `in` arrives at the first instruction
 * of the function or of the trap handler, `out` leaves the function or the trap handler.
 */
export async function step(
  debuggee: Debuggee,
  hart: TargetHart,
  kind: StepKind,
  granularity: Granularity,
): Promise<StepOutcome> {
  if (hart.state === 'stopped') {
    return { kind: 'refused', reason: `Hart ${hart.index} is stopped: there is nothing to step.` };
  }
  if (kind === 'out') return stepOut(debuggee, hart);
  const row = granularity === 'statement' ? rowAt(debuggee, hart.pc, hart.bare) : undefined;
  return stepBy(debuggee, new StepScan(debuggee, hart, kind, row));
}

/** Steps instructions until the scan says that the step is complete; runs over the calls and traps that it asks for. */
async function stepBy(debuggee: Debuggee, scan: StepScan): Promise<StepOutcome> {
  const { target } = debuggee;
  for (;;) {
    const stepped = await target.run({
      kind: 'step',
      hart: scan.hart.index,
      done: () => scan.advance() !== 'go-on',
    });
    if (stepped.kind !== 'step' || scan.event === 'complete') return stepped;

    const { before } = scan;
    const back =
      scan.event === 'trapped'
        ? returnFromTrap(debuggee, scan.hart, before)
        : returnFromCall(debuggee, scan.hart, before);
    const returned = await target.run({ kind: 'until', ...back });
    if (returned.kind !== 'step') return returned;
    if (scan.resume(target.harts[returned.hart]!)) return returned;
  }
}
