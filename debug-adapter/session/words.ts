/** A 64-bit word as a person reads it: `0xffffffff80001234 <schedule+0x12/0x80>`. */
import type { Debuggee } from '../debugger/api';
import { locate } from '../debugger/location';
import type { TargetHart } from '../target/target';
import { hex } from '../unwind/hex';

export function describeWord(value: bigint, hart: TargetHart, debuggee: Debuggee): string {
  const { symbol, offset } = locate(debuggee, value, { bare: hart.bare });
  if (symbol === undefined) return hex(value);
  return `${hex(value)} <${symbol}${offset === 0 ? '' : `+0x${offset.toString(16)}`}>`;
}
