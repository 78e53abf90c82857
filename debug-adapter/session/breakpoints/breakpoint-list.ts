/** Breakpoints of all kinds under one numbering: `info breakpoints`, `info watchpoints` and `delete` of the debug console. */
import { badExpression } from '../errors';
import type { EventSink } from '../protocol/dispatcher';
import { breakpointLines, breakpointRow, watchRow } from './breakpoint-rows';
import type { BreakpointKind, BreakpointTable } from './breakpoint-table';
import type { ConsoleBreakpoints } from './console-breakpoints';
import { numbersNamed } from './numbers';
import type { WatchTable } from './watch-table';

/** Where those are removed and switched whose client does not take it in when it is told so. */
export const keepers: Readonly<Partial<Record<BreakpointKind, string>>> = {
  'instruction breakpoint': 'the disassembly view',
  exception: 'an exception filter',
};

export class BreakpointList {
  private readonly table: BreakpointTable;
  private readonly watches: WatchTable;
  private readonly ofConsole: ConsoleBreakpoints;
  private readonly events: EventSink;

  constructor(table: BreakpointTable, watches: WatchTable, ofConsole: ConsoleBreakpoints, events: EventSink) {
    this.table = table;
    this.watches = watches;
    this.ofConsole = ofConsole;
    this.events = events;
  }

  /** `info breakpoints`: in the order in which they were set. */
  all(): string {
    const rows = [
      ...this.table.all().map((entry) => breakpointRow(entry, this.ofConsole.isTemporary(entry.id))),
      ...this.watches.all.map(watchRow),
    ].sort((a, b) => a.id - b.id);
    return rows.length === 0 ? 'There are no breakpoints.' : breakpointLines(rows);
  }

  /** `info watchpoints`. */
  ofData(): string {
    const rows = this.watches.all.map(watchRow).sort((a, b) => a.id - b.id);
    return rows.length === 0
      ? "Nothing is watched. 'watch EXPR' watches a variable or an address."
      : breakpointLines(rows);
  }

  /** `delete 1 3-5`, of whoever has set it; `delete` removes those of the console. */
  delete(text: string): string {
    if (text === '') {
      const watches = this.watches.all.filter(({ owner }) => owner === 'console');
      const ids = [...this.ofConsole.ids, ...watches.map(({ id }) => id)];
      for (const id of ids) this.remove(id);
      return ids.length === 1 ? '1 breakpoint deleted.' : `${ids.length} breakpoints deleted.`;
    }
    const entries = this.table.all();
    const ids = numbersNamed(
      text,
      [...entries, ...this.watches.all].map(({ id }) => id),
    );
    for (const { id, request } of entries) {
      const home = ids.includes(id) ? keepers[request.kind] : undefined;
      if (home !== undefined) throw badExpression(`Breakpoint ${id} belongs to ${home}: remove it there.`);
    }
    for (const id of ids) this.remove(id);
    return ids.length === 1 ? `Breakpoint ${ids[0]} deleted.` : `${ids.length} breakpoints deleted.`;
  }

  private remove(id: number): void {
    if (this.watches.remove(id)) {
      this.events.event('breakpoint', { reason: 'removed', breakpoint: { id, verified: false } });
    } else this.ofConsole.remove(id);
  }
}
