import { TICKS_PER_SECOND } from './target';

/**
 * Keeps an idle guest near real time. Virtual time jumps over WFI, so a kernel that idles on a periodic tick would run
 * through hours of ticks at the host's full speed. The guest may be ahead of real time by a credit (boot delays and short
 * sleeps stay free); beyond it the run loop sleeps. Whatever shows that somebody works (console output or input, a busy
 * guest) gives a new credit. A busy guest is never slowed down, and nothing the guest can observe changes.
 */
export class IdlePacer {
  static readonly #ticksPerMillisecond = TICKS_PER_SECOND / 1000;
  static readonly #creditMilliseconds = 1_000;
  /** A busy machine does 20 instructions a tick (emulator/clock.ts): a guest is idle that fills less than a tenth of it. */
  static readonly #idleInstructionsPerTick = 2;
  /** An idle guest runs in chunks so small that they end within one tick of a usual kernel (1 to 10 ms). */
  static readonly #idleChunk = 5_000;

  #start: { readonly time: number; readonly now: number } | undefined;
  #idle = false;

  /** Somebody uses the guest. */
  restart(): void {
    this.#start = undefined;
    this.#idle = false;
  }

  /** At most so many instructions in the next chunk. */
  limit(chunk: number): number {
    return this.#idle ? Math.min(chunk, IdlePacer.#idleChunk) : chunk;
  }

  /**
   * After a chunk of `instructions` that moved virtual time from `before` to `after` (ticks), at real time `now` (ms):
   * how many milliseconds to sleep.
   */
  sleepAfter(instructions: number, before: number, after: number, now: number): number {
    this.#idle = instructions < (after - before) * IdlePacer.#idleInstructionsPerTick;
    if (!this.#idle) {
      this.#start = undefined;
      return 0;
    }
    this.#start ??= { time: before, now };
    const virtual = (after - this.#start.time) / IdlePacer.#ticksPerMillisecond;
    const ahead = virtual - (now - this.#start.now) - IdlePacer.#creditMilliseconds;
    return Math.max(0, ahead);
  }
}
