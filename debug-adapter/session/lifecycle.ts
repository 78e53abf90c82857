/** From `initialize` to `disconnect`: what begins and ends a session. */
import type { Debuggee, FileSystem } from '../debugger/api';
import { FilteredTarget } from '../debugger/filtered-target';
import type { launch } from '../debugger/launch';
import type { BreakpointTable } from './breakpoint-table';
import { toDap } from './breakpoints';
import { capabilities } from './capabilities';
import { Client } from './client';
import { GuestConsole } from './console';
import { alreadyLaunched, attachIsNotOffered, sessionEnded } from './errors';
import { armTraps } from './exception-info';
import { parseLaunchArguments, type LaunchArguments } from './launch-arguments';
import { Progress } from './progress';
import type { EventSink } from './protocol/dispatcher';
import type { Handlers } from './protocol/requests';
import type { RunControl } from './run-control';
import type { Sources } from './sources';
import type { SessionState } from './state';
import type { StopFilter } from './stop-filter';

type Requests =
  'initialize' | 'launch' | 'attach' | 'configurationDone' | 'restart' | 'terminate' | 'disconnect';

export interface LifecycleParts {
  readonly state: SessionState;
  readonly table: BreakpointTable;
  readonly stops: StopFilter;
  readonly runs: RunControl;
  readonly sources: Sources;
  readonly events: EventSink;
  readonly files: FileSystem;
  readonly launch: typeof launch;
  /** Keeps an idle guest near real time (`LaunchHost.pace`). */
  readonly pace: boolean;
  /** Called when the client has gone. */
  readonly shutdown: () => void;
}

export class Lifecycle {
  private readonly parts: LifecycleParts;
  /** The client has sent all its breakpoints: the machine may run. */
  private configured = false;
  private loads = 0;

  constructor(parts: LifecycleParts) {
    this.parts = parts;
  }

  readonly handlers: Handlers<Requests> = {
    initialize: (args) => {
      this.parts.state.client = new Client(args);
      return capabilities;
    },

    launch: async (args) => {
      const { state, events } = this.parts;
      if (state.ended) throw sessionEnded();
      if (state.isLoaded) throw alreadyLaunched();
      await this.load(parseLaunchArguments(args));
      // Only now can breakpoints be resolved, so only now is the client asked for them.
      events.afterResponse(() => events.event('initialized'));
    },

    attach: () => {
      throw attachIsNotOffered();
    },

    configurationDone: () => {
      const { state } = this.parts;
      state.stoppedDebuggee('configure it');
      if (this.configured) return;
      this.configured = true;
      this.begin();
    },

    restart: async (args) => {
      const { state, runs, events } = this.parts;
      const { debuggee, launch: previous } = state.loaded;
      const next = args.arguments === undefined ? previous : parseLaunchArguments(args.arguments);
      await runs.halt(debuggee);
      await this.load(next);
      if (!this.configured) return;
      // The client may still show the old machine as stopped.
      events.event('continued', { threadId: 1, allThreadsContinued: true });
      this.begin();
    },

    terminate: async () => {
      const { state, runs, events } = this.parts;
      if (state.isLoaded) await runs.halt(state.debuggee);
      // A launch that is still reading files must not begin afterwards.
      else state.end();
      events.afterResponse(() => events.event('terminated'));
    },

    disconnect: async () => {
      await this.close();
      this.parts.events.afterResponse(this.parts.shutdown);
    },
  };

  /** Stops the machine for good; for a client that has gone without a word, too. */
  async close(): Promise<void> {
    const { state, runs } = this.parts;
    if (state.isLoaded) await runs.halt(state.debuggee);
    state.end();
  }

  private async load(args: LaunchArguments): Promise<void> {
    const { state, table, stops, sources, events, files, pace } = this.parts;
    const progress = new Progress(
      state.client,
      events,
      `load-${++this.loads}`,
      `Loading ${args.options.program}`,
    );
    try {
      const loaded = await this.parts.launch(args.options, files, {
        pace,
        progress: (text) => progress.report(text),
      });
      const debuggee: Debuggee = {
        ...loaded,
        // Some come later, when debug information is first read.
        get warnings() {
          return loaded.warnings;
        },
        target: new FilteredTarget(loaded.target, (stop) => stops.isWanted(stop, debuggee)),
      };
      if (state.ended) throw sessionEnded();
      const console = new GuestConsole(debuggee.target, args.console, events);
      state.load({ launch: args, debuggee, console });
      sources.forget();
      for (const warning of loaded.warnings) {
        events.event('output', { category: 'important', output: `${warning}\n` });
      }
      if (!args.noDebug) {
        for (const entry of await table.bind(debuggee)) {
          events.event('breakpoint', { reason: 'changed', breakpoint: await toDap(entry, state, sources) });
        }
        armTraps(debuggee, stops);
      }
    } finally {
      progress.end();
    }
  }

  /** Lets a loaded machine go, or says that it stands at its entry. */
  private begin(): void {
    const { state, runs, events } = this.parts;
    const { debuggee, launch: args } = state.loaded;
    if (args.stopOnEntry && !args.noDebug) {
      events.afterResponse(() => runs.stopOnEntry());
    } else {
      runs.resume(debuggee, () => debuggee.target.run({ kind: 'continue' }));
    }
  }
}
