import type { Timebase } from '../clock';
import { STEPS_PER_TICK } from '../clock';
import type { HartClock } from './hart-state';
import type { Steps } from './steps';

/** What the counters of a hart count: its steps, without the one at hand. */
export class StepClock implements HartClock {
  readonly #steps: Steps;
  readonly #time: () => Timebase;

  constructor(steps: Steps, time: () => Timebase) {
    this.#steps = steps;
    this.#time = time;
  }

  get inProgress(): number {
    return this.#steps.running ? 1 : 0;
  }

  get steps(): number {
    return this.#steps.count - this.inProgress;
  }

  get retired(): number {
    return this.#steps.count - this.#steps.traps - this.inProgress;
  }

  get time(): bigint {
    const { ticks, offset, steps } = this.#time();
    return BigInt.asUintN(64, offset + BigInt(ticks + Math.floor(steps / STEPS_PER_TICK)));
  }
}
