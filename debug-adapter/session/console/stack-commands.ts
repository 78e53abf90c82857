/** Call stacks, threads and tasks in the debug console, and its line to the guest's console. */
import type { CallStack, Debuggee } from '../../debugger/api';
import { blockedStack, callStack } from '../../debugger/call-stack';
import { memoryOf } from '../../debugger/harts';
import { withInlinedRows } from '../../debugger/inlined-rows';
import { stackLines } from '../../debugger/stack-text';
import { describeHart, hartOf } from '../../debugger/threads';
import type { TargetHart } from '../../target/target';
import { badExpression } from '../errors';
import type { SelectedFrame, Thread } from '../call-stacks';
import type { SessionState } from '../state';
import { compareText } from '../walks';
import type { Command, CommandFamily, FrameOf } from './command';

const stackCommands: readonly Command[] = [
  {
    names: ['bt', 'backtrace', 'info stack'],
    usage: 'bt',
    help: 'the call stack as text; bt PID for a task that waits',
  },
  {
    names: ['walks', 'compare walks'],
    usage: 'walks',
    help: "all walks of the selected thread's stack side by side",
  },
  { names: ['info tasks'], usage: 'info tasks', help: 'the tasks of the kernel and where they are' },
  { names: ['info threads'], usage: 'info threads', help: 'what each hart runs' },
];

export function stackFamily(state: SessionState): CommandFamily {
  return { commands: stackCommands, run: (line, frame) => runStackCommand(line, frame, state) };
}

function runStackCommand(line: string, frame: FrameOf, state: SessionState): string | undefined {
  const task = /^(?:bt|backtrace) (\d{1,10})$/.exec(line);
  if (task) return taskBacktrace(Number(task[1]), frame(), state.debuggee);
  switch (stackCommands.find(({ names }) => names.includes(line))?.names[0]) {
    case 'bt':
      return describeStack(frame().stack);
    case 'walks':
      return compareText(threadOf(frame()), state);
    case 'info tasks':
      return describeTasks(frame().hart, state.debuggee);
    case 'info threads':
      return state.debuggee.target.harts.map((hart) => describeHart(state.debuggee, hart)).join('\n');
    default:
      return undefined;
  }
}

function threadOf({ hart, stack }: SelectedFrame): Thread {
  const { task, walk } = stack;
  return task && walk.frames[0]?.origin.kind === 'thread' ? { kind: 'task', task } : { kind: 'hart', hart };
}

function describeStack(stack: CallStack): string {
  return stackLines(stack).join('\n');
}

function describeTasks(hart: TargetHart, debuggee: Debuggee): string {
  const tasks = debuggee.kernel.tasks(memoryOf(hart));
  if (tasks.length === 0) return 'The kernel has no list of tasks yet, or none that is known.';
  return tasks
    .map((task) => {
      const on = hartOf(task, debuggee);
      const place = on === undefined ? 'waits' : `runs on hart ${on.index}`;
      return `${(task.pid ?? '?').toString().padStart(5)}  ${(task.comm ?? '').padEnd(16)}  ${place}`;
    })
    .join('\n');
}

/** The walk of a task that runs on no hart (R1, blocked), or of the hart that it runs on. */
function taskBacktrace(pid: number, { hart }: SelectedFrame, debuggee: Debuggee): string {
  const task = debuggee.kernel.tasks(memoryOf(hart)).find((candidate) => candidate.pid === pid);
  if (!task) throw badExpression(`There is no task with pid ${pid}: 'info tasks' lists them.`);
  const on = hartOf(task, debuggee);
  const stack = on === undefined ? blockedStack(debuggee, task) : callStack(debuggee, on);
  return describeStack(withInlinedRows(debuggee, stack, on?.bare === true));
}
