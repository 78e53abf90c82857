/** The calls that debug information describes in a function: DW_TAG_call_site (DWARF 5 §3.4), and GNU's before it. */
import { AT, TAG } from './constants';
import type { Die, DieReader } from './die';

/** Blocks and inlined functions inside each other. */
const DEEPEST = 100;

const isCall = ({ tag }: Die) => tag === TAG.call_site || tag === TAG.GNU_call_site;

/** All calls, and all functions that were inlined, in a function and the blocks in it. */
export function* callsIn(scope: Die, reader: DieReader, depth = 0): Generator<Die> {
  for (const child of reader.children(scope)) {
    const isInlined = child.tag === TAG.inlined_subroutine;
    if (isCall(child) || isInlined) yield child;
    if ((isInlined || child.tag === TAG.lexical_block) && depth < DEEPEST) {
      yield* callsIn(child, reader, depth + 1);
    }
  }
}

/** Link-time address that a call returns to; `undefined` for a tail call, which does not. */
export function returnAddressOf(call: Die): bigint | undefined {
  if (!isCall(call)) return undefined;
  const value = call.attributes.get(AT.call_return_pc) ?? call.attributes.get(AT.low_pc);
  return value?.kind === 'address' ? value.value : undefined;
}

/** The function that is called; `undefined` for a call through a pointer. */
export function calleeOf(call: Die, reader: DieReader): Die | undefined {
  return reader.follow(call, AT.call_origin) ?? reader.follow(call, AT.abstract_origin);
}
