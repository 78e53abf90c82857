/** What a watched access was, in a sentence. */
import type { TargetHart } from '../target/target';
import type { WatchedAccess, WatchHit } from '../target/watchpoint';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';
import { formatLocation, locate } from './location';
import { numberOf, type ChangedValue } from './watch-values';

const mostBytesShown = 16;

/** Of an atomic, that part is told which is watched. */
function verbOf(hit: WatchHit, watched: WatchedAccess): string {
  if (hit.kind === 'csr' || hit.access === 'write') return 'written';
  if (hit.access === 'read' || watched === 'read') return 'read';
  return watched === 'read-write' ? 'read and written' : 'written';
}

/** `jiffies_64 written: 0x1 → 0x2 by tick_do_update_jiffies64+0x5c/0x120 on hart 0`. */
export function describeWatch(
  label: string,
  watched: WatchedAccess,
  hit: WatchHit,
  value: ChangedValue,
  debuggee: Debuggee,
): string {
  return `${label} ${verbOf(hit, watched)}: ${describeValues(hit, value)} by ${describeCulprit(hit, debuggee)}`;
}

function describeValues(hit: WatchHit, value: ChangedValue): string {
  const place = value.offset === undefined ? '' : `bytes from +${hex(BigInt(value.offset))}: `;
  const now = describeBytes(value.new);
  if (hit.kind === 'memory' && hit.access === 'read') return `${place}${now}`;
  return value.old ? `${place}${describeBytes(value.old)} → ${now}` : `${place}${now}`;
}

function describeBytes(bytes: Uint8Array): string {
  const number = numberOf(bytes);
  if (number !== undefined) return hex(number);
  const shown = [...bytes.subarray(0, mostBytesShown)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(' ');
  return bytes.length > mostBytesShown ? `${shown} …` : shown;
}

function describeCulprit(hit: WatchHit, debuggee: Debuggee): string {
  const { hart, pc } = hit;
  const by = hit.kind === 'csr' ? 'hart' : hit.by;
  if (hart === undefined || pc === undefined) return by === 'device' ? 'a device' : 'the firmware';
  const where = `${describePc(pc, debuggee.target.harts[hart]!, hit, debuggee)} on hart ${hart}`;
  if (by === 'device') return `a device, for ${where}`;
  return by === 'firmware' ? `the firmware, for ${where}` : where;
}

/** What wrote satp was fetched from a physical address, if that has switched the MMU on. */
function describePc(pc: bigint, hart: TargetHart, hit: WatchHit, debuggee: Debuggee): string {
  return formatLocation(locate(debuggee, pc, { bare: hart.bare || hit.kind === 'csr' }));
}
