import type { HartClock } from './hart-state';
import type { Steps } from './steps';

/** What the counters of a hart count: its steps, without the one at hand. */
export class StepClock implements HartClock {
  readonly #steps: Steps;
  readonly #time: () => bigint;

  constructor(steps: Steps, time: () => bigint) {
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
    return this.#time();
  }
}
