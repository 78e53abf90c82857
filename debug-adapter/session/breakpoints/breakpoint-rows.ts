/** Breakpoints of all kinds, as the debug console writes them. */
import type { WatchPlace } from '../../debugger/watch-place';
import type { HitOptions } from '../../debugger/hit-rule';
import type { WatchedAccess } from '../../target/watchpoint';
import type { BreakpointEntry, BreakpointKind } from './breakpoint-table';
import type { WatchEntry } from './watch-table';

interface BreakpointRow {
  readonly id: number;
  /** `function`, `data change`. */
  readonly type: string;
  /** Where it is, or why it is nowhere, and when it stops. */
  readonly text: string;
  readonly hits: number;
}

const types: Readonly<Record<BreakpointKind, string>> = {
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
export function breakpointRow(
  { id, request, resolution, rule }: BreakpointEntry,
  isTemporary = false,
): BreakpointRow {
  const where =
    resolution.kind === 'resolved'
      ? resolution.description
      : `${request.place}, not set: ${resolution.reason}`;
  return {
    id,
    type: isTemporary ? 'temporary' : types[request.kind],
    text: `${where}${when(request)}`,
    hits: rule?.hits ?? 0,
  };
}

/** `last_pid (4 bytes) at physical 0x80… if $new == 2`. */
export function watchRow({ id, request, resolution, rule }: WatchEntry): BreakpointRow {
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
    text: `${where}${when(request)}`,
    hits: rule?.hits ?? 0,
  };
}

/** `init_task.__state (4 bytes)`, `satp`. */
export function describePlace(place: WatchPlace): string {
  if (place.kind === 'csr') return place.label;
  const { label, length, bits } = place;
  if (bits) return `${label} (${bits.width} bit${bits.width === 1 ? '' : 's'})`;
  return `${label} (${length} bytes)`;
}

/** A line for each. */
export function breakpointLines(rows: readonly BreakpointRow[]): string {
  const numbers = Math.max(...rows.map(({ id }) => String(id).length));
  const widest = Math.max(...rows.map(({ type }) => type.length));
  return rows
    .map(({ id, type, text, hits }) => {
      const hit = hits === 0 ? '' : `, hit ${hits === 1 ? 'once' : `${hits} times`}`;
      return `${String(id).padStart(numbers)}  ${type.padEnd(widest)}  ${text}${hit}`;
    })
    .join('\n');
}

function when({ condition, hitCondition, logMessage }: HitOptions): string {
  return [
    ...(condition === undefined ? [] : [` if ${condition}`]),
    ...(hitCondition === undefined ? [] : [` at hits ${hitCondition}`]),
    ...(logMessage === undefined ? [] : [` writes ${JSON.stringify(logMessage)}`]),
  ].join('');
}
