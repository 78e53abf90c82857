/** Commands of the debug console beside expressions. */
import type { CallStack, Debuggee } from '../../debugger/api';
import { blockedStack, callStack } from '../../debugger/call-stack';
import { memoryOf } from '../../debugger/harts';
import { describeHart, hartOf } from '../../debugger/threads';
import { withInlinedRows } from '../../debugger/inlined-rows';
import { stackLines } from '../../debugger/stack-text';
import type { TargetHart } from '../../target/target';
import { badExpression } from '../errors';
import { cCommands, expressionHelp, runCCommand } from './c-commands';
import type { Command } from './command';
import { breakpointCommandHelp } from './breakpoint-commands';
import { runWatchCommand, watchCommands } from './watch-commands';
import type { WatchTable } from '../breakpoints/watch-table';
import { kernelCommands, runKernelCommand } from './kernel-commands';
import { hartCommands, runHartCommand } from './hart-commands';
import type { SelectedFrame, SessionState, Thread } from '../state';
import { steppingCommand } from '../stepping';
import { compareText } from '../walks';

export const commands: readonly Command[] = [
  { names: ['help'], usage: 'help', help: 'this list' },
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
  ...cCommands,
  ...watchCommands,
  {
    names: ['catch'],
    usage: 'catch NAMES [if EXPRESSION]',
    help: 'stops at exceptions, interrupts, system calls, panic … by name: catch page faults if $tval < 4096',
  },
  { names: ['info catch'], usage: 'info catch', help: 'what is caught so; delete catch [NUMBER] ends it' },
  ...kernelCommands,
  ...hartCommands,
  ...breakpointCommandHelp,
  {
    names: ['info stepping'],
    usage: 'info stepping',
    help: 'what steps do; set step-interrupts on|off, set step-follows task|hart',
  },
  { names: ['>'], usage: '> TEXT', help: "a line for the guest's console" },
];

/** Gives the frame that the command is about; throws while the machine runs. */
type FrameOf = () => SelectedFrame;

/** What a command prints; `undefined` if the text is no command but an expression. */
export function runCommand(
  text: string,
  state: SessionState,
  watches: WatchTable,
  frameOf: FrameOf,
): string | undefined {
  if (text.startsWith('>')) {
    state.loaded.console.send(`${text.slice(1).replace(/^ /, '')}\n`);
    return '';
  }
  const line = text.trim().replace(/\s+/g, ' ');
  const ofKernel = runKernelCommand(line, () => state.stoppedDebuggee('look at its kernel'));
  if (ofKernel !== undefined) return ofKernel;
  const ofHart = runHartCommand(line, frameOf, state);
  if (ofHart !== undefined) return ofHart;
  const ofC = runCCommand(line, () => state.debuggee, frameOf);
  if (ofC !== undefined) return ofC;
  const watched = runWatchCommand(line, watches, frameOf, () => state.debuggee);
  if (watched !== undefined) return watched;
  const task = /^(?:bt|backtrace) (\d{1,10})$/.exec(line);
  if (task) return taskBacktrace(Number(task[1]), frameOf(), state.debuggee);
  const stepping = steppingCommand(line, state);
  if (stepping !== undefined) return stepping;
  const command = commands.find(({ names }) => names.includes(line));
  switch (command?.names[0]) {
    case 'help':
      return help();
    case 'bt':
      return describeStack(frameOf().stack);
    case 'walks':
      return compareText(threadOf(frameOf()), state);
    case 'info tasks':
      return describeTasks(frameOf().hart, state.debuggee);
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

function help(): string {
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  const rows = commands.map((command) => `  ${command.usage.padEnd(width)}  ${command.help}`);
  return [...expressionHelp(), 'Commands:', ...rows].join('\n');
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
