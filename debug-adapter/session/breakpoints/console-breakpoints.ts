/**
 * Breakpoints that were set in the debug console. They live beside those of the client's views, in the same table, and the client hears
 * of them by `breakpoint` events.
 */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { parseBreakText } from '../../debugger/break-text';
import { resolveSpec } from '../../debugger/resolve';
import { badExpression, noSuchBreakpoint } from '../errors';
import type { EventSink } from '../protocol/dispatcher';
import type { Sources } from '../sources';
import type { SessionState } from '../state';
import type { BreakpointEntry, BreakpointKind, BreakpointTable } from './breakpoint-table';
import { toDap } from './to-dap';

const owner = 'console';
const mostBreakpoints = 1000;
/** Where those are removed that a client does not take back when it is told so. */
const keepers: Readonly<Partial<Record<BreakpointKind, string>>> = {
  'instruction breakpoint': 'the disassembly view',
  exception: 'an exception filter',
};

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
    return `${temporary ? 'Temporary breakpoint' : 'Breakpoint'} ${describe(entry)}`;
  }

  /** `delete N`, of whoever has set it; `delete` removes those of the console. */
  delete(text: string): string {
    if (text === '') {
      const all = this.table.of(owner);
      for (const { id } of all) this.remove(id);
      return all.length === 1 ? '1 breakpoint deleted.' : `${all.length} breakpoints deleted.`;
    }
    const entry = this.table.all().find(({ id }) => id === Number(text));
    if (!entry) throw noSuchBreakpoint(text);
    const home = keepers[entry.request.kind];
    if (home !== undefined) throw badExpression(`Breakpoint ${text} belongs to ${home}: remove it there.`);
    this.remove(entry.id);
    return `Breakpoint ${text} deleted.`;
  }

  /** `info breakpoints`. */
  list(): string {
    const entries = this.table.all();
    if (entries.length === 0) return 'There are no breakpoints.';
    return entries
      .map((entry) => {
        const hits = entry.rule?.hits ?? 0;
        return [
          describe(entry),
          ...(this.temporary.has(entry.id) ? ['temporary'] : []),
          ...(hits === 0 ? [] : [`hit ${hits === 1 ? 'once' : `${hits} times`}`]),
        ].join(', ');
      })
      .join('\n');
  }

  /** The machine has stopped at these: temporary ones have done their work. */
  stopped(hit: readonly number[]): void {
    for (const id of hit) if (this.temporary.has(id)) this.remove(id);
  }

  /** Those that the client shows in a source, by what it was told of them. */
  shownIn(path: string): readonly Dap.Breakpoint[] {
    return [...this.shown.values()].filter(({ source }) => source?.path === path);
  }

  /** The user has removed them where the client shows them. */
  forget(ids: readonly number[]): void {
    for (const id of ids) this.drop(id);
  }

  private remove(id: number): void {
    this.drop(id);
    this.events.event('breakpoint', { reason: 'removed', breakpoint: { id, verified: false } });
  }

  private drop(id: number): void {
    this.temporary.delete(id);
    this.shown.delete(id);
    this.table.remove(id);
  }
}

/** `3: handle_exception at 0x… if a0 == 2`. */
function describe({ id, request, resolution }: BreakpointEntry): string {
  const what =
    resolution.kind === 'resolved' ? resolution.description : `${request.place}: ${resolution.reason}`;
  const { condition, hitCondition, logMessage } = request;
  return [
    `${id}: ${what}`,
    ...(condition === undefined ? [] : [`if ${condition}`]),
    ...(hitCondition === undefined ? [] : [`at hits ${hitCondition}`]),
    ...(logMessage === undefined ? [] : [`writes ${JSON.stringify(logMessage)}`]),
  ].join(' ');
}
