/** Which stack a frame is on: for people only, no step of a walk depends on it. */
import { recordAddress } from './frame-record';
import type { StackBounds } from './types';

/**
 * The stack that sp is in, where sp is known; else the one that holds the frame's own record. An sp at the top of a stack
 * has emptied it, and one at its very bottom is far more likely the empty stack below. In an overflow sp is in no stack,
 * and s0 still is.
 */
export function stackOfFrame(
  stacks: readonly StackBounds[],
  frame: { readonly sp?: bigint | undefined; readonly fp: bigint },
): StackBounds | undefined {
  const { sp } = frame;
  const record = recordAddress(frame.fp);
  return (
    (sp === undefined ? undefined : stacks.find(({ low, high }) => sp > low && sp <= high)) ??
    stacks.find(({ low, high }) => record >= low && record < high)
  );
}
