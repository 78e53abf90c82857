/** Steps: in, over and out, by statement or by instruction, through calls and traps. */
import type { TargetHart } from '../target/target';
import {
  defaultStepPolicy,
  type Debuggee,
  type Granularity,
  type StepKind,
  type StepOptions,
  type StepOutcome,
} from './api';
import { functionAt, isAssembly, rowAt } from './code';
import { inlineNestAt } from './inline-nest';
import { afterPrologue } from './prologue';
import { stepOut } from './step-out';
import { returnFromCall, returnFromTrap } from './step-return';
import { StepRun } from './step-run';
import { StepScan } from './step-scan';

/**
 * Runs one step on a hart; resolves when it is complete or something else stopped the machine.
 *
 * A statement step ends when the line-table row changes; where there is no row it is an instruction step. Interrupts are
 * held on the stepped hart, so that a timer does not steal the step; they are free while a call or a trap is run over.
 * `over` runs over calls and traps of the same frame until they come back to it, `in` arrives in the function behind its
 * prologue or at the first instruction of the trap handler, `out` leaves the function or the trap handler. A function that was
 * inlined is a function: `over` and `out` end in none that they were not in before, but may end before its first instruction, and `in` ends
 * at its first statement.
 */
export async function step(
  debuggee: Debuggee,
  hart: TargetHart,
  kind: StepKind,
  granularity: Granularity,
  { policy = defaultStepPolicy, into }: StepOptions = {},
): Promise<StepOutcome> {
  if (hart.state === 'stopped') {
    return { kind: 'refused', reason: `Hart ${hart.index} is stopped: there is nothing to step.` };
  }
  const run = new StepRun(debuggee, hart, policy);
  if (kind === 'out') {
    const isInlined = inlineNestAt(debuggee, hart.pc, hart.bare).length > 1;
    return isInlined
      ? stepBy(run, new StepScan(debuggee, hart, { kind, row: undefined, into: undefined, isBefore: false }))
      : stepOut(run, hart);
  }
  const isBefore = kind === 'over' && cameOver.get(hart) === stateOf(debuggee, hart);
  const row = granularity === 'statement' ? rowAt(debuggee, hart.pc, hart.bare) : undefined;
  // All but the call that is to be entered is stepped over.
  const scan = new StepScan(debuggee, hart, {
    kind: into === undefined ? kind : 'over',
    row,
    into,
    isBefore,
  });
  const outcome = await stepBy(run, scan);
  if (kind === 'over' && outcome.kind === 'step') cameOver.set(scan.hart, stateOf(debuggee, scan.hart));
  const isStatement = granularity === 'statement' && outcome.kind === 'step';
  return isStatement && scan.entered ? enterBody(run, scan.hart, outcome) : outcome;
}

/**
 * Where a step over has left a hart. Code that begins an inlined function is the outer function's as well: who has come there by a step over
 * stands before that function, and the next step over goes over it.
 */
const cameOver = new WeakMap<TargetHart, string>();

/** The same as long as nothing has run and nobody has moved the hart. */
function stateOf({ target }: Debuggee, { pc }: TargetHart): string {
  return `${pc} after ${target.instructions}`;
}

/** Steps instructions until the scan says that the step is complete; runs over the calls and traps that it asks for. */
async function stepBy(run: StepRun, scan: StepScan): Promise<StepOutcome> {
  const { debuggee } = run;
  const { harts } = debuggee.target;
  for (;;) {
    const leap = scan.leap();
    if (leap) {
      const { arrived, stop } = await run.until(leap);
      if (!arrived) return stop;
      scan.land(harts[stop.hart]!);
    } else {
      const stop = await run.instructions(scan.hart, () => scan.advance() !== 'go-on' || scan.isLong);
      if (stop.kind !== 'step') return stop;
    }
    if (scan.event === 'complete') return { kind: 'step', hart: scan.hart.index };
    if (scan.event === 'go-on') continue;

    const { before } = scan;
    const back =
      scan.event === 'trapped'
        ? returnFromTrap(debuggee, scan.hart, before)
        : returnFromCall(debuggee, scan.hart, before);
    const { arrived, stop } = await run.until(back);
    if (!arrived || scan.resume(harts[stop.hart]!)) return stop;
  }
}

/** A compiled function is entered where breakpoints on it stop, so that the call stack shows its caller. */
async function enterBody(run: StepRun, hart: TargetHart, entered: StepOutcome): Promise<StepOutcome> {
  const { debuggee } = run;
  const { program, target, kernel } = debuggee;
  const row = rowAt(debuggee, hart.pc, hart.bare);
  const entry = functionAt(debuggee, hart.pc, hart.bare)?.address;
  const { address } = kernel.linkAddress(hart.pc, hart.bare);
  if (!row || isAssembly(row.file) || entry !== address) return entered;
  const prologue = afterPrologue(program, target, entry) - entry;
  const first = hart.pc;
  if (prologue === 0n) return entered;
  // A trap, or a tracer that the kernel calls there, leaves the prologue.
  const isIn = (pc: bigint) => pc > first && pc < first + prologue;
  return run.instructions(hart, ({ pc }) => !isIn(pc));
}
