/** Whether a kernel's shadow call stack bears out a call stack, in words. */
import type { TargetHart } from '../target/target';
import { compareWithShadow } from '../unwind/shadow-call-stack';
import type { CallStack, Debuggee } from './api';
import { hartState, memoryOf } from './harts';
import { formatLocation, locate } from './location';

/**
 * `agrees (12 of 12)`, or which return address the walk does not have; `undefined` for a stack that has no shadow.
 * @param hart the one that the stack is of, or through which a waiting task's memory is read
 */
export function shadowVerdict(debuggee: Debuggee, stack: CallStack, hart: TargetHart): string | undefined {
  const { task, walk } = stack;
  const isBlocked = walk.frames[0]?.origin.kind === 'thread';
  const of = isBlocked ? task : hartState(hart);
  const shadow = of && debuggee.kernel.shadowCallStack(of, memoryOf(hart));
  if (!shadow) return undefined;
  const { agreeing, total, missing } = compareWithShadow(shadow, walk.frames);
  if (missing === undefined) return `agrees (${total} of ${total})`;
  const location = locate(debuggee, missing, { bare: hart.bare, isReturnAddress: true });
  return `disagrees: the walk has ${agreeing} of ${total}, then lacks ${formatLocation(location)}`;
}
