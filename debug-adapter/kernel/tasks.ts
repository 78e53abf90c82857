/** Tasks in the kernel's memory: one by its address, all of them, and the one that a hart runs. */
import type { MemberLayout, Program } from '../symbols/api';
import { sizeOnStack } from '../unwind/pt-regs';
import type { PtRegsLayout } from '../unwind/types';
import type { HartState, Task } from './api';
import { CurrentTask } from './current-task';
import type { KernelImage } from './kernel-image';
import type { KernelMemory } from './kernel-memory';
import type { PerCpu } from './per-cpu';
import { type TaskLayout, taskLayout, type TaskLists, taskLists, threadSize } from './task-layout';
import { taskState } from './task-state';

/** Twice the default of /proc/sys/kernel/pid_max: bounds the walk of a damaged list. */
const maxTasks = 65536;

export class Tasks {
  /** `undefined` if the program has no usable type information. */
  readonly layout: TaskLayout | undefined;
  readonly threadSize: bigint;
  /** As linked. */
  readonly #initTask: bigint | undefined;
  readonly #current: CurrentTask;
  readonly #image: KernelImage;
  readonly #ptRegs: PtRegsLayout;
  readonly #perCpu: PerCpu;
  readonly #lists: () => TaskLists;
  /** As linked. */
  readonly #runQueues: bigint | undefined;

  constructor(program: Program, image: KernelImage, perCpu: PerCpu, ptRegs: PtRegsLayout) {
    this.layout = taskLayout(program);
    this.threadSize = threadSize(program);
    this.#initTask = program.symbols.named('init_task')[0]?.address;
    this.#image = image;
    this.#current = new CurrentTask(program, image);
    this.#ptRegs = ptRegs;
    this.#perCpu = perCpu;
    // A start is quicker without: most of what a session asks is about the tasks that run.
    let lists: TaskLists | undefined;
    this.#lists = () => (lists ??= taskLists(program));
    this.#runQueues = program.symbols.named('runqueues')[0]?.address;
  }

  /** The task whose `struct task_struct` is at this virtual address; `undefined` if nothing there can be one. */
  at(address: bigint, memory: KernelMemory): Task | undefined {
    return this.#read(address, memory)?.task;
  }

  /**
   * `init_task`, the tasks that its list links with their threads, and the other CPUs' idle tasks. Ends early at what is no task, and
   * at the first one seen twice. Each task is one read.
   */
  all(memory: KernelMemory): readonly Task[] {
    const found = new Map<bigint, Task>();
    const first = this.#initTask === undefined ? undefined : this.#image.linkToRunning(this.#initTask);
    for (const leader of this.#list(first, this.layout?.tasks, memory, found)) {
      this.#addThreads(leader, memory, found);
    }
    this.#addIdleTasks(memory, found);
    return [...found.values()];
  }

  /** The task that runs on a hart; `undefined` if there is none yet. */
  current(hart: HartState, memory: KernelMemory): Task | undefined {
    return this.at(this.currentAddress(hart), memory);
  }

  /** What the register holds that has it, as a virtual address. */
  currentAddress(hart: HartState): bigint {
    const address = this.#current.address(hart);
    const link = hart.bare ? this.#image.physicalToLink(address) : undefined;
    return link === undefined ? address : this.#image.linkToRunning(link);
  }

  /** True if the kernel says that the task runs on a CPU now, so that its `thread_struct` is not what it will go on with. */
  isOnCpu(task: Task, memory: KernelMemory): boolean {
    const member = this.layout?.onCpu;
    const bytes = member && memory.bytes(task.address + BigInt(member.offset), member.size);
    return bytes?.some((byte) => byte !== 0) ?? false;
  }

  /** The tasks that a list links from one on, each noted in `found`. */
  *#list(
    first: bigint | undefined,
    link: number | undefined,
    memory: KernelMemory,
    found: Map<bigint, Task>,
  ): Iterable<TaskStruct> {
    let address = first;
    while (address !== undefined && !found.has(address) && found.size < maxTasks) {
      const struct = this.#read(address, memory);
      if (!struct) return;
      found.set(address, struct.task);
      yield struct;
      address = link === undefined ? undefined : BigInt.asUintN(64, struct.u64(link) - BigInt(link));
    }
  }

  /** A thread group's list begins and ends in its `struct signal_struct`. */
  #addThreads(leader: TaskStruct, memory: KernelMemory, found: Map<bigint, Task>): void {
    const threads = this.layout?.threads;
    const { threadHead } = this.#lists();
    if (!threads || threadHead === undefined) return;
    const { signal, node } = threads;
    const last = leader.u64(signal) + BigInt(threadHead);
    for (let link = leader.u64(node); link !== last && found.size < maxTasks;) {
      const address = BigInt.asUintN(64, link - BigInt(node));
      const struct = found.has(address) ? undefined : this.#read(address, memory);
      if (!struct) return;
      found.set(address, struct.task);
      link = struct.u64(node);
    }
  }

  #addIdleTasks(memory: KernelMemory, found: Map<bigint, Task>): void {
    const { idle } = this.#lists();
    if (idle === undefined || this.#runQueues === undefined) return;
    for (let cpu = 0; cpu < this.#perCpu.cpus; cpu++) {
      const queue = this.#perCpu.address(this.#runQueues, cpu, memory);
      const address = queue === undefined ? undefined : memory.u64(queue + BigInt(idle));
      const task = address === undefined || found.has(address) ? undefined : this.at(address, memory);
      if (task) found.set(task.address, task);
    }
  }

  #read(address: bigint, memory: KernelMemory): TaskStruct | undefined {
    const { layout } = this;
    if (!layout || address === 0n || (address & 7n) !== 0n || !this.#image.isKernelHalf(address))
      return undefined;
    const bytes = memory.bytes(address, layout.end);
    if (!bytes) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const low = view.getBigUint64(layout.stack, true);
    // Stacks are aligned to their size at least; that also tells a task from other data.
    if (low === 0n || low % this.threadSize !== 0n || !this.#image.isKernelHalf(low)) return undefined;
    return { task: this.#task(address, low, view, layout), u64: (offset) => view.getBigUint64(offset, true) };
  }

  #task(address: bigint, low: bigint, view: DataView, layout: TaskLayout): Task {
    const high = low + this.threadSize;
    const ptRegs = high - sizeOnStack(this.#ptRegs);
    const { stackframe } = this.#ptRegs;
    const pid = layout.pid === undefined ? undefined : view.getUint32(layout.pid, true);
    const comm = layout.comm && nameAt(view, layout.comm);
    const state = layout.state && view.getUint32(layout.state.offset, true);
    const exitState = layout.exitState && view.getUint32(layout.exitState.offset, true);
    return {
      address,
      pid,
      comm,
      cpu: view.getUint32(layout.cpu, true),
      state: state === undefined ? undefined : taskState(state, exitState ?? 0),
      stack: { kind: 'task', name: `task stack of ${taskName(comm, pid)}`, low, high },
      finalRecord: stackframe === undefined ? undefined : ptRegs + BigInt(stackframe),
      ptRegs,
    };
  }
}

/** A `struct task_struct` as it was read. */
interface TaskStruct {
  readonly task: Task;
  u64(offset: number): bigint;
}

function nameAt(view: DataView, { offset, size }: MemberLayout): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, size);
  const end = bytes.indexOf(0);
  // Guest memory may hold anything; a name with control characters in it must not reach a terminal.
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end)).replace(/[^ -~]/g, '?');
}

function taskName(comm: string | undefined, pid: number | undefined): string {
  return `${comm ?? 'task'} (pid ${pid ?? 'unknown'})`;
}
