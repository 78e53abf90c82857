/** What a watched access has changed: the value as it was and as it is. */
import type { Target, TargetHart } from '../target/target';
import type { WatchHit } from '../target/watchpoint';
import type { BitRange, WatchedThing } from './watch-place';

export interface ChangedValue {
  /** Little-endian bytes; `undefined` for what a device held. */
  readonly old: Uint8Array | undefined;
  readonly new: Uint8Array;
  /** They are those from this offset in the watched range on; `undefined` if they are all of it. */
  readonly offset: number | undefined;
}

/** Of larger ranges only the accessed bytes are told. */
const mostShown = 8;

/** The value of a thing before and after its accesses by one instruction, of which there is at least one. */
export function changedValue(
  thing: WatchedThing,
  hits: readonly WatchHit[],
  hart: TargetHart,
  target: Target,
): ChangedValue {
  const first = hits[0]!;
  const last = hits.at(-1)!;
  if (first.kind === 'csr' || last.kind === 'csr' || thing.kind === 'csr') {
    const { old, new: now } = first as Extract<WatchHit, { kind: 'csr' }>;
    return { old: word(old), new: word(now), offset: undefined };
  }
  const whole = thing.length <= mostShown ? read(thing, hart, target) : undefined;
  if (!whole) return { old: first.old, new: first.new, offset: first.offset };
  const old = whole.slice();
  // What was written last is undone first.
  for (const hit of hits.toReversed()) {
    if (hit.kind === 'memory' && hit.old) old.set(hit.old, hit.offset);
  }
  const { bits } = thing;
  if (!bits) return { old, new: whole, offset: undefined };
  return { old: fieldOf(old, bits), new: fieldOf(whole, bits), offset: undefined };
}

/** The value of a bit-field in these bytes, at most eight. */
function fieldOf(bytes: Uint8Array, { shift, width }: BitRange): Uint8Array {
  const value = BigInt.asUintN(width, numberOf(bytes)! >> BigInt(shift));
  return word(value).slice(0, Math.ceil(width / 8));
}

/** False where what was written has left the bits as they were that the thing is. */
export function hasChanged(thing: WatchedThing, { old, new: now }: ChangedValue): boolean {
  if (thing.kind === 'csr' || !thing.bits || thing.length > mostShown || !old) return true;
  return old.some((byte, index) => byte !== now[index]);
}

function read(
  { space, address, length }: Extract<WatchedThing, { kind: 'memory' }>,
  hart: TargetHart,
  target: Target,
): Uint8Array | undefined {
  const bytes =
    space === 'physical' ? target.readPhysical(address, length) : hart.readMemory(address, length);
  return bytes?.length === length ? bytes.slice() : undefined;
}

const word = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);

/** As a number, if it has no more than eight bytes. */
export function numberOf(bytes: Uint8Array): bigint | undefined {
  if (bytes.length > mostShown) return undefined;
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** `$old` and `$new` of expressions: what the access has changed that a hart is being judged for, or has stopped at. */
const atHand = new WeakMap<TargetHart, ChangedValue>();

/** Does something while `$old` and `$new` have these values on a hart. */
export function withValues<T>(hart: TargetHart, value: ChangedValue, action: () => T): T {
  const before = atHand.get(hart);
  atHand.set(hart, value);
  const result = action();
  if (before) atHand.set(hart, before);
  else atHand.delete(hart);
  return result;
}

/** The hart stands still behind this access. */
export function keepValues(hart: TargetHart, value: ChangedValue): void {
  atHand.set(hart, value);
}

/** The hart goes on: there is no access any more. */
export function forgetValues(hart: TargetHart): void {
  atHand.delete(hart);
}

export function valueOfAccess(name: 'old' | 'new', hart: TargetHart): bigint | undefined {
  const bytes = atHand.get(hart)?.[name];
  return bytes && numberOf(bytes);
}
