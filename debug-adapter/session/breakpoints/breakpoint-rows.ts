/** Breakpoints of all kinds, as the debug console writes them. */
import type { WatchPlace } from '../../debugger/watch-place';
import type { WatchedAccess } from '../../target/watchpoint';
import { hitOptionsOf, type BreakpointSettings } from './breakpoint-settings';
import type { BreakpointEntry, BreakpointKind } from './breakpoint-table';
import type { WatchEntry } from './watch-table';

interface BreakpointRow {
  readonly id: number;
  /** `function`, `data change`. */
  readonly type: string;
  /** Where it is, or why it is nowhere, and when it stops. */
  readonly text: string;
  readonly settings: BreakpointSettings;
}

const kinds: Readonly<Record<BreakpointKind, string>> = {
  breakpoint: 'line',
  'function breakpoint': 'function',
  'instruction breakpoint': 'instruction',
  exception: 'exception',
};

const watchTypes: Readonly<Record<WatchedAccess, string>> = {
  read: 'data read',
  write: 'data write',
  'read-write': 'data access',
  change: 'data change',
};

/** `handle_exception at 0x… if a0 == 2`. */
export function breakpointRow(entry: BreakpointEntry, isTemporary = false): BreakpointRow {
  const { id, request, resolution, settings } = entry;
  const where =
    resolution.kind === 'resolved'
      ? resolution.description
      : `${request.place}, not set: ${resolution.reason}`;
  return {
    id,
    type: isTemporary ? 'temporary' : kinds[request.kind],
    text: `${where}${when(entry)}`,
    settings,
  };
}

/** `last_pid (4 bytes) at physical 0x80… if $new == 2`. */
export function watchRow(entry: WatchEntry): BreakpointRow {
  const { id, request, resolution, settings } = entry;
  const what = describePlace(request.place);
  const where =
    resolution?.ok === true
      ? resolution.thing.kind === 'memory'
        ? `${what} at ${resolution.thing.space} 0x${resolution.thing.address.toString(16)}`
        : what
      : `${what}, not set: ${resolution?.message ?? 'No program is loaded yet.'}`;
  return {
    id,
    type: watchTypes[request.access],
    text: `${where}${when(entry)}`,
    settings,
  };
}

/** `init_task.__state (4 bytes)`, `satp`. */
export function describePlace(place: WatchPlace): string {
  if (place.kind === 'csr') return place.label;
  const { label, length, bits } = place;
  if (bits) return `${label} (${bits.width} bit${bits.width === 1 ? '' : 's'})`;
  return `${label} (${length} bytes)`;
}

/** A line for each, below a heading. */
export function breakpointLines(rows: readonly BreakpointRow[]): string {
  const cells = rows.map(({ id, type, text, settings }) => {
    const enabled = settings.isEnabled ? 'y' : 'n';
    return { id: String(id), type, enabled, text: `${text}${counted(settings)}` };
  });
  const table = [{ id: 'Num', type: 'Type', enabled: 'Enb', text: 'What' }, ...cells];
  const numbers = Math.max(...table.map(({ id }) => id.length));
  const types = Math.max(...table.map(({ type }) => type.length));
  return table
    .map(
      ({ id, type, enabled, text }) =>
        `${id.padStart(numbers)}  ${type.padEnd(types)}  ${enabled.padEnd(3)}  ${text}`,
    )
    .join('\n');
}

function counted({ hits, ignored }: BreakpointSettings): string {
  return [
    ...(hits === 0 ? [] : [`, hit ${hits === 1 ? 'once' : `${hits} times`}`]),
    ...(ignored === 0 ? [] : [`, ignores the next ${ignored === 1 ? 'hit' : `${ignored} hits`}`]),
  ].join('');
}

function when(entry: BreakpointEntry | WatchEntry): string {
  const { condition, hitCondition, logMessage } = hitOptionsOf(entry);
  return [
    ...(condition === undefined ? [] : [` if ${condition}`]),
    ...(hitCondition === undefined ? [] : [` at hits ${hitCondition}`]),
    ...(logMessage === undefined ? [] : [` writes ${JSON.stringify(logMessage)}`]),
  ].join('');
}
