/** How deep a pc is in functions that the compiler has inlined: what a step goes by besides frames. */
import type { SourceLine } from '../symbols/api';
import type { Debuggee } from './api';

export interface NestedFunction {
  /** The same at every pc of one inlined copy of a function, and of no other. */
  readonly id: number;
  readonly name: string;
  /** Link-time address of its first instruction. */
  readonly entry: bigint | undefined;
  /** Where it was inlined; `undefined` for the outermost one, whose frame it is. */
  readonly callSite: SourceLine | undefined;
}

/** The function that contains a pc, and those inlined there inside each other, the innermost last; empty without debug information. */
export type InlineNest = readonly NestedFunction[];

/** @param bare the pc may be a physical address */
export function inlineNestAt({ program, kernel }: Debuggee, pc: bigint, bare: boolean): InlineNest {
  return program.debug?.functionsAt(kernel.linkAddress(pc, bare).address).toReversed() ?? [];
}

/**
 * The nest of code that is about to enter the inlined functions that begin at a link-time address, and the line that has them inlined;
 * `undefined` if none begins there. As gdb has it, such an instruction is the caller's as well.
 */
export function nestBefore(
  nest: InlineNest,
  address: bigint,
): { readonly nest: InlineNest; readonly line: SourceLine } | undefined {
  const depth = nest.findIndex(({ callSite, entry }) => callSite !== undefined && entry === address);
  const line = nest[depth]?.callSite;
  return line && { nest: nest.slice(0, depth), line };
}

/** Whether code of one nest is in a function that another nest has innermost: the same copy, or inlined into it. */
export function isInside(nest: InlineNest, outer: InlineNest): boolean {
  return outer.every(({ id }, depth) => nest[depth]?.id === id);
}

export function isSameNest(one: InlineNest, other: InlineNest): boolean {
  return one.length === other.length && isInside(one, other);
}
