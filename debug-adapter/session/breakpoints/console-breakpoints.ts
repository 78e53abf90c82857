/**
 * Breakpoints that were set in the debug console. They live beside those of the client's views, in the same table, and the client hears
 * of them by `breakpoint` events.
 */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { parseBreakText } from '../../debugger/break-text';
import { resolveSpec } from '../../debugger/resolve';
import { badExpression } from '../errors';
import type { EventSink } from '../protocol/dispatcher';
import type { Sources } from '../sources';
import type { SessionState } from '../state';
import { breakpointRow } from './breakpoint-rows';
import type { BreakpointTable } from './breakpoint-table';
import { toDap } from './to-dap';

const owner = 'console';
const mostBreakpoints = 1000;

export class ConsoleBreakpoints {
  private readonly table: BreakpointTable;
  private readonly state: SessionState;
  private readonly sources: Sources;
  private readonly events: EventSink;
  private readonly temporary = new Set<number>();
  /** What the client was told of those that it can show in a source. */
  private readonly shown = new Map<number, Dap.Breakpoint>();

  constructor(table: BreakpointTable, state: SessionState, sources: Sources, events: EventSink) {
    this.table = table;
    this.state = state;
    this.sources = sources;
    this.events = events;
  }

  /** `break TEXT` and `tbreak TEXT`. Throws where there is no such place. */
  async add(text: string, temporary: boolean): Promise<string> {
    const { spec, condition } = parseBreakText(text);
    const others = this.table.of(owner);
    if (others.length >= mostBreakpoints) throw badExpression('There are too many breakpoints: delete some.');
    const entries = await this.table.replace(owner, [
      ...others.map(({ request }) => request),
      {
        kind: 'function breakpoint',
        place: spec,
        resolve: (debuggee) => resolveSpec(debuggee, spec),
        condition,
      },
    ]);
    const entry = entries.at(-1)!;
    if (entry.resolution.kind === 'unresolved') {
      const { reason } = entry.resolution;
      this.drop(entry.id);
      throw badExpression(reason);
    }
    if (temporary) this.temporary.add(entry.id);
    const breakpoint = await toDap(entry, this.state, this.sources);
    if (breakpoint.source?.path !== undefined) this.shown.set(entry.id, breakpoint);
    this.events.event('breakpoint', { reason: 'new', breakpoint });
    return `${temporary ? 'Temporary breakpoint' : 'Breakpoint'} ${entry.id}: ${breakpointRow(entry).text}`;
  }

  get ids(): readonly number[] {
    return this.table.of(owner).map(({ id }) => id);
  }

  isTemporary(id: number): boolean {
    return this.temporary.has(id);
  }

  /** The machine has stopped at these: temporary ones have done their work. */
  stopped(hit: readonly number[]): void {
    for (const id of hit) if (this.temporary.has(id)) this.remove(id);
  }

  /** Those that the client shows in a source, by what it was told of them. */
  shownIn(path: string): readonly Dap.Breakpoint[] {
    return [...this.shown.values()].filter(({ source }) => source?.path === path);
  }

  /** What the client is told of one now, if it is one of these. */
  changed(breakpoint: Dap.Breakpoint & { readonly id: number }): void {
    if (this.shown.has(breakpoint.id)) this.shown.set(breakpoint.id, breakpoint);
  }

  /** The user has removed them where the client shows them. */
  forget(ids: readonly number[]): void {
    for (const id of ids) this.drop(id);
  }

  /** Whoever has set it; the client is told. */
  remove(id: number): void {
    this.drop(id);
    this.events.event('breakpoint', { reason: 'removed', breakpoint: { id, verified: false } });
  }

  private drop(id: number): void {
    this.temporary.delete(id);
    this.shown.delete(id);
    this.table.remove(id);
  }
}
