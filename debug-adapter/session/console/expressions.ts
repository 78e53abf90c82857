/** Expressions in a frame that the client selected, and their values as a person reads them. */
import type { Debuggee } from '../../debugger/api';
import { evaluateOn } from '../../debugger/expressions';
import type { ExpressionResult } from '../../symbols/expression/evaluate';
import type { TargetHart } from '../../target/target';
import { hex } from '../../unwind/hex';
import { badExpression } from '../errors';
import { pcOf, registerIn } from '../variables/frame-registers';
import type { SelectedFrame } from '../state';
import { describeWord } from '../variables/words';

export type ExpressionValue = Extract<ExpressionResult, { ok: true }>;

/** With the registers of the frame. */
export function evaluateIn(text: string, frame: SelectedFrame, debuggee: Debuggee): ExpressionResult {
  return evaluateOn(text, frame.hart, debuggee, {
    pc: pcOf(frame),
    register: (index) => registerIn(frame, index),
  });
}

/** The value of what the user typed to be written somewhere. */
export function evaluateOrThrow(text: string, frame: SelectedFrame, debuggee: Debuggee): bigint {
  const result = evaluateIn(text, frame, debuggee);
  if (!result.ok) throw badExpression(result.message);
  return result.bits;
}

/** `0xffffffff80001234 <schedule+0x12>` for addresses, `-1 (0xffffffffffffffff)` for signed values, `0x41` for the rest. */
export function describeValue(
  { bits, value, type }: ExpressionValue,
  hart: TargetHart,
  debuggee: Debuggee,
): string {
  if (type.signed) return `${value} (${hex(bits)})`;
  return type.size === 8 ? describeWord(bits, hart, debuggee) : hex(bits);
}
