/** From `initialize` to `disconnect`: what begins and ends a session. */
import { Cancelled, type Debuggee, type FileSystem, type Perform } from '../../debugger/api';
import { FilteredTarget } from '../../debugger/filtered-target';
import { prepareRule } from '../../debugger/hit-rule';
import { KeptFiles } from '../../debugger/kept-files';
import type { launch } from '../../debugger/launch';
import type { BreakpointEntry, BreakpointTable } from '../breakpoints/breakpoint-table';
import { hitOptionsOf } from '../breakpoints/breakpoint-settings';
import { toDap } from '../breakpoints/to-dap';
import { capabilities } from '../capabilities';
import { Client } from '../client';
import { GuestConsole } from '../console/console';
import { alreadyLaunched, attachIsNotOffered, sessionEnded } from '../errors';
import { armTraps } from '../breakpoints/switch-on';
import { parseLaunchArguments, type LaunchArguments } from './launch-arguments';
import type { Jobs } from './jobs';
import type { Modules } from '../modules';
import { rebuiltEvent } from '../protocol/custom';
import type { EventSink } from '../protocol/dispatcher';
import { requestTime } from '../protocol/deadline';
import type { Handlers } from '../protocol/requests';
import type { Scheduler } from '../../target/scheduler';
import type { Rebuild, Rebuilds } from './rebuilds';
import type { RunControl } from './run-control';
import type { Sources } from '../sources';
import type { Loaded, SessionState } from '../state';
import type { LogOutput } from '../breakpoints/log-output';
import type { StopFilter } from '../breakpoints/stop-filter';

type Requests =
  'initialize' | 'launch' | 'attach' | 'configurationDone' | 'restart' | 'terminate' | 'disconnect';

interface LifecycleParts {
  readonly state: SessionState;
  readonly table: BreakpointTable;
  readonly stops: StopFilter;
  readonly logs: LogOutput;
  readonly runs: RunControl;
  readonly sources: Sources;
  readonly modules: Modules;
  readonly jobs: Jobs;
  readonly rebuilds: Rebuilds;
  readonly events: EventSink;
  /** Does something when the requests that there are have been answered. */
  readonly inTurn: (action: () => Promise<void>) => void;
  readonly files: FileSystem;
  readonly scheduler: Scheduler;
  readonly launch: typeof launch;
  /** Keeps an idle guest near real time (`LaunchHost.pace`). */
  readonly pace: boolean;
  /** Called when the client has gone. */
  readonly shutdown: () => void;
  /** Fails the requests that are being answered. */
  readonly abandon: () => void;
}

const waitsForClient =
  'The machine waits: the client has not sent "configurationDone", which says that all breakpoints are set and that it may run.\n';

export class Lifecycle {
  private readonly parts: LifecycleParts;
  /** The client has sent all its breakpoints: the machine may run. */
  private configured = false;
  /** Called when the client has configured the machine, or will never. */
  private forgetSilence: () => void = () => undefined;
  private readonly kept = new KeptFiles();

  constructor(parts: LifecycleParts) {
    this.parts = parts;
  }

  readonly handlers: Handlers<Requests> = {
    initialize: (args) => {
      this.parts.state.client = new Client(args);
      return capabilities;
    },

    launch: async (args) => {
      const { state, events, scheduler } = this.parts;
      if (state.ended) throw sessionEnded();
      if (state.isLoaded) throw alreadyLaunched();
      await this.install(await this.load(parseLaunchArguments(args)));
      // Only now can breakpoints be resolved, so only now is the client asked for them.
      events.afterResponse(() => events.event('initialized'));
      this.forgetSilence = scheduler.after(requestTime, () => {
        events.event('output', { category: 'important', output: waitsForClient });
      });
    },

    attach: () => {
      throw attachIsNotOffered();
    },

    configurationDone: () => {
      const { state } = this.parts;
      state.stoppedDebuggee('configure it');
      if (this.configured) return;
      this.configured = true;
      this.forgetSilence();
      this.begin();
    },

    restart: async (args) => {
      const { launch: previous } = this.parts.state.loaded;
      await this.restart(args.arguments === undefined ? previous : parseLaunchArguments(args.arguments));
    },

    terminate: async () => {
      const { state, runs, jobs, rebuilds, events } = this.parts;
      jobs.cancel();
      rebuilds.stop();
      if (state.isLoaded) await runs.halt(state.debuggee);
      // A launch that is still reading files must not begin afterwards.
      else state.end();
      events.afterResponse(() => events.event('terminated'));
    },

    disconnect: async () => {
      await this.close();
      this.parts.abandon();
      this.parts.events.afterResponse(this.parts.shutdown);
    },
  };

  /** Stops the machine for good; for a client that has gone without a word, too. */
  async close(): Promise<void> {
    const { state, runs, jobs, rebuilds } = this.parts;
    // A launch that waits for its files is answered before the end.
    jobs.cancel();
    this.forgetSilence();
    rebuilds.stop();
    if (state.isLoaded) await runs.halt(state.debuggee);
    state.end();
  }

  /** Another machine in place of the one that there is, which is given up only then: the program may be in the midst of a build. */
  private async restart(next: LaunchArguments): Promise<void> {
    const { state, runs, events, files } = this.parts;
    const { debuggee } = state.loaded;
    const isSameProgram = files.resolve(next.options.program) === debuggee.path;
    const loaded = await this.load(next, isSameProgram ? debuggee : undefined);
    await runs.halt(debuggee);
    await this.install(loaded);
    if (!this.configured) return;
    // The client may still show the old machine as stopped.
    events.event('continued', { threadId: 1, allThreadsContinued: true });
    this.begin();
  }

  /**
   * A machine with the program in it that nobody knows of yet.
   * @param before the one in whose place it comes, if that has the same program
   */
  private async load(args: LaunchArguments, before?: Debuggee): Promise<Loaded> {
    const { jobs, stops, logs, rebuilds, events, files, pace, launch } = this.parts;
    return jobs.run(`Loading ${args.options.program}`, async (progress, signal) => {
      if (before) await rebuilds.settled(before.path, before.files, signal);
      const perform: Perform = (title, steps) => jobs.perform(title, steps, signal);
      const host = { pace, progress, signal, perform };
      const launched = await launch(args.options, files, host, this.kept);
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
    const { state, table, stops, sources, modules, rebuilds, events } = this.parts;
    rebuilds.stop();
    const { debuggee, launch } = loaded;
    if (state.ended) throw sessionEnded();
    state.load(loaded);
    sources.forget();
    modules.forget();
    for (const warning of [...launch.warnings, ...debuggee.warnings]) {
      events.event('output', { category: 'important', output: `${warning}\n` });
    }
    if (launch.onRebuild !== 'ignore') {
      rebuilds.watch(debuggee.path, debuggee.files, (rebuild) => this.rebuilt(rebuild, launch));
    }
    if (launch.noDebug) return;
    const tell = async (entries: readonly BreakpointEntry[]) => {
      // The client knows exception filters by their rows, and not as breakpoints.
      for (const entry of entries.filter(({ request }) => request.kind !== 'exception')) {
        events.event('breakpoint', { reason: 'changed', breakpoint: await toDap(entry, state, sources) });
      }
    };
    await tell(await table.bind(debuggee));
    await this.prepareConditions(debuggee);
    stops.watches.bind(debuggee);
    debuggee.boot.onChange = async () => {
      if (!state.isLoaded || state.debuggee !== debuggee) return;
      await tell(await table.follow());
      stops.watches.bind(debuggee);
      armTraps(debuggee, stops);
      modules.announce();
    };
    armTraps(debuggee, stops);
  }

  /** What conditions need that are older than the program is read before it runs: at their first stop it would take too long. */
  private async prepareConditions(debuggee: Debuggee): Promise<void> {
    const { stops, events } = this.parts;
    try {
      await stops.prepare(stops.active, debuggee);
      for (const entry of stops.watches.all) await prepareRule(hitOptionsOf(entry), debuggee);
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
      events.event('output', { category: 'important', output: `${error.message}\n` });
    }
  }

  private rebuilt({ path, problem }: Rebuild, args: LaunchArguments): void {
    const { state, events, inTurn } = this.parts;
    const name = path.slice(path.search(/[^/\\]*$/));
    if (problem !== undefined) {
      const output = `${path} has changed, but the machine keeps what it was started with. ${problem}\n`;
      events.event('output', { category: 'important', output });
    } else if (args.onRebuild === 'restart') {
      events.event('output', { category: 'console', output: `${name} was rebuilt: the machine restarts.\n` });
      inTurn(() => (state.isLoaded ? this.restart(args) : Promise.resolve()));
    } else {
      const message = `${name} was rebuilt: restart to run it.`;
      events.event('output', { category: 'console', output: `${message}\n` });
      events.event(rebuiltEvent, { message });
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
