/** What a client has been told and may send back: ids, references, addresses. A stop makes most of it stale, and clients send that, too. */

import type { DebugProtocol as Dap } from '@vscode/debugprotocol';

export type Kind =
  'thread' | 'frame' | 'variables' | 'memory' | 'source' | 'name' | 'line' | 'target' | 'data';

/** A client remembers so many of each kind; the oldest go first. */
const most = 200;
/** Of what a stop has told, most requests are about so many. */
const recent = 24;

export class Seen {
  readonly #values = new Map<Kind, unknown[]>();
  readonly #sources = new Map<string, Dap.Source>();

  add(kind: Kind, ...values: readonly unknown[]): void {
    const known = this.#values.get(kind) ?? [];
    known.push(...values.filter((value) => value !== undefined && value !== 0));
    this.#values.set(kind, known.slice(-most));
  }

  /** The machine went on: of what belonged to the stop a client drops most. */
  resumed(): void {
    for (const kind of ['frame', 'variables'] as const)
      this.#values.set(kind, (this.#values.get(kind) ?? []).slice(-1));
  }

  /** The one that a number stands for, mostly one of the last; `otherwise` if nothing is known yet. */
  pick<T>(kind: Kind, number: number, otherwise: T): T {
    const known = this.#values.get(kind);
    if (known === undefined || known.length === 0) return otherwise;
    const choice = number % 10 === 0 ? known : known.slice(-recent);
    return choice[number % choice.length] as T;
  }

  /** Each source that a breakpoint may have been set in. */
  get sources(): readonly Dap.Source[] {
    return [...this.#sources.values()];
  }

  /** Notes what an answer tells, wherever in it that is. Bounded by the answer's size. */
  learn(body: unknown): void {
    if (Array.isArray(body)) for (const item of body) this.learn(item);
    else if (typeof body === 'object' && body !== null) {
      for (const [key, value] of Object.entries(body)) this.#learn(key, value, body);
    }
  }

  #learn(key: string, value: unknown, from: object): void {
    switch (key) {
      case 'threads':
        this.add('thread', ...(value as { id: number }[]).map(({ id }) => id));
        break;
      case 'stackFrames':
        this.add('frame', ...(value as { id: number }[]).map(({ id }) => id));
        break;
      case 'targets':
        this.add('target', ...(value as { id: number }[]).map(({ id }) => id));
        break;
      case 'variablesReference':
        this.add('variables', value);
        if ('name' in from) this.add('name', from.name);
        break;
      case 'memoryReference':
      case 'instructionPointerReference':
      case 'instructionReference':
        this.add('memory', value);
        break;
      case 'sourceReference':
        this.add('source', value);
        break;
      case 'dataId':
        this.add('data', value ?? undefined);
        break;
      case 'line':
        if ('source' in from) this.#addLine(from.source as Dap.Source, value);
        break;
      default:
    }
    this.learn(value);
  }

  #addLine(source: Dap.Source, line: unknown): void {
    this.add('line', { source, line });
    this.#sources.set(JSON.stringify(source), source);
  }
}
