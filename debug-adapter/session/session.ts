/** One debug session: makes the request families, hands them requests, and sends what they say. */
import { DebugSession, Event } from '@vscode/debugadapter';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { FileSystem } from '../debugger/api';
import { launch } from '../debugger/launch';
import { BreakpointChanges } from './breakpoints/breakpoint-changes';
import { BreakpointList } from './breakpoints/breakpoint-list';
import { BreakpointTable } from './breakpoints/breakpoint-table';
import { breakpointHandlers } from './breakpoints/breakpoints';
import { ConsoleBreakpoints } from './breakpoints/console-breakpoints';
import { BreakpointNumbers } from './breakpoints/numbers';
import { breakpointFamily } from './console/breakpoint-commands';
import { changeFamily } from './console/change-commands';
import { cFamily } from './console/c-commands';
import { completionHandlers } from './console/completions';
import { hartFamily } from './console/hart-commands';
import { kernelFamily } from './console/kernel-commands';
import { Repl } from './console/repl';
import { stackFamily } from './console/stack-commands';
import { steppingFamily } from './console/stepping-commands';
import { watchFamily } from './console/watch-commands';
import { Catches } from './breakpoints/catches';
import { consoleHandlers } from './console/console-input';
import { disassemblyHandlers } from './disassembly';
import { errorMessage } from './errors';
import { evaluateHandlers } from './console/evaluate';
import { exceptionHandlers } from './breakpoints/exception-info';
import { executionHandlers } from './run/execution';
import { jumpHandlers } from './run/jump';
import { labelHandlers } from './labels';
import { kernelTreeHandlers } from './kernel-tree/kernel-tree';
import { Lifecycle } from './run/lifecycle';
import { memoryHandlers } from './memory';
import { Modules } from './modules';
import { pageWalkHandlers } from './page-walk';
import { steppingEvent } from './protocol/custom';
import { Deadlines } from './protocol/deadline';
import { Dispatcher, type EventSink } from './protocol/dispatcher';
import { Jobs } from './run/jobs';
import { Rebuilds } from './run/rebuilds';
import { RunControl } from './run/run-control';
import { Sources } from './sources';
import { SessionState } from './state';
import { LogOutput } from './breakpoints/log-output';
import { dataBreakpointHandlers } from './breakpoints/data-breakpoints';
import { WatchTable } from './breakpoints/watch-table';
import { StopFilter } from './breakpoints/stop-filter';
import { steppingHandlers } from './stepping';
import { threadHandlers } from './threads';
import { walkHandlers } from './walks';
import { valueFormatHandlers } from './value-format';
import { hostScheduler, type Scheduler } from '../target/scheduler';
import { variableHandlers } from './variables/variables';

export interface SessionOptions {
  /**
   * The process outlives the session (a TCP server, a test, a worker): a client that disconnects does not end it. Default
   * false: the process exits, as that of an adapter on stdio has to.
   */
  readonly server?: boolean;
  /** Keep an idle guest near real time, as somebody looks at it. Default true. */
  readonly pace?: boolean;
  /** Its clock is that of requests and of a client that says nothing. */
  readonly scheduler?: Scheduler;
  /** Brings a program into a machine. Default: into one of our emulator. */
  readonly launch?: typeof launch;
}

/** A session over `files`. Connect it with `start(inStream, outStream)`, or with `handleMessage` and `onDidSendMessage`. */
export function createSession(files: FileSystem, options: SessionOptions = {}): DebugSession {
  return new RiscvDebugSession(files, options);
}

class RiscvDebugSession extends DebugSession implements EventSink {
  readonly #dispatcher: Dispatcher;
  readonly #lifecycle: Lifecycle;

  constructor(files: FileSystem, options: SessionOptions) {
    super();
    this.setRunAsServer(options.server ?? false);
    const state = new SessionState();
    state.onStepPolicy = (policy) => this.event(steppingEvent, policy);
    const sources = new Sources(state);
    const numbers = new BreakpointNumbers();
    const table = new BreakpointTable(numbers);
    const logs = new LogOutput(state, sources, this);
    const watches = new WatchTable(numbers);
    const stops = new StopFilter(table, watches, logs, this);
    const ofConsole = new ConsoleBreakpoints(table, state, sources, this);
    const list = new BreakpointList(table, watches, ofConsole, this);
    const changes = new BreakpointChanges({ state, sources, table, watches, ofConsole, events: this });
    const runs = new RunControl(state, stops, logs, ofConsole, this);
    const scheduler = options.scheduler ?? hostScheduler();
    const jobs = new Jobs(state, this);
    const modules = new Modules(state, this);
    this.#lifecycle = new Lifecycle({
      state,
      table,
      stops,
      logs,
      runs,
      jobs,
      sources,
      modules,
      files,
      scheduler,
      inTurn: (action) => this.#dispatcher.inTurn(action),
      rebuilds: new Rebuilds(files),
      pace: options.pace ?? true,
      launch: options.launch ?? launch,
      events: this,
      shutdown: () => this.shutdown(),
      abandon: () => this.#dispatcher.end(),
    });
    const repl = new Repl(state, [
      stackFamily(state),
      cFamily(state),
      // Before `delete`, which would take `delete catch` for its own.
      new Catches(state, table, stops),
      breakpointFamily({ state, ofConsole, breakpoints: list, runs, events: this }),
      changeFamily(changes),
      watchFamily(state, watches, list),
      steppingFamily(state),
      kernelFamily(state),
      hartFamily(state),
    ]);
    const handlers = {
      ...this.#lifecycle.handlers,
      ...breakpointHandlers(state, table, ofConsole, sources),
      ...dataBreakpointHandlers(state, watches),
      ...exceptionHandlers(state, table, stops),
      ...executionHandlers(state, runs),
      ...jumpHandlers(state, this),
      ...steppingHandlers(state),
      ...threadHandlers(state, sources),
      ...variableHandlers(state, this),
      ...evaluateHandlers(state, repl, this),
      ...completionHandlers(state, repl),
      ...disassemblyHandlers(state, sources),
      ...memoryHandlers(state, this),
      ...sources.handlers,
      ...modules.handlers,
      ...consoleHandlers(state),
      ...labelHandlers(state),
      ...walkHandlers(state, this),
      ...pageWalkHandlers(state),
      ...kernelTreeHandlers(state, sources),
      ...valueFormatHandlers(state, this),
      cancel: ({ requestId, progressId }: Dap.CancelArguments) => {
        if (progressId !== undefined) jobs.cancel(progressId);
        if (requestId !== undefined && this.#dispatcher.cancel(requestId)) jobs.cancel();
      },
    };
    this.#dispatcher = new Dispatcher(
      handlers,
      (response) => this.sendResponse(response),
      (error) =>
        this.event('output', { category: 'stderr', output: `${errorMessage('stopped', error).format}\n` }),
      new Deadlines(scheduler, () => jobs.isBusy),
    );
  }

  event(name: string, body?: object): void {
    this.sendEvent(new Event(name, body));
  }

  afterResponse(action: () => void): void {
    this.#dispatcher.afterResponse(action);
  }

  /** Also called by the base class when the stream ends: the machine must not run on for nobody. */
  override shutdown(): void {
    void this.#lifecycle.close().then(() => super.shutdown());
  }

  protected override dispatchRequest(request: Dap.Request): void {
    void this.#dispatcher.dispatch(request);
  }
}
