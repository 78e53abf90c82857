/**
 * Requests in, responses out. Requests are answered one after another in the order in which they came, so that a handler
 * never sees state that another one has half changed; those that must reach a busy session pass the queue.
 */
import { Response } from '@vscode/debugadapter';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { errorMessage, notAnswered, sessionEnded, unknownCommand } from '../errors';
import { checkArguments } from './arguments';
import type { Deadlines } from './deadline';
import type { Command, Handlers } from './requests';

/** Sends events. What the request families get to see of the connection. */
export interface EventSink {
  /** Events sent while a request is being answered arrive before its response. */
  event(name: string, body?: object): void;
  /**
   * Does something once the response to the request at hand is sent; at once when none is being answered. A step's
   * `stopped` must not overtake the response to the step.
   */
  afterResponse(action: () => void): void;
}

/** These are answered at once: a launch that reads a large file must not keep the user from stopping it. */
const urgent: ReadonlySet<string> = new Set<Command>(['cancel', 'pause', 'terminate', 'disconnect']);

export class Dispatcher {
  private readonly send: (response: Dap.Response) => void;
  private readonly handlers: Handlers;
  private readonly onDefect: (error: unknown) => void;
  private readonly deadlines: Deadlines;
  private queue: Promise<void> = Promise.resolve();
  /** Sequence numbers of the requests that wait for their turn; `false` for those that are not wanted any more. */
  private readonly waiting = new Map<number, boolean>();
  /** That of the request in turn. */
  private current: number | undefined;
  private answering = 0;
  private deferred: (() => void)[] = [];

  /** `onDefect` is told of what is thrown where no request is there to fail. */
  constructor(
    handlers: Handlers,
    send: (response: Dap.Response) => void,
    onDefect: (error: unknown) => void,
    deadlines: Deadlines,
  ) {
    this.deadlines = deadlines;
    this.handlers = handlers;
    this.onDefect = onDefect;
    this.send = send;
  }

  /** Resolves when the response is sent; never rejects. */
  dispatch(request: Dap.Request): Promise<void> {
    if (urgent.has(request.command)) return this.answer(request);
    this.waiting.set(request.seq, true);
    this.queue = this.queue.then(() => this.take(request));
    return this.queue;
  }

  /** Does something that no client has asked for, when the requests before it are answered and before those that come. */
  inTurn(action: () => Promise<void>): void {
    this.queue = this.queue.then(async () => {
      this.answering++;
      try {
        await action();
      } catch (error) {
        this.onDefect(error);
      }
      this.answered();
    });
  }

  /** Takes back a request that waits. True if it is the one at hand, whose work can only be cut short. */
  cancel(request: number): boolean {
    if (this.waiting.has(request)) this.waiting.set(request, false);
    return request === this.current;
  }

  /** Whatever is being answered fails: the session ends. */
  end(): void {
    this.deadlines.end(sessionEnded());
  }

  afterResponse(action: () => void): void {
    if (this.answering > 0) this.deferred.push(action);
    else this.perform(action);
  }

  private async take(request: Dap.Request): Promise<void> {
    const wanted = this.waiting.get(request.seq);
    this.waiting.delete(request.seq);
    if (wanted === false) {
      // As the protocol has it: a word for the client, which shows nothing.
      this.send(Object.assign(new Response(request), { success: false, message: 'cancelled' }));
      return;
    }
    this.current = request.seq;
    await this.answer(request);
    this.current = undefined;
  }

  private async answer(request: Dap.Request): Promise<void> {
    this.answering++;
    const response: Dap.Response = new Response(request);
    try {
      const work = this.handle(request);
      const isKept = work instanceof Promise && !urgent.has(request.command);
      const body: unknown = await (isKept
        ? this.deadlines.keep(work, () => notAnswered(request.command))
        : work);
      if (body !== undefined) response.body = body;
    } catch (error) {
      const message = errorMessage(request.command, error);
      response.success = false;
      response.message = message.format;
      response.body = { error: message };
    }
    this.send(response);
    this.answered();
  }

  private answered(): void {
    this.answering--;
    if (this.answering === 0) for (const action of this.deferred.splice(0)) this.perform(action);
  }

  private perform(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.onDefect(error);
    }
  }

  private handle(request: Dap.Request): unknown {
    const { command } = request;
    const args: unknown = request.arguments;
    if (!Object.hasOwn(this.handlers, command)) throw unknownCommand(command);
    const given = typeof args === 'object' && args !== null ? args : {};
    checkArguments(command as Command, given);
    const handler = this.handlers[command as Command] as (args: unknown) => unknown;
    return handler(given);
  }
}
