/**
 * Virtual time. It advances with the steps of all harts together, as QEMU does under `-icount`: harts share one stream
 * of time, so their `time` CSRs never disagree (Zicntr asks for one tick).
 */

/**
 * Steps for one tick of the 10 MHz timebase: 200 million in a second of virtual time. That is about what the interpreter does in a
 * second of real time, so a guest that is busy sees time pass as its user does: a loop that waits for a millisecond takes one.
 */
export const STEPS_PER_TICK = 20;

/** A time in parts: whole ticks, and steps from there on, one tick for every {@link STEPS_PER_TICK} of them. */
export interface Timebase {
  readonly ticks: number;
  /** Added to the ticks, modulo 2^64. */
  readonly offset: bigint;
  /** Below 2^31. */
  readonly steps: number;
}

/** Deadlines further away than this (over ten years) never come; it keeps tick counts exact in a double. */
const FOREVER = 2n ** 52n;

export class Clock {
  /** Whole ticks since power-on; not what `time` reads once a guest has written `mtime`. */
  ticks = 0;
  /** Steps since the last whole tick, below {@link STEPS_PER_TICK}. */
  private steps = 0;
  /** What a write to `mtime` added. */
  private offset = 0n;

  /** `mtime` when `ahead` more steps have passed. */
  mtime(ahead = 0): bigint {
    return BigInt.asUintN(64, this.offset + BigInt(this.uptime(ahead)));
  }

  /** The time as harts see it when `ahead` more steps have passed. */
  timebase(ahead: number): Timebase {
    return { ticks: this.ticks, offset: this.offset, steps: this.steps + ahead };
  }

  /** Ticks since power-on when `ahead` more steps have passed; writes to `mtime` do not change it. */
  uptime(ahead = 0): number {
    return this.ticks + Math.floor((this.steps + ahead) / STEPS_PER_TICK);
  }

  setMtime(value: bigint, ahead = 0): void {
    this.offset = 0n;
    this.offset = BigInt.asUintN(64, value - this.mtime(ahead));
  }

  advance(steps: number): void {
    const total = this.steps + steps;
    this.ticks += Math.floor(total / STEPS_PER_TICK);
    this.steps = total % STEPS_PER_TICK;
  }

  /** The value of `ticks` from which on `mtime >= deadline`; `Infinity` if that is beyond every horizon. */
  ticksAt(deadline: bigint): number {
    const wait = deadline - this.mtime();
    if (wait <= 0n) return this.ticks;
    return wait < FOREVER ? this.ticks + Number(wait) : Infinity;
  }

  stepsUntil(ticks: number): number {
    return (ticks - this.ticks) * STEPS_PER_TICK - this.steps;
  }

  /** Nobody runs: the time passes at once. */
  jumpTo(ticks: number): void {
    this.ticks = ticks;
    this.steps = 0;
  }

  state(): readonly (number | bigint)[] {
    return [this.ticks, this.steps, this.offset];
  }
}
