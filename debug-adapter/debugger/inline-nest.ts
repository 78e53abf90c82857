/** How deep a pc is in functions that the compiler has inlined: what a step goes by besides frames. */
import type { SourceLine } from '../symbols/api';
import type { Debuggee } from './api';

export interface NestedFunction {
  /** The same at every pc of one inlined copy of a function, and of no other. */
  readonly id: number;
  readonly name: string;
  /** Where it was inlined; `undefined` for the outermost one, whose frame it is. */
  readonly callSite: SourceLine | undefined;
}

/** The function that contains a pc, and those inlined there inside each other, the innermost last; empty without debug information. */
export type InlineNest = readonly NestedFunction[];

/** @param bare the pc may be a physical address */
export function inlineNestAt({ program, kernel }: Debuggee, pc: bigint, bare: boolean): InlineNest {
  return program.debug?.functionsAt(kernel.linkAddress(pc, bare).address).toReversed() ?? [];
}

/** Whether code of one nest is in a function that another nest has innermost: the same copy, or inlined into it. */
export function isInside(nest: InlineNest, outer: InlineNest): boolean {
  return outer.every(({ id }, depth) => nest[depth]?.id === id);
}

export function isSameNest(one: InlineNest, other: InlineNest): boolean {
  return one.length === other.length && isInside(one, other);
}
