/** The guest's console: bytes that it writes become events, text from the client becomes bytes that it reads. */
import type { Target } from '../../target/target';
import { consoleOutputEvent, type ConsoleOutputBody } from '../protocol/custom';
import type { ConsoleKind } from '../run/launch-arguments';
import type { EventSink } from '../protocol/dispatcher';

export class GuestConsole {
  private readonly target: Target;
  private readonly events: EventSink;
  private readonly kind: ConsoleKind;
  /** Keeps the first bytes of a character until the rest is written. */
  private readonly decoder = new TextDecoder();
  private text = '';
  private readonly beforeWrite: () => void;

  /** @param beforeWrite sends what else is to stand before text that the guest writes now */
  constructor(
    target: Target,
    kind: ConsoleKind,
    events: EventSink,
    beforeWrite: () => void = () => undefined,
  ) {
    this.target = target;
    this.kind = kind;
    this.beforeWrite = beforeWrite;
    this.events = events;
    target.onConsoleOutput = (bytes) => this.write(bytes);
  }

  send(text: string): void {
    this.target.sendConsoleInput(new TextEncoder().encode(text));
  }

  /** Sends what is written so far; half a character too once the machine has stopped for good. */
  flush(options: { readonly final?: boolean } = {}): void {
    if (options.final === true) this.text += this.decoder.decode();
    const text = this.text;
    this.text = '';
    if (text === '') return;
    if (this.kind === 'integratedTerminal') {
      this.events.event(consoleOutputEvent, { data: text } satisfies ConsoleOutputBody);
    } else {
      this.events.event('output', { category: 'stdout', output: text });
    }
  }

  /** A guest writes byte by byte: what it writes in one slice of its run becomes one event. */
  private write(bytes: Uint8Array): void {
    if (this.text === '') {
      this.beforeWrite();
      queueMicrotask(() => this.flush());
    }
    this.text += this.decoder.decode(bytes, { stream: true });
  }
}
