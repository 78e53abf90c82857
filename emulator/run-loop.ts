import type { MachineExit, RunRequest, RunStop, WatchHit } from './api';
import type { Clock } from './clock';
import type { HartControl } from './core/api';
import type { Schedule } from './schedule';
import type { Timers } from './timers';

/** What the loop needs of the machine around it. */
interface RunLoopHost {
  readonly harts: readonly HartControl[];
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly timers: Timers;
  exit(): MachineExit | undefined;
  /** What was accessed of what is watched while no hart ran, as by console input that arrived. */
  watchHits(): { readonly any: boolean; take(): WatchHit[] };
  /** Called before a hart gets the processor. */
  beforeTurn(hart: HartControl): void;
  /** Looks at what the guest may have left in memory for the host; called after every {@link POLL_INTERVAL} steps, and when all wait. */
  poll: (() => void) | undefined;
}

/** Most steps asked of a hart at once: it counts in 32 bits. */
const MOST_STEPS = 2 ** 30;

/** Steps between two polls, counted from power-on so that slicing does not move them. */
const POLL_INTERVAL = 4096;

/**
 * The machine's only loop: gives each hart its turns, cuts them exactly where a timer is due, and lets time jump when all wait.
 * What it does depends on the machine's state and on the order of calls, never on how the calls slice the instructions.
 */
export class RunLoop {
  private readonly host: RunLoopHost;
  /** Harts that stand where a stop has reported them, with their pc. */
  private readonly reported = new Map<HartControl, bigint>();
  /** The hart that runs right now, and its count of steps when it began. */
  private running: { readonly hart: HartControl; readonly since: number } | undefined;
  private steps = 0;
  /**
   * Turns in a row in which nobody had anything to do. It outlasts the end of a run, or the hart that goes first when all have waited would depend on where
   * runs end.
   */
  private idle = 0;

  constructor(host: RunLoopHost) {
    this.host = host;
  }

  /** Steps of the running hart that the clock has not been told of yet. */
  get ahead(): number {
    return this.running ? this.running.hart.instret - this.running.since : 0;
  }

  /** Makes the running hart come back after the instruction at hand. */
  interrupt(): void {
    // Console input may wake a hart that had its turn.
    this.idle = 0;
    this.running?.hart.requestExit();
  }

  run(request: RunRequest): RunStop {
    const { harts, timers } = this.host;
    this.passBreakpoints(request.ignoreBreakpointsAtStart);
    timers.changed(); // A debugger may have written to a deadline or a CSR.
    const held = request.holdInterrupts === undefined ? undefined : harts[request.holdInterrupts];
    if (held) held.holdInterrupts = true;
    const stop = this.loop(request);
    if (held) held.holdInterrupts = false;
    this.remember(stop);
    return stop;
  }

  private loop({ budget, step, isEnough }: RunRequest): RunStop {
    const { harts, clock, schedule, timers } = this.host;
    let left = budget;
    let stepsLeft = step?.instructions ?? Infinity;
    for (;;) {
      const exit = this.host.exit();
      if (exit) return { kind: 'exit', exit };
      const watched = this.host.watchHits();
      if (watched.any) {
        const hits = watched.take();
        if (hits.length > 0) return { kind: 'watch', hits };
      }
      timers.update();
      if (step && stepsLeft <= 0) return { kind: 'step', hart: step.hart };
      if (left <= 0) return { kind: 'budget' };
      if (this.idle === harts.length) {
        this.host.poll?.();
        if (this.host.exit()) continue;
        this.idle = 0;
        if (!timers.skipToNext()) return { kind: 'waiting' };
        continue;
      }

      const hart = harts[schedule.current]!;
      this.host.beforeTurn(hart);
      const most = Math.min(left, schedule.left, timers.stepsUntilDue(), this.stepsUntilPoll(), MOST_STEPS);
      const before = hart.instret;
      this.running = { hart, since: before };
      const stop = hart.run(step?.hart === hart.id ? Math.min(most, stepsLeft) : most, isEnough);
      this.running = undefined;

      const steps = hart.instret - before;
      clock.advance(steps);
      this.steps += steps;
      left = isEnough?.() ? 0 : left - steps;
      if (step?.hart === hart.id) stepsLeft -= steps;
      if (steps > 0) this.idle = 0;
      if (stop.kind === 'reschedule') timers.changed();
      if (this.steps % POLL_INTERVAL === 0) this.host.poll?.();
      if (hart.state === 'running') {
        schedule.spend(steps);
      } else {
        this.idle++;
        schedule.next();
      }
      if (stop.kind !== 'budget' && stop.kind !== 'idle' && stop.kind !== 'reschedule') return stop;
    }
  }

  private stepsUntilPoll(): number {
    return this.host.poll ? POLL_INTERVAL - (this.steps % POLL_INTERVAL) : Infinity;
  }

  private passBreakpoints(ignore: boolean | undefined): void {
    for (const hart of this.host.harts) {
      if (ignore ?? this.reported.get(hart) === hart.pc) hart.passBreakpoint();
    }
    this.reported.clear();
  }

  private remember(stop: RunStop): void {
    const id = stop.kind === 'trap' ? stop.trap.hart : 'hart' in stop ? stop.hart : undefined;
    const hart = id === undefined ? undefined : this.host.harts[id];
    if (hart) this.reported.set(hart, hart.pc);
  }
}
