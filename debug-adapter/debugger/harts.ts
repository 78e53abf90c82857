/** A hart as the other layers want to see it, and as a person does. */
import type { HartState } from '../kernel/api';
import type { TargetHart } from '../target/target';
import type { ReadMemory } from '../unwind/types';
import type { Debuggee } from './api';

/** What the kernel layer reads of a hart, as it is now. */
export function hartState(hart: TargetHart): HartState {
  return {
    index: hart.index,
    started: hart.state !== 'stopped',
    pc: hart.pc,
    privilege: hart.privilege,
    bare: hart.bare,
    getX: (index) => hart.getX(index),
    getCsr: (address) => hart.getCsr(address),
  };
}

/** All of the range in this hart's address space, or nothing. */
export function memoryOf(hart: TargetHart): ReadMemory {
  return (address, length) => {
    const bytes = hart.readMemory(address, length);
    return bytes.length === length ? bytes : undefined;
  };
}

/** One through which the kernel's own addresses can be read: its mappings are the same on every hart, once its MMU is on. */
export function hartOfKernel({ target }: Debuggee): TargetHart {
  return target.harts.find((hart) => !hart.bare) ?? target.harts[0]!;
}

/** What a hart runs, for a list of threads: `hart 0: init (pid 1)`, `hart 0: boot`, `hart 1: idle`, `hart 2: stopped`. */
export function describeHart(debuggee: Debuggee, hart: TargetHart): string {
  return `hart ${hart.index}: ${whatRuns(debuggee, hart)}`;
}

function whatRuns({ kernel }: Debuggee, hart: TargetHart): string {
  if (hart.state === 'stopped') return 'stopped';
  const beforeMmu = hart.bare && hart.privilege !== 'user' && kernel.bootOffset !== 0n;
  if (beforeMmu) return 'boot, before the MMU is on';
  const task = kernel.currentTask(hartState(hart), memoryOf(hart));
  if (!task) return `${hart.privilege} mode`;
  if (task.pid === 0) return kernel.booting ? 'boot' : 'idle';
  const name = `${task.comm ?? 'task'} (pid ${task.pid ?? '?'})`;
  return hart.privilege === 'user' ? `${name}, in user mode` : name;
}
