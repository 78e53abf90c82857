/** `struct task_struct` and the size of task stacks, from debug information. */
import type { MemberLayout, Program, StructLayout } from '../symbols/api';

/** Byte offsets in `struct task_struct` (include/linux/sched.h, arch/riscv/include/asm/{thread_info,processor}.h). */
export interface TaskLayout {
  readonly cpu: number;
  readonly stack: number;
  readonly threadRa: number;
  readonly threadSp: number;
  /** `thread.s`: s0 to s11, 8 bytes each. */
  readonly threadS: number;
  readonly pid: number | undefined;
  readonly comm: MemberLayout | undefined;
  /** An `int` in older kernels, one byte in Linux 7.3. */
  readonly onCpu: MemberLayout | undefined;
  /** `__state`, until Linux 5.13 `state`. */
  readonly state: MemberLayout | undefined;
  readonly exitState: MemberLayout | undefined;
  /** The `struct list_head` that links all thread group leaders. */
  readonly tasks: number | undefined;
  /** How the other threads of a group are found from its leader: a list in `signal` links their `thread_node`. */
  readonly threads: { readonly signal: number; readonly node: number } | undefined;
  /** Bytes from the start of a task to behind the last of these members. */
  readonly end: number;
}

/** No task_struct is so large; a damaged one must not make us read all memory. */
const largestTask = 65536;

/** `undefined` if the program does not describe a `struct task_struct` with all that a walk needs. */
export function taskLayout(program: Program): TaskLayout | undefined {
  const struct = program.types.struct('task_struct');
  if (!struct) return undefined;
  const offset = (name: string) => struct.members.get(name)?.offset;
  const cpu = offset('thread_info.cpu');
  const stack = offset('stack');
  const threadRa = offset('thread.ra');
  const threadSp = offset('thread.sp');
  const threadS = offset('thread.s');
  if (cpu === undefined || stack === undefined) return undefined;
  if (threadRa === undefined || threadSp === undefined || threadS === undefined) return undefined;
  const member = (...names: readonly string[]) =>
    names.map((name) => struct.members.get(name)).find((found) => found !== undefined);
  const signal = offset('signal');
  const node = offset('thread_node');
  const layout = {
    cpu,
    stack,
    threadRa,
    threadSp,
    threadS,
    pid: offset('pid'),
    comm: commLayout(struct),
    onCpu: member('on_cpu'),
    state: member('__state', 'state'),
    exitState: member('exit_state'),
    tasks: offset('tasks'),
    threads: signal === undefined || node === undefined ? undefined : { signal, node },
  };
  const last = Math.max(threadS + 12 * 8, ...offsetsOf(layout)) + 64;
  return last > largestTask
    ? undefined
    : { ...layout, end: Math.min(last, Math.max(struct.size, threadS + 96)) };
}

function offsetsOf(layout: Omit<TaskLayout, 'end'>): readonly number[] {
  const { cpu, stack, pid, comm, onCpu, state, exitState, tasks, threads } = layout;
  const offsets = [cpu, stack, pid, tasks, threads?.signal, threads?.node];
  const members = [comm, onCpu, state, exitState].map((member) => member?.offset);
  return [...offsets, ...members].filter((offset) => offset !== undefined);
}

function commLayout(struct: StructLayout): MemberLayout | undefined {
  const member = struct.members.get('comm');
  // TASK_COMM_LEN is 16; more than a line of text is no name.
  return member && { offset: member.offset, size: Math.min(member.size, 64) };
}

/** THREAD_SIZE of 64-bit Linux without KASAN. */
const defaultThreadSize = 16384n;
/** Far above every THREAD_SIZE in use; a damaged symbol table must not make a stack of all memory. */
const maxThreadSize = 1n << 20n;

/**
 * THREAD_SIZE in bytes: `union thread_union` is an array of exactly that (include/linux/sched.h). Without debug information,
 * what the linker script gives the init task.
 */
export function threadSize(program: Program): bigint {
  const union = BigInt(program.types.struct('thread_union')?.size ?? 0);
  return [union, initStackSize(program)].find(isStackSize) ?? defaultThreadSize;
}

function initStackSize(program: Program): bigint {
  const start = program.symbols.named('__start_init_stack')[0]?.address;
  const end = program.symbols.named('__end_init_stack')[0]?.address;
  return start !== undefined && end !== undefined ? end - start : 0n;
}

function isStackSize(size: bigint): boolean {
  return size > 0n && (size & (size - 1n)) === 0n && size <= maxThreadSize;
}

/** What is needed to find all tasks, and only then. */
export interface TaskLists {
  /** `signal_struct.thread_head`, which links the threads of a group. */
  readonly threadHead: number | undefined;
  /** `rq.idle`: the idle task of a CPU, which no list has. */
  readonly idle: number | undefined;
}

export function taskLists({ types }: Program): TaskLists {
  return {
    threadHead: types.struct('signal_struct')?.members.get('thread_head')?.offset,
    idle: types.struct('rq')?.members.get('idle')?.offset,
  };
}
