/**
 * What is known about the kernel under debug: its layouts, tasks, stacks and boot addresses. Everything comes from
 * the program's symbols and DWARF and from the machine's memory and registers; nothing is guessed.
 */
import type { ProgramSymbol } from '../symbols/api';
import type { Bug } from './bug-table';
import type { CodePlaces } from './code-places';
import type { TaskState } from './task-state';
import type { KernelViews } from './views';
import type { PtRegsLayout, ReadMemory, ReturnSearch, StackBounds, WalkStart } from '../unwind/types';

/** What the kernel layer reads of a hart. */
export interface HartState {
  readonly index: number;
  /** False for a hart that the firmware has not started, or has stopped: it runs nothing. */
  readonly started: boolean;
  readonly pc: bigint;
  readonly privilege: 'user' | 'supervisor' | 'machine';
  readonly bare: boolean;
  getX(index: number): bigint;
  getCsr(address: number): bigint | undefined;
}

export interface Task {
  /** Address of its `struct task_struct`. */
  readonly address: bigint;
  readonly pid: number | undefined;
  readonly comm: string | undefined;
  /** `thread_info.cpu`: the CPU that it runs or last ran on. */
  readonly cpu: number;
  readonly state: TaskState | undefined;
  readonly stack: StackBounds;
  /** R7. Address of `task_pt_regs(task)->stackframe`; `undefined` in kernels without it. */
  readonly finalRecord: bigint | undefined;
  /** Address of `task_pt_regs(task)`. */
  readonly ptRegs: bigint;
}

/** All that a walk needs to know about where it starts. */
export interface WalkContext {
  readonly task: Task | undefined;
  readonly start: WalkStart;
  /** R5: the task's stack and, for the task that runs on the hart, the hart's IRQ and overflow stacks. */
  readonly stacks: readonly StackBounds[];
  readonly layout: PtRegsLayout;
  /**
   * What makes the start doubtful, one clause, for `WalkInput.note`: `no frame record exists yet: …`, or a trap entry
   * that has not written its record.
   */
  readonly note: string | undefined;
  /** R18: is a running address text of a module that is loaded at this stop? */
  readonly isModuleText: (pc: bigint) => boolean;
  /** R14, R15: for `WalkInput.originalReturns`; `undefined` in a kernel without tracers that replace return addresses. */
  readonly originalReturns: (() => ReturnSearch) | undefined;
}

export interface Kernel {
  readonly layout: PtRegsLayout;
  /** True if `struct pt_regs` has a member `stackframe`: the kernel writes metadata records. */
  readonly hasMetadata: boolean;
  /** Virtual minus physical address of the image (`_start`), 0n if it is linked where it runs. */
  readonly bootOffset: bigint;
  /** What the program does not describe and what is assumed instead, one sentence each. */
  readonly warnings: readonly string[];
  /** What there is to see besides stacks. */
  readonly views: KernelViews;
  /** The context of a hart that is stopped (R1, kind registers). */
  hartContext(hart: HartState, memory: ReadMemory): WalkContext;
  /** The context of a task that runs on no hart (R1, kind blocked). */
  blockedContext(task: Task, memory: ReadMemory): WalkContext;
  /** The task that runs on a hart, from tp, or sscratch while in user mode. */
  currentTask(hart: HartState, memory: ReadMemory): Task | undefined;
  /** As {@link currentTask}, its address alone: what is in the register, whether or not there is a task yet. */
  currentTaskAddress(hart: HartState): bigint;
  /** From a per-CPU variable as it runs to the copy of a CPU, in bytes; `undefined` for a CPU that there cannot be. */
  perCpuOffset(cpu: number, memory: ReadMemory): bigint | undefined;
  /**
   * The return addresses on the shadow call stack of a task that waits, or of the one that a hart runs in the kernel, innermost
   * first; `undefined` if there is none, or if gp is not in it. Bounded.
   */
  shadowCallStack(of: HartState | Task, memory: ReadMemory): readonly bigint[] | undefined;
  /** All tasks with their threads, and the idle tasks of CPUs; bounded; empty if there is no list that we know. */
  tasks(memory: ReadMemory): readonly Task[];
  /** Running minus linked virtual address: not 0n once a relocatable kernel is known to have moved itself (KASLR). */
  readonly slide: bigint;
  /** True once the kernel gives its init text back: then other things may lie there. */
  readonly initFreed: boolean;
  /** True while the boot task starts the kernel up and is not idle yet; false where the kernel does not tell. */
  readonly booting: boolean;
  /** Link-time addresses at which `observe` finds news: arriving there, a debugger should ask it. */
  readonly milestones: readonly bigint[];
  /** Link-time addresses where a module has come, or is about to go: breakpoints in modules are then elsewhere. */
  readonly moduleMilestones: readonly bigint[];
  /** Looks at the machine for what the kernel settles while it boots; true if `slide`, `initFreed` or `code` have changed. */
  observe(readPhysical: ReadMemory): boolean;
  /** Where code of the kernel can be. It changes where `observe` says so. */
  readonly code: CodePlaces;
  /** Link-time addresses of kernel text, init text included. */
  isKernelText(address: bigint): boolean;
  /** Of these, the text that is freed when the kernel has booted. */
  isInitText(address: bigint): boolean;
  /** False in a kernel that does not say which of its breakpoints are bugs. */
  readonly knowsBugs: boolean;
  /** The BUG() or WARN() that the `ebreak` at a pc is. */
  bugAt(pc: bigint): Bug | undefined;
  /** Where the kernel goes on if the instruction at a pc faults and nothing mends it; `undefined` if it is not to fault. */
  fixupOf(pc: bigint): bigint | undefined;
  /** True for a pc in the text of a module that is loaded now. */
  runsModuleText(pc: bigint, memory: ReadMemory): boolean;
  /**
   * R18, for a pc as a hart or a frame record holds it. Init text counts after it is freed, too: the boot task's frame in
   * start_kernel() stays on its stack for ever (`__kernel_text_address()`, Linux 7.3 kernel/extable.c).
   */
  runsKernelText(pc: bigint, bare: boolean): boolean;
  /** True for a pc, as a hart or a frame record holds it, in the assembly that takes an exception. */
  isExceptionEntry(pc: bigint): boolean;
  /** True for an address that stands in for a return address: of the function graph tracer or of kretprobes (R14, R15). */
  isTrampoline(pc: bigint): boolean;
  /** The function that changes from a task to another one, in whose context it returns; `undefined` if none is known. */
  readonly taskSwitch: ProgramSymbol | undefined;
  /** False for an address of the user's half of the address space. Without an MMU both share one half, and it is true for all. */
  isKernelAddress(address: bigint): boolean;
  /** True for a pc in `[handle_exception, ret_from_exception_end)`, which is what `walk_stackframe()` asks (Linux 7.3). */
  isExceptionCode(pc: bigint): boolean;
  /**
   * Link-time address for a pc: moved by `slide`, or by `bootOffset` if `bare` says that it may be physical. It may also be
   * on a hart that is in the kernel and no longer bare: for the one instruction after `csrw satp`, which is to fault.
   */
  linkAddress(pc: bigint, bare: boolean): { readonly address: bigint; readonly physical: boolean };
  /** All addresses at which code of that link-time address may run: first the virtual one, then the physical one before the MMU is on. */
  runAddresses(address: bigint): readonly bigint[];
}
