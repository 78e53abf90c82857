/** The call stack as it is shown: frames, separators at exception boundaries and stack switches, and how it ended. */
import type { Task } from '../kernel/api';
import type { TargetHart } from '../target/target';
import type { CallStack, Debuggee } from './api';

/** The metadata walk from the live registers of a stopped hart. Never throws (R19). */
export function callStack(debuggee: Debuggee, hart: TargetHart): CallStack {
  throw new Error(`not yet ${debuggee.path} ${hart.index}`);
}

/** The metadata walk of a task that runs on no hart (R1, blocked). */
export function blockedStack(debuggee: Debuggee, task: Task): CallStack {
  throw new Error(`not yet ${debuggee.path} ${task.address}`);
}
