/**
 * What the request families share: the client's wishes, the loaded program, and all that holds from one stop to the next.
 * The only mutable state of a session besides the breakpoints.
 */
import { defaultStepPolicy, type CallStack, type Debuggee, type StepPolicy } from '../debugger/api';
import { describeTask, waitingTasks } from '../debugger/threads';
import type { WalkChoice } from '../debugger/walks';
import type { Task } from '../kernel/api';
import type { TargetHart } from '../target/target';
import { CallStacks, type SelectedFrame, type Thread } from './call-stacks';
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
import { MemoryViews } from './memory-views';
import { RegisterHistory } from './register-history';
import { TaskIds } from './task-ids';
import type { LaunchArguments } from './run/launch-arguments';
import { ChosenFormats } from './variables/value-formats';
import { VariableReferences } from './variables/variable-references';

/** A program in its machine. `restart` replaces it as a whole. */
export interface Loaded {
  readonly launch: LaunchArguments;
  readonly debuggee: Debuggee;
  readonly console: GuestConsole;
}

export class SessionState {
  client = new Client();
  /** Variables of the current stop, by the reference that the client holds. */
  readonly variables = new VariableReferences();
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
  readonly #stacks = new CallStacks(this);
  readonly #taskIds = new TaskIds();
  /** Those of the last stop, since somebody has asked. */
  #tasks: readonly Task[] | undefined;

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

  /**
   * What a client shows is of a machine that has gone on, off or away since: it may still ask about that, as VS Code does a moment after a
   * stop, and would show an error in its views until the next stop, if there is one.
   */
  get hasGoneOn(): boolean {
    return this.#ended || this.#running || this.#loaded?.debuggee.target.exit !== undefined;
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

  /**
   * Registers or memory were changed: the call stacks are walked anew. Frames that are still there keep their ids, and ids of others stay
   * usable as long as the stop lasts. True if all call stacks that the client has are what they were.
   */
  changed(): boolean {
    this.#tasks = undefined;
    this.variables.edited();
    return this.#stacks.changed();
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
    return this.#stacks.of(thread);
  }

  /** Ids of all rows of a thread's stack, the same whenever asked during one stop. */
  frameIds(thread: Thread): readonly number[] {
    return this.#stacks.idsOf(thread);
  }

  /** @param id default: the live frame of the focused hart */
  frame(id: number | undefined): SelectedFrame {
    if (id === undefined) return this.liveFrame(this.focusedHart);
    const frame = this.findFrame(id);
    if (!frame) throw staleFrame();
    return frame;
  }

  /** As {@link frame}; `undefined` for one of an earlier stop. */
  findFrame(id: number): SelectedFrame | undefined {
    return this.#stacks.frame(id);
  }

  /** The live frame of a hart. */
  liveFrame(hart: TargetHart): SelectedFrame {
    return this.#stacks.liveFrame(hart);
  }

  #forget(): void {
    this.#stacks.clear();
    this.variables.clear();
  }
}
