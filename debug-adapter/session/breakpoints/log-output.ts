/**
 * What log points write, on its way to the client: gathered for a moment, so that a log point that is hit all the time is a few
 * events with many lines, and bounded, as no client can show what a machine can write.
 */
import type { Resolution } from '../../debugger/api';
import { hostScheduler, type Scheduler } from '../../target/scheduler';
import type { EventSink } from '../protocol/dispatcher';
import type { Sources } from '../sources';
import type { SessionState } from '../state';

/** Milliseconds for which messages are gathered. */
const moment = 50;
/** What a client gets in a moment: 10,000 messages a second. The rest is counted instead of written. */
const mostMessages = 500;
const mostCharacters = 256 * 1024;

/** Messages of one place that follow each other. */
interface Batch {
  readonly from: Resolution;
  text: string;
}

export class LogOutput {
  private readonly state: SessionState;
  private readonly sources: Sources;
  private readonly events: EventSink;
  private readonly scheduler: Scheduler;
  private batches: Batch[] = [];
  /** In the moment at hand. */
  private messages = 0;
  private characters = 0;
  private leftOut = 0;
  private waiting = false;

  constructor(
    state: SessionState,
    sources: Sources,
    events: EventSink,
    scheduler: Scheduler = hostScheduler(),
  ) {
    this.state = state;
    this.sources = sources;
    this.events = events;
    this.scheduler = scheduler;
  }

  /** @param text is called for a message that will be shown; the others cost nothing */
  write(text: () => string, from: Resolution): void {
    this.begin();
    if (this.messages >= mostMessages || this.characters >= mostCharacters) {
      this.leftOut++;
      return;
    }
    // What the guest has written before it was hit stands before it.
    if (this.state.isLoaded) this.state.loaded.console.flush();
    const line = `${text()}\n`;
    this.messages++;
    this.characters += line.length;
    const last = this.batches.at(-1);
    if (last?.from === from) last.text += line;
    else this.batches.push({ from, text: line });
  }

  /** Sends what is written so far: the moment is over, or something else is to stand behind it. */
  flush(): void {
    const batches = this.batches;
    this.batches = [];
    for (const { from, text } of batches) {
      this.events.event('output', { category: 'console', output: text, ...this.place(from) });
    }
  }

  /** As `flush`, and says what was left out: the machine stands. */
  end(): void {
    this.flush();
    if (this.leftOut > 0) {
      const messages = this.leftOut === 1 ? '1 message' : `${this.leftOut.toLocaleString('en')} messages`;
      const output = `${messages} of log points left out here: they came faster than they can be shown. A condition or a hit count makes them fewer.\n`;
      this.events.event('output', { category: 'console', output });
    }
    this.messages = 0;
    this.characters = 0;
    this.leftOut = 0;
  }

  private begin(): void {
    if (this.waiting) return;
    this.waiting = true;
    this.scheduler.after(moment, () => {
      this.waiting = false;
      this.end();
    });
  }

  private place(from: Resolution): object {
    if (from.kind === 'unresolved' || !from.source) return {};
    const source = this.sources.known(from.source.file);
    return source ? { source, line: this.state.client.lineOut(from.source.line) } : {};
  }
}
