/**
 * Lets the machine run and reports why it stopped. A run goes from a resume to the stop that the client hears of; stops that
 * nobody wants (a condition is false, a log point) do not end it (`StopFilter`).
 */
import type { Debuggee, StepOutcome } from '../../debugger/api';
import type { TargetExit } from '../../target/target';
import { announceMemory } from '../edits';
import type { EventSink } from '../protocol/dispatcher';
import type { SessionState } from '../state';
import { describeExit, stoppedEvent } from './stopped-event';
import type { ConsoleBreakpoints } from '../breakpoints/console-breakpoints';
import type { LogOutput } from '../breakpoints/log-output';
import type { StopFilter } from '../breakpoints/stop-filter';

export class RunControl {
  private readonly state: SessionState;
  private readonly filter: StopFilter;
  private readonly logs: LogOutput;
  private readonly ofConsole: ConsoleBreakpoints;
  private readonly events: EventSink;
  /** The run at hand; settled when the machine stands still. Never rejects. */
  private run: Promise<void> = Promise.resolve();
  /** The client is not to hear of the stop of this run: the session ends or restarts. */
  private silent = false;

  constructor(
    state: SessionState,
    filter: StopFilter,
    logs: LogOutput,
    ofConsole: ConsoleBreakpoints,
    events: EventSink,
  ) {
    this.state = state;
    this.filter = filter;
    this.logs = logs;
    this.ofConsole = ofConsole;
    this.events = events;
  }

  /** Begins a run; its stop is reported when it comes. `start` gets the machine going. */
  resume(debuggee: Debuggee, start: () => Promise<StepOutcome>): void {
    this.state.resumed();
    this.filter.watches.goOn();
    this.silent = false;
    this.run = this.follow(debuggee, start);
  }

  /** Reports a stop that no run led to: on entry. */
  stopOnEntry(): void {
    this.state.stopped(undefined);
    this.standsStill({
      reason: 'entry',
      description: 'Stopped before the first instruction',
      threadId: 1,
      allThreadsStopped: true,
    });
  }

  /** Stops the machine without a word to the client; resolves when it stands still. */
  async halt(debuggee: Debuggee): Promise<void> {
    this.silent = true;
    debuggee.target.pause();
    await this.run;
  }

  private async follow(debuggee: Debuggee, start: () => Promise<StepOutcome>): Promise<void> {
    let outcome: StepOutcome;
    try {
      outcome = await start();
    } catch (error) {
      // The target refuses to run only if it runs already or is off, and neither is a client's fault.
      outcome = { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
    }
    this.state.stopped(hartOf(outcome));
    if (this.silent) return;
    this.events.afterResponse(() => {
      // Between the stop and now the session may have ended or gone on to another machine.
      if (this.state.isLoaded && this.state.debuggee === debuggee) this.report(outcome, debuggee);
    });
  }

  private report(outcome: StepOutcome, debuggee: Debuggee): void {
    // A step may end at a log point, whose message is to stand before the stop.
    const stopped =
      outcome.kind === 'exit'
        ? undefined
        : stoppedEvent(outcome, this.filter, debuggee, this.state.focusedHart);
    this.logs.end();
    this.state.loaded.console.flush({ final: outcome.kind === 'exit' });
    if (outcome.kind === 'exit') {
      this.exited(outcome.exit, debuggee);
      return;
    }
    if (outcome.kind === 'refused') {
      this.events.event('output', { category: 'stderr', output: `${outcome.reason}\n` });
    }
    this.standsStill(stopped);
    if (stopped?.hitBreakpointIds) this.ofConsole.stopped(stopped.hitBreakpointIds);
  }

  private standsStill(body: object | undefined): void {
    this.events.event('stopped', body);
    // A client asks for all else anew at a stop, for memory only when it is told to.
    announceMemory(this.state, this.events);
  }

  private exited(exit: TargetExit, debuggee: Debuggee): void {
    this.events.event('output', {
      category: 'console',
      output: `${describeExit(exit)} after ${debuggee.target.instructions.toLocaleString('en')} instructions.\n`,
    });
    this.events.event('exited', { exitCode: exit.code });
    this.events.event('terminated');
  }
}

function hartOf(outcome: StepOutcome): number | undefined {
  switch (outcome.kind) {
    case 'breakpoint':
    case 'step':
    case 'stray':
      return outcome.hart;
    case 'trap':
      return outcome.trap.hart;
    case 'watch':
      return outcome.hits[0]?.hart;
    default:
      return undefined;
  }
}
