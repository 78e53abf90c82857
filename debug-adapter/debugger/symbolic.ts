/** 64-bit words as a person reads them. */
import type { TargetHart } from '../target/target';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';
import { locate } from './location';

/** `schedule+0x12`; `undefined` for what lies in no function or object. */
export function symbolOf(value: bigint, hart: TargetHart, debuggee: Debuggee): string | undefined {
  const { symbol, offset } = locate(debuggee, value, { bare: hart.bare });
  return symbol === undefined || offset === 0 ? symbol : `${symbol}+0x${offset.toString(16)}`;
}

/** `0xffffffff80001234 <schedule+0x12>`. */
export function describeWord(value: bigint, hart: TargetHart, debuggee: Debuggee): string {
  const symbol = symbolOf(value, hart, debuggee);
  return symbol === undefined ? hex(value) : `${hex(value)} <${symbol}>`;
}
