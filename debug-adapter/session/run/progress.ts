/** A progress display in the client, if it has one. Its `cancel` request ends the work. */
import type { Client } from '../client';
import type { EventSink } from '../protocol/dispatcher';

export class Progress {
  private readonly events: EventSink | undefined;
  private readonly progressId: string;

  /** `progressId` is used once in a session. */
  constructor(client: Client, events: EventSink, progressId: string, title: string) {
    this.progressId = progressId;
    this.events = client.supportsProgress ? events : undefined;
    this.events?.event('progressStart', { progressId: this.progressId, title, cancellable: true });
  }

  report(update: { readonly message?: string; readonly percentage?: number }): void {
    this.events?.event('progressUpdate', { progressId: this.progressId, ...update });
  }

  end(): void {
    this.events?.event('progressEnd', { progressId: this.progressId });
  }
}
