/**
 * What the request families share: the client's wishes, the loaded program, and all that holds from one stop to the next.
 * The only mutable state of a session besides the breakpoints.
 */
import type { CallStack, Debuggee, StackRow } from '../debugger/api';
import { callStack } from '../debugger/call-stack';
import type { TargetHart } from '../target/target';
import { Client } from './client';
import type { GuestConsole } from './console/console';
import { machineExited, machineRuns, notLaunched, sessionEnded, staleFrame, unknownThread } from './errors';
import { Handles } from './handles';
import type { LaunchArguments } from './run/launch-arguments';
import type { VariableContainer } from './variables/variable';

/** A frame of a call stack, as a client's frame id names it. */
export interface SelectedFrame {
  readonly hart: TargetHart;
  readonly stack: CallStack;
  readonly row: Extract<StackRow, { kind: 'frame' }>;
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

  #loaded: Loaded | undefined;
  #ended = false;
  #running = false;
  #focus = 0;
  readonly #frames = new Handles<SelectedFrame>();
  readonly #stacks = new Map<number, CallStack>();
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

  load(loaded: Loaded): void {
    this.#loaded = loaded;
    this.#focus = 0;
    this.#forget();
  }

  end(): void {
    this.#ended = true;
    this.#forget();
  }

  resumed(): void {
    this.#running = true;
    this.#forget();
  }

  /** `hart` is the one that caused the stop, if one did. */
  stopped(hart: number | undefined): void {
    this.#running = false;
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

  /** Thread n is hart n - 1: thread 0 is nothing for some clients. */
  hart(threadId: number): TargetHart {
    const hart = this.debuggee.target.harts[threadId - 1];
    if (!hart) throw unknownThread(threadId);
    return hart;
  }

  /** The call stack of a hart, walked once a stop. */
  stack(hart: TargetHart): CallStack {
    let stack = this.#stacks.get(hart.index);
    if (!stack) {
      stack = callStack(this.debuggee, hart);
      this.#stacks.set(hart.index, stack);
    }
    return stack;
  }

  /** Ids of all rows of a stack, the same whenever asked during one stop. */
  frameIds(hart: TargetHart, stack: CallStack): readonly number[] {
    let ids = this.#frameIds.get(stack);
    if (!ids) {
      // Rows without a frame select the nearest frame before them, so that a click on a separator shows something.
      let nearest: SelectedFrame | undefined;
      ids = stack.rows.map((row) => {
        if (row.kind === 'frame') nearest = { hart, stack, row };
        return this.#frames.add(nearest ?? firstFrame(hart, stack));
      });
      this.#frameIds.set(stack, ids);
    }
    return ids;
  }

  frame(id: number): SelectedFrame {
    const frame = this.#frames.get(id);
    if (!frame) throw staleFrame();
    return frame;
  }

  /** The live frame of a hart. */
  liveFrame(hart: TargetHart): SelectedFrame {
    return firstFrame(hart, this.stack(hart));
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
  return { hart, stack, row };
}
