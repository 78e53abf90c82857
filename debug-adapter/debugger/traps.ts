/** Traps in the words of a separator row. */
import { hex } from '../unwind/hex';
import { causeName, hasFaultAddress, isInterrupt } from '../unwind/trap-cause';

const illegalInstruction = 2n;

/**
 * `exception: load page fault at 0x…`, `interrupt: supervisor timer`. `value` is `badaddr` or `stval`; it is shown only
 * where the cause makes it an address or an instruction.
 */
export function describeTrap(cause: bigint, value: bigint): string {
  if (isInterrupt(cause)) return `interrupt: ${causeName(cause).replace(/ interrupt$/, '')}`;
  return `exception: ${causeName(cause)}${describeValue(cause, value)}`;
}

function describeValue(cause: bigint, value: bigint): string {
  if (hasFaultAddress(cause)) return ` at ${hex(value)}`;
  return cause === illegalInstruction && value !== 0n ? ` ${hex(value)}` : '';
}
