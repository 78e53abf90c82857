/** Long work of a session: in pieces between turns of the event loop, with a progress display, until it is done or cancelled. */
import { Cancelled } from '../../debugger/api';
import type { Steps } from '../../symbols/steps';
import { hostScheduler, type Scheduler } from '../../target/scheduler';
import type { EventSink } from '../protocol/dispatcher';
import type { SessionState } from '../state';
import { Progress } from './progress';

/** Milliseconds between two looks at what else there is to do. What takes less gets no progress display. */
const slice = 8;

export class Jobs {
  private readonly state: SessionState;
  private readonly events: EventSink;
  private readonly scheduler: Scheduler;
  private readonly running = new Map<
    string,
    { readonly title: string; readonly controller: AbortController }
  >();
  private count = 0;

  constructor(state: SessionState, events: EventSink, scheduler: Scheduler = hostScheduler()) {
    this.state = state;
    this.events = events;
    this.scheduler = scheduler;
  }

  /**
   * Does something that takes long in its own way, with a display from the beginning.
   * @param work is told how to report what it does, and when to give up
   */
  async run<T>(
    title: string,
    work: (report: (message: string) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { id, controller } = this.begin(title);
    const progress = new Progress(this.state.client, this.events, id, title);
    try {
      const { signal } = controller;
      // Cancelled is cancelled, also where the work waits for what cannot be called off.
      const cancelled = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
      return await Promise.race([work((message) => progress.report({ message }), signal), cancelled]);
    } finally {
      progress.end();
      this.running.delete(id);
    }
  }

  /** @param within what the work is part of: it ends with that. */
  async perform<T>(title: string, steps: Steps<T>, within?: AbortSignal): Promise<T> {
    const { id, controller } = this.begin(title);
    let progress: Progress | undefined;
    try {
      for (;;) {
        const end = this.scheduler.now() + slice;
        let step = steps.next();
        while (!step.done && this.scheduler.now() < end) step = steps.next();
        if (step.done) return step.value;
        progress ??= new Progress(this.state.client, this.events, id, title);
        progress.report({ percentage: Math.floor(step.value * 100) });
        await this.scheduler.turn();
        controller.signal.throwIfAborted();
        within?.throwIfAborted();
      }
    } finally {
      progress?.end();
      this.running.delete(id);
    }
  }

  /** Whether something is at work that the client shows, or soon will. */
  get isBusy(): boolean {
    return this.running.size > 0;
  }

  /** Ends a job, or all of them: requests are answered one by one, so they are those of the request at hand. */
  cancel(id?: string): void {
    for (const [running, { title, controller }] of this.running) {
      if (id !== undefined && id !== running) continue;
      controller.abort(new Cancelled(`${title} was cancelled: ask for it again if you need it.`));
    }
  }

  private begin(title: string): { readonly id: string; readonly controller: AbortController } {
    const id = `job-${++this.count}`;
    const controller = new AbortController();
    this.running.set(id, { title, controller });
    return { id, controller };
  }
}
