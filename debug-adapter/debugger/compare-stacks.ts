/** All walks that there are of a stack, compared. */
import type { Task } from '../kernel/api';
import type { TargetHart } from '../target/target';
import type { CallStack, Debuggee } from './api';
import { blockedStack, callStack } from './call-stack';
import { compareWalks, type WalkComparison } from './compare-walks';
import { hartState, memoryOf } from './harts';
import { availableWalks } from './walks';
import { windowOf } from './windows';

export function compareOnHart(
  debuggee: Debuggee,
  hart: TargetHart,
  stacks: readonly CallStack[] = availableWalks(debuggee).map((choice) => callStack(debuggee, hart, choice)),
): WalkComparison {
  const context = debuggee.kernel.hartContext(hartState(hart), memoryOf(hart));
  return compareWalks(stacks, (frame) => windowOf({ debuggee, hart, context }, frame));
}

/** Of a task that waits: each of its frames has called something, so that no window is in question. */
export function compareOfTask(debuggee: Debuggee, task: Task): WalkComparison {
  return compareWalks(availableWalks(debuggee).map((choice) => blockedStack(debuggee, task, choice)));
}
