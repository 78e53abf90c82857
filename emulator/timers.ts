import type { Clock } from './clock';
import { InterruptLine, type HartControl } from './core/api';
import type { Clint } from './devices/clint';

/** All ones: no deadline. */
const NEVER = (1n << 64n) - 1n;

/** Something that happens once at a time of its own. */
interface Alarm {
  /** Ticks since power-on; `undefined` if it is not set. */
  readonly alarmTicks: number | undefined;
  /** The time has come: the alarm is not set any more. */
  ring(): void;
}

/**
 * Compares time with the deadlines of all harts (CLINT `mtimecmp`, Sstc `stimecmp`, and those of the built-in firmware for harts
 * without Sstc) and of the real-time clock, drives the timer lines, and knows when the next one is due.
 */
export class Timers {
  private readonly harts: readonly HartControl[];
  private readonly clock: Clock;
  private readonly clint: Clint;
  private readonly alarm: Alarm;
  /** Lines as the harts know them; a line is only touched when it changes, because M-mode may set STIP itself. */
  private readonly high: { machine: boolean; supervisor: boolean }[];
  /** By hart: what the built-in firmware was asked for. */
  private readonly deadlines: (bigint | undefined)[];
  private stale = true;
  private due = Infinity;

  constructor(harts: readonly HartControl[], clock: Clock, clint: Clint, alarm: Alarm) {
    this.harts = harts;
    this.clock = clock;
    this.clint = clint;
    this.alarm = alarm;
    this.deadlines = harts.map(() => undefined);
    this.high = harts.map(() => ({ machine: false, supervisor: false }));
  }

  /** The time from which on the firmware wants the supervisor timer interrupt to pend on a hart that does not see to that itself. */
  setDeadline(hart: number, deadline: bigint | undefined): void {
    this.deadlines[hart] = deadline === NEVER ? undefined : deadline;
    this.changed();
  }

  state(): readonly bigint[] {
    return this.deadlines.map((deadline) => deadline ?? NEVER);
  }

  /** A deadline or the time was written. */
  changed(): void {
    this.stale = true;
  }

  /** Steps from now until a line will rise; `Infinity` if nothing is due. At least 1 after {@link update}. */
  stepsUntilDue(): number {
    return this.clock.stepsUntil(this.due);
  }

  /** With no hart running, lets the time pass until a line rises. False if none ever will. */
  skipToNext(): boolean {
    if (this.due === Infinity) return false;
    this.clock.jumpTo(this.due);
    return true;
  }

  /** Brings the lines up to date with the clock. */
  update(): void {
    if (!this.stale && this.clock.ticks < this.due) return;
    this.stale = false;
    this.due = this.alarm.alarmTicks ?? Infinity;
    if (this.due <= this.clock.ticks) {
      this.due = Infinity;
      this.alarm.ring();
    }
    this.harts.forEach((hart, index) => {
      const high = this.high[index]!;
      const machine = this.reached(this.clint.mtimecmp[index]);
      if (machine !== high.machine) hart.setInterruptLine(InterruptLine.machineTimer, machine);
      const supervisor = this.reached(hart.stimecmp ?? this.deadlines[index]);
      if (supervisor !== high.supervisor) hart.setInterruptLine(InterruptLine.supervisorTimer, supervisor);
      this.high[index] = { machine, supervisor };
    });
  }

  private reached(deadline: bigint | undefined): boolean {
    if (deadline === undefined) return false;
    const ticks = this.clock.ticksAt(deadline);
    if (ticks <= this.clock.ticks) return true;
    this.due = Math.min(this.due, ticks);
    return false;
  }
}
