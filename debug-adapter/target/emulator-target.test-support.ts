/** The emulator's target over a machine of a script, with a clock that stands. */
import { architecture } from './architecture';
import { EmulatorTarget, type EmulatorTargetOptions } from './emulator-target';
import { FakeMachine, type Script } from './fake-machine.test-support';
import type { Scheduler } from './scheduler';

/** A clock that only moves when it is told to, and turns that are microtasks. */
export class ManualScheduler implements Scheduler {
  time = 0;
  readonly sleeps: number[] = [];
  readonly #wakers: (() => void)[] = [];

  now(): number {
    return this.time;
  }

  turn(): Promise<void> {
    return Promise.resolve();
  }

  after(milliseconds: number, wake: () => void): () => void {
    this.sleeps.push(milliseconds);
    this.#wakers.push(wake);
    return () => undefined;
  }

  wake(): void {
    for (const wake of this.#wakers.splice(0)) wake();
  }
}

/** Uses up each budget; a million instructions take 4 ms. */
export function busy(scheduler: ManualScheduler): Script {
  return ({ budget }, machine) => {
    machine.instructions += budget;
    machine.time += budget / 20;
    scheduler.time += budget / 250_000;
    return { kind: 'budget' };
  };
}

export function build(script: Script | 'busy', options: EmulatorTargetOptions = {}, harts = 1) {
  const scheduler = new ManualScheduler();
  const machine = new FakeMachine(script === 'busy' ? busy(scheduler) : script, harts);
  const target = new EmulatorTarget(machine, architecture, { scheduler, ...options });
  return { scheduler, machine, target };
}

export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}
