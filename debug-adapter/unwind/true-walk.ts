/** The walk of what really happened: no rules, but calls and traps that were recorded as they were executed. */
import { stackOfFrame } from './frame-stack';
import { hex } from './hex';
import { causeName } from './trap-cause';
import type { Frame, WalkEnd, WalkInput, WalkResult } from './types';
import { startFrame } from './walk-start';

/** A trap as it was taken. */
interface RecordedTrap {
  readonly cause: bigint;
  readonly epc: bigint;
  readonly tval: bigint;
}

/** What has not been returned from, innermost first, and how it began. `sp` is that before the call or trap. */
export interface RecordedChain {
  readonly transfers: readonly (
    | { readonly kind: 'call'; readonly returnAddress: bigint; readonly sp: bigint }
    | { readonly kind: 'trap'; readonly trap: RecordedTrap; readonly sp: bigint }
  )[];
  readonly origin:
    | { readonly kind: 'start'; readonly pc: bigint; readonly sp: bigint }
    | { readonly kind: 'user'; readonly trap: RecordedTrap; readonly sp: bigint }
    | { readonly kind: 'lost' };
}

type Transfer = RecordedChain['transfers'][number];

/** What stands in place of a rule's number. */
const RULE = 'recorded';

/**
 * Frames from a recorded chain: that of the hart, or of the blocked task by its saved sp. Never throws (R19). A frame's `fp` is the sp with
 * which its function was entered: the canonical frame address, which is s0 in functions that keep a frame pointer; 0 if that is not known.
 * sp at its pc is in `registers`. The walk is reliable if it goes back to where the chain began.
 * @param chain undefined if there is none
 */
export function walkTrue(input: WalkInput, chain: RecordedChain | undefined): WalkResult {
  const { start } = input;
  if (start.kind === 'user') {
    return result([startFrame(input)], failure('user frames are not recorded', start.pc));
  }
  if (start.kind === 'blocked' && !start.isReturnAddress) {
    return result([startFrame(input)], final('the task has not run yet', start.pc));
  }
  if (!chain)
    return result(
      [startFrame(input)],
      failure(
        'no calls were recorded for this stack: they are with --record-calls ("recordCalls": true)',
        start.pc,
      ),
    );
  const callers = chain.transfers.map((transfer, index) =>
    callerFrame(input, transfer, enteredWith(chain, index + 1)),
  );
  return result(
    start.kind === 'blocked' ? blockedFrames(callers) : [liveFrame(input, chain), ...callers],
    endOf(chain),
  );
}

function liveFrame(input: WalkInput, chain: RecordedChain): Frame {
  return { ...startFrame(input), fp: enteredWith(chain, 0), rule: RULE, reason: 'pc of the hart' };
}

/** The innermost call of a blocked task is the one that changed to another task. */
function blockedFrames([first, ...others]: readonly Frame[]): readonly Frame[] {
  return first ? [{ ...first, mark: 'T' }, ...others] : [];
}

function callerFrame({ stacks }: WalkInput, transfer: Transfer, fp: bigint): Frame {
  const { sp } = transfer;
  const place = { stack: stackOfFrame(stacks, { sp, fp }), fp, registers: new Map([[2, sp]]), rule: RULE };
  if (transfer.kind === 'call') {
    return {
      ...place,
      pc: transfer.returnAddress,
      mark: 'C',
      isReturnAddress: true,
      origin: { kind: 'recorded', sp },
      reason: `called with sp ${hex(sp)}`,
    };
  }
  const { cause, epc, tval } = transfer.trap;
  return {
    ...place,
    pc: epc,
    mark: 'P',
    isReturnAddress: false,
    origin: { kind: 'recorded', sp, trap: { cause, tval } },
    reason: `${causeName(cause)} with sp ${hex(sp)}`,
  };
}

/** sp with which the function of that frame was entered. */
function enteredWith({ transfers, origin }: RecordedChain, frame: number): bigint {
  return transfers[frame]?.sp ?? (origin.kind === 'lost' ? 0n : origin.sp);
}

function endOf({ transfers, origin }: RecordedChain): WalkEnd {
  switch (origin.kind) {
    case 'start':
      return final(`execution began at ${hex(origin.pc)}`, origin.pc);
    case 'user': {
      const { cause, epc } = origin.trap;
      return final(`entered from user mode by ${causeName(cause)} at ${hex(epc)}`, epc);
    }
    case 'lost':
      return failure(`only ${transfers.length} calls are known, the outer ones were forgotten`, undefined);
  }
}

const final = (reason: string, address: bigint): WalkEnd => ({ kind: 'final', rule: RULE, reason, address });
const failure = (reason: string, address: bigint | undefined): WalkEnd => ({
  kind: 'error',
  rule: RULE,
  reason,
  address,
});

function result(frames: readonly Frame[], end: WalkEnd): WalkResult {
  const reliable = end.kind === 'final';
  const verdict = reliable
    ? 'this is what happened, back to where it began'
    : `not all is known: ${end.reason}`;
  return { kind: 'true', frames, end, reliable, verdict };
}
