/** The integer registers as a frame knows them: all of the live frame, for outer ones what the walk is certain of. */
import type { SelectedFrame } from '../call-stacks';

const s0 = 8;

export function isLive({ row }: SelectedFrame): boolean {
  return row.frame.origin.kind === 'live';
}

/** x1 to x31 at the frame's pc; `undefined` where nobody knows it any more. */
export function registerIn(frame: SelectedFrame, index: number): bigint | undefined {
  if (index === 0) return 0n;
  if (isLive(frame)) return frame.hart.getX(index);
  const { registers, fp } = frame.row.frame;
  return registers.get(index) ?? (index === s0 ? fp : undefined);
}

export function pcOf(frame: SelectedFrame): bigint {
  return isLive(frame) ? frame.hart.pc : frame.row.frame.pc;
}
