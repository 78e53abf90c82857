/**
 * A shadow call stack as a witness of a walk: the two hold the same return addresses, in the same order. A walk has more of
 * them, since assembly that keeps a frame record (`call_on_irq_stack`) does not use the shadow call stack.
 */
import type { Frame } from './types';

interface ShadowComparison {
  /** How many of the shadow call stack's addresses the walk has, in order, before the first that it has not. */
  readonly agreeing: number;
  readonly total: number;
  /** The first address that the walk lacks; `undefined` if it has them all. */
  readonly missing: bigint | undefined;
}

/** @param shadow return addresses, innermost first */
export function compareWithShadow(shadow: readonly bigint[], frames: readonly Frame[]): ShadowComparison {
  const walked = frames.filter(({ isReturnAddress }) => isReturnAddress).map(savedAddress);
  let next = 0;
  const agreeing = shadow.findIndex((address) => {
    const found = walked.indexOf(address, next);
    if (found >= 0) next = found + 1;
    return found < 0;
  });
  if (agreeing < 0) return { agreeing: shadow.length, total: shadow.length, missing: undefined };
  return { agreeing, total: shadow.length, missing: shadow[agreeing] };
}

/** As it was saved: the trampoline of a tracer is in both places. */
function savedAddress({ pc, origin }: Frame): bigint {
  return origin.kind === 'record' ? origin.ra : pc;
}
