/** From `initialize` to `disconnect`: what begins and ends a session. */
import type { Debuggee, FileSystem, Perform } from '../../debugger/api';
import { FilteredTarget } from '../../debugger/filtered-target';
import type { launch } from '../../debugger/launch';
import type { BreakpointEntry, BreakpointTable } from '../breakpoints/breakpoint-table';
import { toDap } from '../breakpoints/to-dap';
import { capabilities } from '../capabilities';
import { Client } from '../client';
import { GuestConsole } from '../console/console';
import { alreadyLaunched, attachIsNotOffered, sessionEnded } from '../errors';
import { armTraps } from '../breakpoints/switch-on';
import { parseLaunchArguments, type LaunchArguments } from './launch-arguments';
import type { Jobs } from './jobs';
import type { Modules } from '../modules';
import type { EventSink } from '../protocol/dispatcher';
import type { Handlers } from '../protocol/requests';
import type { RunControl } from './run-control';
import type { Sources } from '../sources';
import type { Loaded, SessionState } from '../state';
import type { LogOutput } from '../breakpoints/log-output';
import type { StopFilter } from '../breakpoints/stop-filter';

type Requests =
  'initialize' | 'launch' | 'attach' | 'configurationDone' | 'restart' | 'terminate' | 'disconnect';

export interface LifecycleParts {
  readonly state: SessionState;
  readonly table: BreakpointTable;
  readonly stops: StopFilter;
  readonly logs: LogOutput;
  readonly runs: RunControl;
  readonly sources: Sources;
  readonly modules: Modules;
  readonly jobs: Jobs;
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
      await this.install(await this.load(parseLaunchArguments(args)));
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
      // The old machine is given up only when there is a new one: the program may be in the midst of a build.
      const loaded = await this.load(next);
      await runs.halt(debuggee);
      await this.install(loaded);
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

  /** A machine with the program in it that nobody knows of yet. */
  private async load(args: LaunchArguments): Promise<Loaded> {
    const { jobs, stops, logs, events, files, pace, launch } = this.parts;
    return jobs.run(`Loading ${args.options.program}`, async (progress, signal) => {
      const perform: Perform = (title, steps) => jobs.perform(title, steps, signal);
      const host = { pace, progress, signal, perform };
      const launched = await launch(args.options, files, host);
      const debuggee: Debuggee = {
        ...launched,
        // Some come later, when debug information is first read.
        get warnings() {
          return launched.warnings;
        },
        target: new FilteredTarget(launched.target, (stop) => stops.isWanted(stop, debuggee)),
      };
      return {
        launch: args,
        debuggee,
        console: new GuestConsole(debuggee.target, args.console, events, () => logs.flush()),
      };
    });
  }

  /** Makes it the machine of the session, with the breakpoints that there are. */
  private async install(loaded: Loaded): Promise<void> {
    const { state, table, stops, sources, modules, events } = this.parts;
    const { debuggee, launch } = loaded;
    if (state.ended) throw sessionEnded();
    state.load(loaded);
    sources.forget();
    modules.forget();
    for (const warning of debuggee.warnings) {
      events.event('output', { category: 'important', output: `${warning}\n` });
    }
    if (launch.noDebug) return;
    const tell = async (entries: readonly BreakpointEntry[]) => {
      // The client knows exception filters by their rows, and not as breakpoints.
      for (const entry of entries.filter(({ request }) => request.kind !== 'exception')) {
        events.event('breakpoint', { reason: 'changed', breakpoint: await toDap(entry, state, sources) });
      }
    };
    await tell(await table.bind(debuggee));
    stops.watches.bind(debuggee);
    debuggee.boot.onChange = async () => {
      if (!state.isLoaded || state.debuggee !== debuggee) return;
      await tell(await table.follow());
      stops.watches.bind(debuggee);
      modules.announce();
    };
    armTraps(debuggee, stops);
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
