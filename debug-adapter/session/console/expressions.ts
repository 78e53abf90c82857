/** Expressions in a frame that the client selected. */
import type { Debuggee } from '../../debugger/api';
import type { Standpoint } from '../../debugger/expression/frame-machine';
import { frameContext } from '../../debugger/frame-context';
import { evaluateAt } from '../../debugger/expressions';
import { convert } from '../../symbols/expression/arithmetic';
import { UNSIGNED_LONG } from '../../symbols/expression/basic-types';
import type { ExpressionResult } from '../../symbols/expression/evaluate';
import { badExpression } from '../errors';
import { isLive, pcOf } from '../variables/frame-registers';
import type { SelectedFrame } from '../call-stacks';

/** Where a frame's expressions are evaluated. */
export function standpointIn(frame: SelectedFrame, debuggee: Debuggee): Standpoint {
  const { hart, stack, row, inlined } = frame;
  return {
    hart,
    frame: frameContext(debuggee, hart, stack.walk, stack.walk.frames.indexOf(row.frame)),
    pc: pcOf(frame),
    inlined,
    live: isLive(frame),
    ...(stack.task && { task: stack.task.address }),
  };
}

/** With the registers and variables of the frame. Changes nothing. */
function evaluateIn(text: string, frame: SelectedFrame, debuggee: Debuggee): ExpressionResult {
  return evaluateAt(text, standpointIn(frame, debuggee), debuggee);
}

/** The value of what the user typed to be written somewhere: 64 bits. */
export function evaluateOrThrow(text: string, frame: SelectedFrame, debuggee: Debuggee): bigint {
  const result = evaluateIn(text, frame, debuggee);
  if (!result.ok) throw badExpression(result.message);
  if (result.scalar === undefined) throw badExpression(`'${text}' is no number: choose one of its members.`);
  return convert(result.scalar, UNSIGNED_LONG) as bigint;
}
