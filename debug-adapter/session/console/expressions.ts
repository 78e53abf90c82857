/** Expressions in a frame that the client selected. */
import type { Debuggee } from '../../debugger/api';
import type { Standpoint } from '../../debugger/expression/frame-machine';
import { hartStandpoint } from '../../debugger/expression/frame-machine';
import { evaluateAt } from '../../debugger/expressions';
import { convert } from '../../symbols/expression/arithmetic';
import { UNSIGNED_LONG } from '../../symbols/expression/basic-types';
import type { ExpressionResult } from '../../symbols/expression/evaluate';
import { badExpression } from '../errors';
import { isLive, pcOf, registerIn } from '../variables/frame-registers';
import type { SelectedFrame } from '../state';

/** Where a frame's expressions are evaluated. */
export function standpointIn(frame: SelectedFrame, debuggee: Debuggee): Standpoint {
  const live = hartStandpoint(frame.hart, debuggee);
  if (isLive(frame)) return live;
  const pc = pcOf(frame);
  const { address } = debuggee.kernel.linkAddress(pc, frame.hart.bare);
  return {
    ...live,
    pc,
    live: false,
    frame: {
      ...live.frame,
      pc: frame.row.frame.isReturnAddress ? address - 1n : address,
      register: (index) => registerIn(frame, index),
    },
    ...(frame.stack.task && { task: frame.stack.task.address }),
  };
}

/** With the registers and variables of the frame. Changes nothing. */
export function evaluateIn(text: string, frame: SelectedFrame, debuggee: Debuggee): ExpressionResult {
  return evaluateAt(text, standpointIn(frame, debuggee), debuggee);
}

/** The value of what the user typed to be written somewhere: 64 bits. */
export function evaluateOrThrow(text: string, frame: SelectedFrame, debuggee: Debuggee): bigint {
  const result = evaluateIn(text, frame, debuggee);
  if (!result.ok) throw badExpression(result.message);
  if (result.scalar === undefined) throw badExpression(`'${text}' is no number: choose one of its members.`);
  return convert(result.scalar, UNSIGNED_LONG) as bigint;
}
