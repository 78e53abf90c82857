/** The call stacks of one stop, each walked when it is asked for, and the ids of their frames. */
import type { CallStack, Debuggee, FrameRow } from '../debugger/api';
import { blockedStack, callStack } from '../debugger/call-stack';
import { hartOfKernel } from '../debugger/harts';
import { withInlinedRows } from '../debugger/inlined-rows';
import type { WalkChoice } from '../debugger/walks';
import type { Task } from '../kernel/api';
import type { TargetHart } from '../target/target';
import { staleFrame } from './errors';
import { Handles } from './handles';
import { rowKeys } from './row-keys';

/** What a client calls a thread: a hart, or a task that runs on none. */
export type Thread =
  { readonly kind: 'hart'; readonly hart: TargetHart } | { readonly kind: 'task'; readonly task: Task };

/** A frame of a call stack, as a client's frame id names it. */
export interface SelectedFrame {
  /** The hart that has its registers; for a task that waits, one through which the kernel's memory is read. */
  readonly hart: TargetHart;
  readonly stack: CallStack;
  readonly row: FrameRow;
  /** How many of the functions inlined at its pc it is out of: 0 for the innermost. */
  readonly inlined: number;
}

/** Whose call stacks they are. */
interface Machine {
  readonly debuggee: Debuggee;
  readonly walk: WalkChoice;
  waitingTasks(): readonly Task[];
}

/** A call stack that the client has asked for, with the id of each row and what makes it that row. */
interface ShownStack {
  readonly thread: Thread;
  readonly stack: CallStack;
  readonly ids: readonly number[];
  readonly keys: readonly string[];
}

export class CallStacks {
  readonly #machine: Machine;
  readonly #walked = new Map<string, CallStack>();
  readonly #shown = new Map<string, ShownStack>();
  readonly #frames = new Handles<SelectedFrame>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  of(thread: Thread): CallStack {
    const key = keyOf(thread);
    let stack = this.#walked.get(key);
    if (!stack) this.#walked.set(key, (stack = this.#walk(thread)));
    return stack;
  }

  idsOf(thread: Thread): readonly number[] {
    const stack = this.of(thread);
    const shown = this.#shown.get(keyOf(thread));
    if (shown?.stack === stack) return shown.ids;
    const hart = thread.kind === 'hart' ? thread.hart : hartOfKernel(this.#machine.debuggee);
    const keys = rowKeys(stack).map((key, index) => `${keyOf(thread)} ${index} ${key}`);
    // Rows without a frame select the nearest frame before them, so that a click on a separator shows something.
    let nearest: SelectedFrame | undefined;
    const ids = stack.rows.map((row, index) => {
      if (row.kind === 'frame') nearest = { hart, stack, row, inlined: row.inlined ?? 0 };
      if (row.kind === 'inlined') nearest = { hart, stack, row: row.in, inlined: row.inlined };
      return this.#frames.set(keys[index]!, nearest ?? firstFrame(hart, stack));
    });
    this.#shown.set(keyOf(thread), { thread, stack, ids, keys });
    return ids;
  }

  /** `undefined` for an id of an earlier stop. */
  frame(id: number): SelectedFrame | undefined {
    return this.#frames.get(id);
  }

  liveFrame(hart: TargetHart): SelectedFrame {
    return firstFrame(hart, this.of({ kind: 'hart', hart }));
  }

  /**
   * Registers or memory were changed: all is walked anew. Frames that are still there keep their ids, and those of others stay usable as
   * long as the stop lasts. True if all call stacks that the client has are what they were.
   */
  changed(): boolean {
    this.#walked.clear();
    const shown = [...this.#shown.values()];
    const same = shown.map(({ thread, keys }) => {
      const still = this.#again(thread);
      if (still) this.idsOf(still);
      return still !== undefined && this.#shown.get(keyOf(still))?.keys.join() === keys.join();
    });
    return shown.length > 0 && same.every((one) => one);
  }

  clear(): void {
    this.#walked.clear();
    this.#shown.clear();
    this.#frames.clear();
  }

  #walk(thread: Thread): CallStack {
    const { debuggee, walk } = this.#machine;
    return thread.kind === 'hart'
      ? withInlinedRows(debuggee, callStack(debuggee, thread.hart, walk), thread.hart.bare)
      : withInlinedRows(debuggee, blockedStack(debuggee, thread.task, walk), false);
  }

  #again(thread: Thread): Thread | undefined {
    if (thread.kind === 'hart') return thread;
    const { address } = thread.task;
    const task = this.#machine.waitingTasks().find((one) => one.address === address);
    return task && { kind: 'task', task };
  }
}

/** Every walk starts with the frame of the live pc. */
function firstFrame(hart: TargetHart, stack: CallStack): SelectedFrame {
  const row = stack.rows.find((candidate) => candidate.kind === 'frame');
  if (!row) throw staleFrame();
  return { hart, stack, row, inlined: 0 };
}

function keyOf(thread: Thread): string {
  return thread.kind === 'hart' ? `hart ${thread.hart.index}` : `task ${thread.task.address}`;
}
