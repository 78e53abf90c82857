/**
 * `condition`, `ignore`, `enable` and `disable` of the debug console: they change breakpoints of all kinds, whoever has set them, and the client is told.
 * It sends its own requests as before, and may take a breakpoint out and set it anew: then it is what the client says again.
 */
import { badExpression } from '../errors';
import type { EventSink } from '../protocol/dispatcher';
import type { Sources } from '../sources';
import type { SessionState } from '../state';
import { keepers } from './breakpoint-list';
import { breakpointRow, watchRow } from './breakpoint-rows';
import type { BreakpointEntry, BreakpointTable } from './breakpoint-table';
import type { ConsoleBreakpoints } from './console-breakpoints';
import { toDap as watchToDap } from './data-breakpoints';
import { numbersNamed } from './numbers';
import { toDap } from './to-dap';
import type { WatchEntry, WatchTable } from './watch-table';

interface ChangeParts {
  readonly state: SessionState;
  readonly sources: Sources;
  readonly table: BreakpointTable;
  readonly watches: WatchTable;
  readonly ofConsole: ConsoleBreakpoints;
  readonly events: EventSink;
}

type Entry =
  | { readonly kind: 'code'; readonly entry: BreakpointEntry }
  | { readonly kind: 'data'; readonly entry: WatchEntry };

export class BreakpointChanges {
  private readonly parts: ChangeParts;

  constructor(parts: ChangeParts) {
    this.parts = parts;
  }

  /** `condition N [EXPR]`. Throws for an expression that makes no sense, and leaves the breakpoint as it was. */
  async setCondition(number: string, condition: string | undefined): Promise<string> {
    const one = this.ownNumbered(number);
    const problem =
      one.kind === 'code'
        ? await this.parts.table.setCondition(one.entry, condition)
        : await this.parts.watches.setCondition(one.entry, condition);
    if (problem !== undefined) throw badExpression(problem);
    await this.tell(one);
    const row = one.kind === 'code' ? breakpointRow(one.entry) : watchRow(one.entry);
    return `Breakpoint ${row.id}: ${row.text}`;
  }

  /** `ignore N COUNT`; 0 takes back what is left. */
  ignore(number: string, count: number): string {
    const { settings, id } = this.ownNumbered(number).entry;
    settings.ignored = count;
    if (count === 0) return `Breakpoint ${id} stops the next time that it is hit.`;
    return `Breakpoint ${id} ignores the next ${count === 1 ? 'hit' : `${count} hits`}.`;
  }

  /** `enable [N…]`, `disable [N…]`: all that can be, without numbers. */
  async setEnabled(numbers: string, isEnabled: boolean): Promise<string> {
    const all = this.all();
    const named = numbers === '' ? all : this.numbered(numbers);
    const kept = named.filter((one) => keeperOf(one) !== undefined);
    if (numbers !== '' && kept[0]) throw elsewhere(kept[0]);
    const own = named.filter((one) => keeperOf(one) === undefined);
    const changed = own.filter(({ entry }) => entry.settings.isEnabled !== isEnabled);
    for (const { entry } of changed) entry.settings.isEnabled = isEnabled;
    this.parts.table.rearm();
    this.parts.watches.rearm();
    for (const one of changed) await this.tell(one);
    return [
      ...(own.length > 0 || kept.length === 0 ? [describe(own, isEnabled)] : []),
      ...[...new Set(kept.map(keeperOf))].map((home) => `Those of ${home} are switched there.`),
    ].join(' ');
  }

  private all(): readonly Entry[] {
    const { table, watches } = this.parts;
    return [
      ...table.all().map((entry) => ({ kind: 'code' as const, entry })),
      ...watches.all.map((entry) => ({ kind: 'data' as const, entry })),
    ];
  }

  private numbered(text: string): readonly Entry[] {
    const all = this.all();
    const ids = numbersNamed(
      text,
      all.map(({ entry }) => entry.id),
    );
    return all.filter(({ entry }) => ids.includes(entry.id));
  }

  /** One whose rule can be changed here: that of an exception filter is the filter's. */
  private ownNumbered(number: string): Entry {
    const one = this.numbered(number)[0]!;
    if (one.kind === 'code' && one.entry.request.kind === 'exception') throw elsewhere(one);
    return one;
  }

  private async tell(one: Entry): Promise<void> {
    const { state, sources, ofConsole, events } = this.parts;
    const breakpoint = one.kind === 'code' ? await toDap(one.entry, state, sources) : watchToDap(one.entry);
    ofConsole.changed({ ...breakpoint, id: one.entry.id });
    events.event('breakpoint', { reason: 'changed', breakpoint });
  }
}

function keeperOf(one: Entry): string | undefined {
  return one.kind === 'code' ? keepers[one.entry.request.kind] : undefined;
}

function elsewhere(one: Entry): Error {
  return badExpression(`Breakpoint ${one.entry.id} belongs to ${keeperOf(one)!}: change it there.`);
}

function describe(entries: readonly Entry[], isEnabled: boolean): string {
  const state = isEnabled ? 'enabled' : 'disabled';
  if (entries.length === 1) return `Breakpoint ${entries[0]!.entry.id} is ${state}.`;
  return entries.length === 0 ? 'There are no breakpoints.' : `${entries.length} breakpoints are ${state}.`;
}
