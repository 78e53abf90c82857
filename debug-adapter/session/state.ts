/**
 * What the request families share: the client's wishes, the loaded program, and all that holds from one stop to the next.
 * The only mutable state of a session besides the breakpoints.
 */
import {
  defaultStepPolicy,
  type CallStack,
  type Debuggee,
  type FrameRow,
  type StepPolicy,
} from '../debugger/api';
import { blockedStack, callStack } from '../debugger/call-stack';
import { hartOfKernel } from '../debugger/harts';
import { withInlinedRows } from '../debugger/inlined-rows';
import { describeTask, waitingTasks } from '../debugger/threads';
import type { WalkChoice } from '../debugger/walks';
import type { Task } from '../kernel/api';
import type { TargetHart } from '../target/target';
import { Client } from './client';
import type { GuestConsole } from './console/console';
import {
  machineExited,
  machineRuns,
  notLaunched,
  sessionEnded,
  staleFrame,
  taskWaits,
  unknownThread,
} from './errors';
import { Handles } from './handles';
import { MemoryViews } from './memory-views';
import { RegisterHistory } from './register-history';
import { TaskIds } from './task-ids';
import type { LaunchArguments } from './run/launch-arguments';
import { ChosenFormats } from './variables/value-formats';
import type { VariableContainer } from './variables/variable';

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

/** A program in its machine. `restart` replaces it as a whole. */
export interface Loaded {
  readonly launch: LaunchArguments;
  readonly debuggee: Debuggee;
  readonly console: GuestConsole;
}

export class SessionState {
  client = new Client();
  /** Variables of the current stop, by the reference that the client holds. */
  readonly variables = new Handles<VariableContainer>();
  /** How the user wants to see registers. */
  readonly formats = new ChosenFormats();
  readonly registerHistory = new RegisterHistory();
  /** What the client has read of memory. */
  readonly memoryViews = new MemoryViews();
  /** Which walk call stacks show. */
  walk: WalkChoice = 'default';

  /** Told of each change of what steps do. */
  onStepPolicy: (policy: StepPolicy) => void = () => undefined;

  #stepPolicy = defaultStepPolicy;
  #loaded: Loaded | undefined;
  #ended = false;
  #running = false;
  #focus = 0;
  readonly #frames = new Handles<SelectedFrame>();
  readonly #stacks = new Map<TargetHart | bigint, CallStack>();
  readonly #taskIds = new TaskIds();
  /** Those of the last stop, since somebody has asked. */
  #tasks: readonly Task[] | undefined;
  readonly #frameIds = new Map<CallStack, number[]>();

  /** Throws if nothing is loaded. */
  get loaded(): Loaded {
    if (this.#ended) throw sessionEnded();
    if (!this.#loaded) throw notLaunched();
    return this.#loaded;
  }

  get debuggee(): Debuggee {
    return this.loaded.debuggee;
  }

  get isLoaded(): boolean {
    return this.#loaded !== undefined && !this.#ended;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** True from a resume until its stop is reported: longer than the target runs, as stops are judged in between. */
  get running(): boolean {
    return this.#running;
  }

  get stepPolicy(): StepPolicy {
    return this.#stepPolicy;
  }

  set stepPolicy(policy: StepPolicy) {
    const { holdInterrupts, follows } = this.#stepPolicy;
    this.#stepPolicy = policy;
    if (policy.holdInterrupts !== holdInterrupts || policy.follows !== follows) this.onStepPolicy(policy);
  }

  load(loaded: Loaded): void {
    const before = this.#loaded?.launch;
    const { walk, stepPolicy } = loaded.launch;
    this.#loaded = loaded;
    // What was chosen in the session holds through restarts until the configuration says something else.
    if (before?.walk !== walk) this.walk = walk;
    const isSamePolicy =
      before?.stepPolicy.follows === stepPolicy.follows &&
      before.stepPolicy.holdInterrupts === stepPolicy.holdInterrupts;
    if (!isSamePolicy) this.stepPolicy = stepPolicy;
    this.#focus = 0;
    this.#tasks = undefined;
    this.memoryViews.clear();
    this.registerHistory.clear();
    this.#forget();
  }

  end(): void {
    this.#ended = true;
    this.#forget();
  }

  resumed(): void {
    const { harts, csrs } = this.debuggee.target;
    this.registerHistory.remember(harts, csrs);
    this.#running = true;
    this.#forget();
  }

  /** `hart` is the one that caused the stop, if one did. */
  stopped(hart: number | undefined): void {
    this.#running = false;
    this.#tasks = undefined;
    if (hart !== undefined) this.#focus = hart;
  }

  /** The hart that stopped last: requests that name no thread mean its address space. */
  get focusedHart(): TargetHart {
    const { harts } = this.debuggee.target;
    return harts[this.#focus] ?? harts[0]!;
  }

  /** Registers or memory were changed: the call stacks are walked anew. Frame ids that the client still holds stay usable. */
  changed(): void {
    this.#stacks.clear();
    this.#tasks = undefined;
  }

  /** The debuggee of a machine that stands still; `what` says for which purpose: `read its registers`. */
  stoppedDebuggee(what: string): Debuggee {
    const { debuggee } = this.loaded;
    if (this.#running) throw machineRuns(what);
    return debuggee;
  }

  /** The debuggee of a machine that can run on. */
  resumableDebuggee(what: string): Debuggee {
    const debuggee = this.stoppedDebuggee(what);
    if (debuggee.target.exit) throw machineExited();
    return debuggee;
  }

  /** Thread n is hart n - 1: thread 0 is nothing for some clients. Tasks have the numbers far behind. */
  thread(threadId: number): Thread {
    const hart = this.debuggee.target.harts[threadId - 1];
    if (hart) return { kind: 'hart', hart };
    const address = this.#taskIds.address(threadId);
    const task = this.waitingTasks().find((candidate) => candidate.address === address);
    if (!task) throw unknownThread(threadId);
    return { kind: 'task', task };
  }

  /** The hart that a thread is; throws for a task that waits. */
  hart(threadId: number): TargetHart {
    const thread = this.thread(threadId);
    if (thread.kind === 'task') throw taskWaits(describeTask(thread.task));
    return thread.hart;
  }

  threadId(thread: Thread): number {
    return thread.kind === 'hart' ? thread.hart.index + 1 : this.#taskIds.idOf(thread.task.address);
  }

  /** The tasks that run on no hart, read once a stop. While the machine runs, those of the last stop. */
  waitingTasks(): readonly Task[] {
    if (this.#running) return this.#tasks ?? [];
    return (this.#tasks ??= waitingTasks(this.debuggee));
  }

  /** The call stack of a thread, walked once a stop. */
  stack(thread: Thread): CallStack {
    const key = thread.kind === 'hart' ? thread.hart : thread.task.address;
    let stack = this.#stacks.get(key);
    if (!stack) {
      const walked =
        thread.kind === 'hart'
          ? callStack(this.debuggee, thread.hart, this.walk)
          : blockedStack(this.debuggee, thread.task, this.walk);
      stack = withInlinedRows(this.debuggee, walked, thread.kind === 'hart' && thread.hart.bare);
      this.#stacks.set(key, stack);
    }
    return stack;
  }

  /** Ids of all rows of a thread's stack, the same whenever asked during one stop. */
  frameIds(thread: Thread, stack: CallStack): readonly number[] {
    let ids = this.#frameIds.get(stack);
    if (!ids) {
      const hart = thread.kind === 'hart' ? thread.hart : hartOfKernel(this.debuggee);
      // Rows without a frame select the nearest frame before them, so that a click on a separator shows something.
      let nearest: SelectedFrame | undefined;
      ids = stack.rows.map((row) => {
        if (row.kind === 'frame') nearest = { hart, stack, row, inlined: row.inlined ?? 0 };
        if (row.kind === 'inlined') nearest = { hart, stack, row: row.in, inlined: row.inlined };
        return this.#frames.add(nearest ?? firstFrame(hart, stack));
      });
      this.#frameIds.set(stack, ids);
    }
    return ids;
  }

  frame(id: number): SelectedFrame {
    const frame = this.findFrame(id);
    if (!frame) throw staleFrame();
    return frame;
  }

  /** As {@link frame}; `undefined` for one of an earlier stop. */
  findFrame(id: number): SelectedFrame | undefined {
    return this.#frames.get(id);
  }

  /** The live frame of a hart. */
  liveFrame(hart: TargetHart): SelectedFrame {
    return firstFrame(hart, this.stack({ kind: 'hart', hart }));
  }

  #forget(): void {
    this.#stacks.clear();
    this.#frameIds.clear();
    this.#frames.clear();
    this.variables.clear();
  }
}

/** Every walk starts with the frame of the live pc. */
function firstFrame(hart: TargetHart, stack: CallStack): SelectedFrame {
  const row = stack.rows.find((candidate) => candidate.kind === 'frame');
  if (!row) throw staleFrame();
  return { hart, stack, row, inlined: 0 };
}
