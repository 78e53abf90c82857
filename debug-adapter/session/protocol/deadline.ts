/** The time that a request has: whatever it waits for, its client hears of it. */
import type { Scheduler } from '../../target/scheduler';

/** Milliseconds in which a request is answered that shows no progress. */
export const requestTime = 10_000;

export class Deadlines {
  private readonly scheduler: Scheduler;
  private readonly isBusy: () => boolean;
  private readonly time: number;
  private readonly open = new Set<(reason: Error) => void>();

  /** @param isBusy whether work goes on that is shown, and that the user can cancel: it may take as long as it likes */
  constructor(scheduler: Scheduler, isBusy: () => boolean, time = requestTime) {
    this.scheduler = scheduler;
    this.isBusy = isBusy;
    this.time = time;
  }

  /** As `work`, or rejects with `late()` when the time is over. The work itself goes on, and nobody waits for it. */
  async keep<T>(work: Promise<T>, late: () => Error): Promise<T> {
    let cancel = (): void => undefined;
    let giveUp: (reason: Error) => void = () => undefined;
    const over = new Promise<never>((_, reject) => {
      giveUp = reject;
      const wait = (): void => {
        cancel = this.scheduler.after(this.time, () => {
          if (this.isBusy()) wait();
          else reject(late());
        });
      };
      wait();
    });
    this.open.add(giveUp);
    try {
      return await Promise.race([work, over]);
    } finally {
      cancel();
      this.open.delete(giveUp);
    }
  }

  /** All that is waited for is over now. */
  end(reason: Error): void {
    for (const giveUp of this.open) giveUp(reason);
  }
}
