/** A client of the Debug Adapter Protocol for tests, over any pair of streams: requests as promises, events in order. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Arguments, Body, Command } from '../../debug-adapter/session/protocol/requests';
import { createSession, type SessionOptions } from '../../debug-adapter/session/session';

const separator = '\r\n\r\n';

/** A request that the adapter answered with an error. */
export class RequestFailed extends Error {
  readonly error: Dap.Message;

  constructor(error: Dap.Message) {
    super(error.format);
    this.error = error;
  }
}

export class DapClient {
  /** Every event, in the order of arrival. */
  readonly events: Dap.Event[] = [];
  readonly #output: Writable;
  readonly #close: () => void;
  readonly #pending = new Map<number, (response: Dap.Response) => void>();
  #waiting: (() => void)[] = [];
  #read = 0;
  #sequence = 1;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(input: Readable, output: Writable, close: () => void = () => undefined) {
    this.#output = output;
    this.#close = close;
    input.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  /** A session in this process. */
  static inProcess(options: SessionOptions = {}): DapClient {
    const toAdapter = new PassThrough();
    const toClient = new PassThrough();
    const session = createSession(createNodeFiles(), { pace: false, ...options, server: true });
    session.start(toAdapter, toClient);
    return new DapClient(toClient, toAdapter, () => toAdapter.destroy());
  }

  /** A session in a process of its own: the built adapter on stdio. */
  static process(script: string): DapClient {
    const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    return new DapClient(child.stdout, child.stdin, () => child.kill());
  }

  /** Number of the request that was sent last. */
  get lastRequest(): number {
    return this.#sequence - 1;
  }

  /** Sends a request; rejects with `RequestFailed` if it is answered with an error. */
  async send<C extends Command>(command: C, args?: Arguments<C>): Promise<NonNullable<Body<C>>> {
    return (await this.sendRaw(command, args)) as NonNullable<Body<C>>;
  }

  /** For what the protocol's types do not allow. */
  async sendRaw(command: string, args?: unknown): Promise<unknown> {
    const seq = this.#sequence++;
    const answer = new Promise<Dap.Response>((resolve) => this.#pending.set(seq, resolve));
    const request = { seq, type: 'request', command, ...(args !== undefined && { arguments: args }) };
    const json = JSON.stringify(request);
    this.#output.write(`Content-Length: ${Buffer.byteLength(json)}${separator}${json}`);
    const response = await answer;
    assert.equal(response.command, command);
    if (response.success) return response.body as unknown;
    const { error } = (response.body ?? {}) as { readonly error?: Dap.Message };
    throw new RequestFailed(error ?? { id: 0, format: response.message ?? '' });
  }

  /** The error that a request is answered with. */
  async failure(command: string, args?: unknown): Promise<Dap.Message> {
    try {
      await this.sendRaw(command, args);
    } catch (error) {
      if (error instanceof RequestFailed) return error.error;
      throw error;
    }
    return assert.fail(`${command} was expected to fail`);
  }

  /** The next event of one of those names which was not taken yet; what comes before it is skipped. */
  async event(...names: readonly string[]): Promise<Dap.Event & { body: Record<string, unknown> }> {
    for (;;) {
      while (this.#read < this.events.length) {
        const event = this.events[this.#read++]!;
        if (names.includes(event.event)) return event as Dap.Event & { body: Record<string, unknown> };
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async stopped(): Promise<Dap.StoppedEvent['body']> {
    return (await this.event('stopped')).body as Dap.StoppedEvent['body'];
  }

  /** All that the guest or the adapter wrote, by category. */
  output(category: string): string {
    return this.events
      .filter((event) => event.event === 'output')
      .map((event) => event.body as Dap.OutputEvent['body'])
      .filter((body) => body.category === category)
      .map((body) => body.output)
      .join('');
  }

  /** `initialize`, `launch` and what the client configures, up to the machine's start. */
  async launch(
    args: Record<string, unknown>,
    configure: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<void> {
    await this.send('initialize', {
      adapterID: 'riscv-unwind',
      linesStartAt1: true,
      columnsStartAt1: true,
      supportsInvalidatedEvent: true,
      supportsProgressReporting: true,
    });
    await this.sendRaw('launch', args);
    await this.event('initialized');
    await configure();
    await this.send('configurationDone');
  }

  close(): void {
    this.#close();
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const headerEnd = this.#buffer.indexOf(separator);
      if (headerEnd < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.#buffer.toString('utf8', 0, headerEnd))![1]);
      const start = headerEnd + separator.length;
      if (this.#buffer.length < start + length) return;
      const message = JSON.parse(this.#buffer.toString('utf8', start, start + length)) as Dap.ProtocolMessage;
      this.#buffer = this.#buffer.subarray(start + length);
      this.#take(message);
    }
  }

  #take(message: Dap.ProtocolMessage): void {
    if (message.type === 'response') {
      const response = message as Dap.Response;
      this.#pending.get(response.request_seq)?.(response);
      this.#pending.delete(response.request_seq);
    } else {
      this.events.push(message as Dap.Event);
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }
}
