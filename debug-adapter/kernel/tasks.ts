/** Tasks in the kernel's memory: one by its address, all of them, and the one that a hart runs. */
import type { Program } from '../symbols/api';
import type { PtRegsLayout } from '../unwind/types';
import type { HartState, Task } from './api';
import { CurrentTask } from './current-task';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import { type TaskLayout, taskLayout, threadSize } from './task-layout';

/** Twice the default of /proc/sys/kernel/pid_max: bounds the walk of a damaged list. */
const maxTasks = 65536;

const stackAlignment = 16n;

export class Tasks {
  /** `undefined` if the program has no usable type information. */
  readonly layout: TaskLayout | undefined;
  readonly threadSize: bigint;
  /** As linked. */
  readonly #initTask: bigint | undefined;
  readonly #current: CurrentTask;
  readonly #image: KernelImage;
  readonly #ptRegs: PtRegsLayout;

  constructor(program: Program, image: KernelImage, ptRegs: PtRegsLayout) {
    this.layout = taskLayout(program);
    this.threadSize = threadSize(program);
    this.#initTask = program.symbols.named('init_task')[0]?.address;
    this.#image = image;
    this.#current = new CurrentTask(program, image);
    this.#ptRegs = ptRegs;
  }

  /** The task whose `struct task_struct` is at this virtual address; `undefined` if nothing there can be one. */
  at(address: bigint, memory: KernelMemory): Task | undefined {
    const { layout } = this;
    if (!layout || address === 0n || (address & 7n) !== 0n || !this.#image.isKernelHalf(address))
      return undefined;
    const low = memory.u64(address + BigInt(layout.stack));
    // Stacks are aligned to their size at least; that also tells a task from other data.
    if (low === undefined || low === 0n || low % this.threadSize !== 0n) return undefined;
    if (!this.#image.isKernelHalf(low)) return undefined;
    const high = low + this.threadSize;
    const ptRegs = high - alignUp(BigInt(this.#ptRegs.size), stackAlignment);
    const { stackframe } = this.#ptRegs;
    const pid = layout.pid === undefined ? undefined : memory.u32(address + BigInt(layout.pid));
    const comm = this.#comm(address, layout, memory);
    return {
      address,
      pid,
      comm,
      stack: { kind: 'task', name: `task stack of ${taskName(comm, pid)}`, low, high },
      finalRecord: stackframe === undefined ? undefined : ptRegs + BigInt(stackframe),
      ptRegs,
    };
  }

  /** `init_task` and the tasks that its list links; ends early at what is no task, and at the first one seen twice. */
  all(memory: KernelMemory): readonly Task[] {
    const link = this.layout?.tasks;
    const found = new Map<bigint, Task>();
    let address = this.#initTask === undefined ? undefined : this.#image.linkToRunning(this.#initTask);
    while (address !== undefined && !found.has(address) && found.size < maxTasks) {
      const task = this.at(address, memory);
      if (!task) break;
      found.set(address, task);
      const next = link === undefined ? undefined : memory.u64(address + BigInt(link));
      address = next === undefined ? undefined : next - BigInt(link!);
    }
    return [...found.values()];
  }

  /** The task that runs on a hart; `undefined` if there is none yet. */
  current(hart: HartState, memory: KernelMemory): Task | undefined {
    const address = this.#current.address(hart);
    const link = hart.bare ? this.#image.physicalToLink(address) : undefined;
    return this.at(link === undefined ? address : this.#image.linkToRunning(link), memory);
  }

  /** `thread_info.cpu`: the CPU that a task runs or last ran on. */
  cpu(task: Task, memory: KernelMemory): number | undefined {
    return this.layout && memory.u32(task.address + BigInt(this.layout.cpu));
  }

  /** True if the kernel says that the task runs on a CPU now, so that its `thread_struct` is not what it will go on with. */
  isOnCpu(task: Task, memory: KernelMemory): boolean {
    const member = this.layout?.onCpu;
    const bytes = member && memory.bytes(task.address + BigInt(member.offset), member.size);
    return bytes?.some((byte) => byte !== 0) ?? false;
  }

  #comm(address: bigint, layout: TaskLayout, memory: KernelMemory): string | undefined {
    if (!layout.comm) return undefined;
    const bytes = memory.bytes(address + BigInt(layout.comm.offset), layout.comm.size);
    if (!bytes) return undefined;
    const end = bytes.indexOf(0);
    // Guest memory may hold anything; a name with control characters in it must not reach a terminal.
    return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end)).replace(/[^ -~]/g, '?');
  }
}

function taskName(comm: string | undefined, pid: number | undefined): string {
  return `${comm ?? 'task'} (pid ${pid ?? 'unknown'})`;
}

function alignUp(value: bigint, alignment: bigint): bigint {
  return ((value + alignment - 1n) / alignment) * alignment;
}
