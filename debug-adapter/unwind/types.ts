/**
 * Inputs and outputs of a stack walk. The rules R1 to R20 are in docs/unwinder-rules.md.
 * Addresses are unsigned 64-bit `bigint`s, sizes are bytes.
 */

/** All of the range or nothing. Never throws. */
export type ReadMemory = (address: bigint, length: number) => Uint8Array | undefined;

export type StackKind = 'task' | 'irq' | 'overflow';

/** A stack that may be accessed, `[low, high)`. */
export interface StackBounds {
  readonly kind: StackKind;
  /** For people: `task stack of init (pid 1)`, `IRQ stack of CPU 0`. */
  readonly name: string;
  readonly low: bigint;
  readonly high: bigint;
}

/**
 * Where `struct pt_regs` keeps what the walk needs, as byte offsets.
 * `source` says where the numbers come from, so that the user interface can tell (rules, table "Data").
 * Invariant: every field, 8 bytes each and the record 24, lies below `size`.
 */
export interface PtRegsLayout {
  readonly size: number;
  /** Offset of the metadata record; absent in kernels without it. */
  readonly stackframe?: number;
  readonly epc: number;
  readonly status: number;
  readonly badaddr: number;
  readonly cause: number;
  /** `orig_a0`: a0 as a system call was made with it. */
  readonly origA0?: number;
  /** Offsets of x1 to x31; index 0 is unused. */
  readonly x: readonly number[];
  readonly source: 'dwarf' | 'constants';
}

/**
 * R1. `fp` is s0. The rule's third kind, *caller*, is the kernel walking its own stack; a debugger never starts so.
 * - `registers`: a live hart in the kernel.
 * - `blocked`: a task that runs on no hart, from its `struct thread_struct`, with what that saved.
 * - `user`: a live hart in user mode. Its one row is the user pc; walking user frames is not the unwinder's job.
 */
export type WalkStart =
  | {
      readonly kind: 'registers';
      readonly pc: bigint;
      readonly fp: bigint;
      readonly sp: bigint;
      /** All of the hart's, for walks that need more than s0. */
      readonly registers?: KnownRegisters;
    }
  | {
      readonly kind: 'blocked';
      readonly pc: bigint;
      readonly fp: bigint;
      readonly sp: bigint;
      /** False for a task that has never run: its pc is the start of a function, not where one will return. */
      readonly isReturnAddress: boolean;
      readonly registers?: KnownRegisters;
    }
  | {
      readonly kind: 'user';
      readonly pc: bigint;
      readonly fp: bigint;
      readonly registers?: KnownRegisters;
    };

export interface WalkInput {
  readonly start: WalkStart;
  readonly memory: ReadMemory;
  /** R5. The first one that holds `start.fp` becomes the current stack. */
  readonly stacks: readonly StackBounds[];
  /** R7. Address of the task's own `task_pt_regs()->stackframe`. */
  readonly finalRecord: bigint | undefined;
  /** Address of `task_pt_regs()`: the task's outermost object, where kernels without metadata have no record. */
  readonly ptRegs?: bigint | undefined;
  readonly layout: PtRegsLayout;
  /** R18. */
  readonly isKernelText: (pc: bigint) => boolean;
  /**
   * The assembly that takes an exception. Asked only where `layout` has no metadata records: a walk cannot go on from there
   * (R8), since s0 is not its own.
   */
  readonly isExceptionEntry?: (pc: bigint) => boolean;
  /** `[handle_exception, ret_from_exception_end)`, as `walk_stackframe()` has it. */
  readonly isExceptionCode?: (pc: bigint) => boolean;
  /** One step by call frame information, where a program has that (R11). */
  readonly stepByCfi?: StepByCfi;
  /**
   * R11 where pc is no kernel text: the calls by ra that the bytes right before an address of kernel text are. There can be two, as an
   * instruction of four bytes may end like one of two. Reads text, which is in no stack.
   */
  readonly callsBefore?: (returnAddress: bigint) => readonly CallSite[];
  /** R14, R15: a search for one walk, in a kernel that has tracers which replace return addresses. */
  readonly originalReturns?: (() => ReturnSearch) | undefined;
  /**
   * What the caller knows that makes this start doubtful, e.g. `no frame record exists yet`. It changes no step. It is
   * added to the reason of an error, and a walk with a note is not called reliable (R20).
   */
  readonly note?: string | undefined;
}

/** An instruction that calls, by where it goes: to the value of a register and an offset, or to an address that it says itself. */
export type CallSite =
  | { readonly kind: 'register'; readonly register: number; readonly offset: bigint }
  | { readonly kind: 'direct'; readonly target: bigint };

/** By what a tracer knows the call whose return address it has replaced. */
export interface ReturnCookies {
  /** Where the replaced ra was read from; `undefined` if that was a register. */
  readonly slot: bigint | undefined;
  /** s0 of the caller, which is that at the entry of the traced function; `undefined` where only the slot may decide. */
  readonly fp: bigint | undefined;
}

/** The return address that a tracer's trampoline stands for. */
export interface OriginalReturn {
  readonly kind: 'found';
  readonly pc: bigint;
  /** s0 of the function it is in, where that was known or has been found. */
  readonly fp: bigint | undefined;
  /** Of the word that holds it. */
  readonly address: bigint;
  readonly mark: 'F' | 'K';
  readonly rule: 'R14' | 'R15';
  /** `return_to_handler stands for the return address at 0x… in ret_stack`. */
  readonly reason: string;
}

/** A trampoline whose original return address is not known. */
export interface LostReturn {
  readonly kind: 'lost';
  readonly rule: 'R14' | 'R15';
  readonly reason: string;
}

/**
 * A search for the originals of one walk. What has been found is not found again: the calls of a stack are looked up in its
 * order, innermost first. Never throws.
 */
export interface ReturnSearch {
  /** The original of a return address; `undefined` if that is no trampoline. */
  replaced(ra: bigint, at: ReturnCookies): OriginalReturn | LostReturn | undefined;
  /**
   * Where the trampoline goes on in which a pc is, by s0 there; `undefined` if it is in none, or in one that keeps a frame
   * record, by which the walk finds the way.
   */
  behind(pc: bigint, fp: bigint): OriginalReturn | LostReturn | undefined;
}

/** Row marks as in the kernel's arm64 traces; the live pc and plain callers have `C`. */
export type Mark = 'C' | 'T' | 'P' | 'L' | 'F' | 'K';

/**
 * What a frame knows of the registers at its pc: x1 to x31 by index, where certain.
 * - The live frame has none: the hart has them.
 * - `pt_regs` rows have all 31, blocked tasks ra, sp and s0 to s11.
 * - Callers have s0 only. Their sp is not certain: the psABI makes the callee's s0 the CFA, but gcc and clang put the
 *   s0 of a variadic function below its register save area. It is at least `origin.address + 16`.
 */
export interface KnownRegisters {
  get(index: number): bigint | undefined;
}

/** The caller's registers as call frame information (DWARF 5 §6.4) gives them. */
export interface CfiCaller {
  readonly kind: 'caller';
  /** Canonical frame address: the caller's sp. */
  readonly cfa: bigint;
  readonly pc: bigint;
  /** Where pc was saved; `undefined` if it is in a register still. */
  readonly pcAt: bigint | undefined;
  readonly registers: KnownRegisters;
  /** True if pc is where a signal interrupted the caller, and no call returns there. */
  readonly isInterrupted?: boolean;
}

/** Why there is no step: `uncovered` has no call frame information at all, `failed` has some that leads nowhere. */
export interface CfiRefusal {
  readonly kind: 'uncovered' | 'failed' | 'outermost';
  readonly reason: string;
}

/**
 * One step out of a function by call frame information.
 * @param pc as it runs; a return address is looked up one byte before (R17)
 * @param registers x1 to x31 as far as they are known at pc
 */
export type StepByCfi = (
  pc: bigint,
  isReturnAddress: boolean,
  registers: KnownRegisters,
) => CfiCaller | CfiRefusal;

/** The object a frame's pc was read from. */
export type FrameOrigin =
  | { readonly kind: 'live' }
  | { readonly kind: 'thread' }
  /** The callee has not saved ra, or not yet. */
  | { readonly kind: 'register'; readonly name: string }
  /** Where ra was saved, by call frame information, or where a tracer keeps it whose trampoline runs. */
  | { readonly kind: 'slot'; readonly address: bigint }
  | { readonly kind: 'record'; readonly address: bigint; readonly fp: bigint; readonly ra: bigint }
  /** Recorded when it happened, with the sp then: a call that will return to pc, or a trap that was taken there. */
  | {
      readonly kind: 'recorded';
      readonly sp: bigint;
      readonly trap?: { readonly cause: bigint; readonly tval: bigint };
    }
  | {
      readonly kind: 'pt_regs';
      readonly address: bigint;
      /** The metadata record inside it, if one has led to it. */
      readonly metadata?: { readonly address: bigint; readonly type: bigint };
      readonly cause: bigint;
      readonly badaddr: bigint;
      readonly status: bigint;
    };

export interface Frame {
  readonly pc: bigint;
  readonly mark: Mark;
  /** True if `pc` is a return address: its line is looked up at pc - 1 (R17). */
  readonly isReturnAddress: boolean;
  /**
   * The stack this frame is on: where its sp is, if known, or its own record; where neither is, the one that its pc was
   * read from. `call_on_irq_stack` has its record on the task stack.
   */
  readonly stack: StackBounds | undefined;
  readonly origin: FrameOrigin;
  /** s0 as this frame's function has it: the canonical frame address if it keeps a frame pointer. */
  readonly fp: bigint;
  readonly registers: KnownRegisters;
  /** The rule that justifies this step, `R8`, and its words: `pc and s0 from pt_regs at 0x…`. */
  readonly rule: string;
  readonly reason: string;
}

/** R19. `address` is what was being read or checked when the walk ended. */
export interface WalkEnd {
  readonly kind: 'final' | 'error';
  readonly rule: string;
  readonly reason: string;
  readonly address: bigint | undefined;
  /** For `final`: the pt_regs that holds the record, in which the user state (or nothing, for kernel threads) lies. */
  readonly ptRegs?: bigint;
}

/**
 * - `metadata`: what a kernel with frame record metadata computes.
 * - `legacy`: what Linux 7.3's `walk_stackframe` computes.
 * - `cfi`: by call frame information, with steps over pt_regs.
 * - `true`: what really happened, as the machine has recorded it.
 */
export type WalkKind = 'metadata' | 'legacy' | 'cfi' | 'true';

export interface WalkResult {
  readonly kind: WalkKind;
  readonly frames: readonly Frame[];
  readonly end: WalkEnd;
  /** R20. */
  readonly reliable: boolean;
  /** Why the verdict is what it is, one sentence. */
  readonly verdict: string;
}
