/** What there is to look at in a stopped machine, as a list of threads: harts with what they run, and the tasks that wait. */
import type { Task } from '../kernel/api';
import type { TargetHart } from '../target/target';
import type { Debuggee } from './api';
import { hartOfKernel, hartState, memoryOf } from './harts';

/**
 * `CPU 0: init [1]`, `CPU 1: idle`, `hart 0: boot, before the MMU is on`, `hart 2: stopped`. The kernel counts CPUs as they come up: where
 * its number is another than the hart's, both are said.
 */
export function describeHart(debuggee: Debuggee, hart: TargetHart): string {
  const task = currentTask(debuggee, hart);
  const place = task ? describeCpu(task.cpu, hart.index) : `hart ${hart.index}`;
  return `${place}: ${whatRuns(debuggee, hart, task)}`;
}

/** `init [1]`; `idle` for an idle task, `no task` before there is one. */
export function describeCurrentTask(debuggee: Debuggee, hart: TargetHart): string {
  const task = currentTask(debuggee, hart);
  if (!task) return 'no task';
  return task.pid === 0 && !debuggee.kernel.booting ? 'idle' : taskName(task);
}

/** `kthreadd [2] S (sleeping)`. */
export function describeTask(task: Task): string {
  const { state } = task;
  return state ? `${taskName(task)} ${state.letter} (${state.words})` : taskName(task);
}

/** Those that run on no hart, in the kernel's order. None until the first one runs: what is in its list before is no task yet. */
export function waitingTasks(debuggee: Debuggee): readonly Task[] {
  const { kernel, target } = debuggee;
  const current = target.harts.map((hart) => currentTask(debuggee, hart)?.address);
  const running = new Set(current.filter((address) => address !== undefined));
  if (running.size === 0) return [];
  return kernel.tasks(memoryOf(hartOfKernel(debuggee))).filter(({ address }) => !running.has(address));
}

/** The hart that runs a task. */
export function hartOf(task: Task, debuggee: Debuggee): TargetHart | undefined {
  return debuggee.target.harts.find((hart) => currentTask(debuggee, hart)?.address === task.address);
}

function currentTask({ kernel }: Debuggee, hart: TargetHart): Task | undefined {
  if (hart.state === 'stopped' || isBeforeMmu(kernel.bootOffset, hart)) return undefined;
  return kernel.currentTask(hartState(hart), memoryOf(hart));
}

function isBeforeMmu(bootOffset: bigint, hart: TargetHart): boolean {
  return hart.bare && hart.privilege !== 'user' && bootOffset !== 0n;
}

function describeCpu(cpu: number, hart: number): string {
  return cpu === hart ? `CPU ${cpu}` : `CPU ${cpu} (hart ${hart})`;
}

function whatRuns({ kernel }: Debuggee, hart: TargetHart, task: Task | undefined): string {
  if (hart.state === 'stopped') return 'stopped';
  if (isBeforeMmu(kernel.bootOffset, hart)) return 'boot, before the MMU is on';
  if (!task) return `${hart.privilege} mode`;
  if (task.pid === 0) return kernel.booting ? 'boot' : 'idle';
  return hart.privilege === 'user' ? `${taskName(task)}, in user mode` : taskName(task);
}

function taskName({ comm, pid }: Task): string {
  return `${comm ?? 'task'} [${pid ?? '?'}]`;
}
