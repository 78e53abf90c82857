/** Expressions in a frame that the client selected. */
import type { Debuggee } from '../../debugger/api';
import { evaluateOn } from '../../debugger/expressions';
import type { ExpressionResult } from '../../symbols/expression/evaluate';
import { badExpression } from '../errors';
import { pcOf, registerIn } from '../variables/frame-registers';
import type { SelectedFrame } from '../state';

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
