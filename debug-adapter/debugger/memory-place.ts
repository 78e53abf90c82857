/** Places in memory: an address as a hart uses it, or a physical one. */
import type { Target, TargetHart } from '../target/target';
import { hex } from '../unwind/hex';

export interface MemoryPlace {
  /** `virtual`: as a hart's loads use it, which is physical too while the hart's addresses are. */
  readonly space: 'virtual' | 'physical';
  readonly address: bigint;
}

const prefix = 'phys:';

/** `phys:0x80000000` or `0xffffffff80000000`. */
export const placeText = ({ space, address }: MemoryPlace): string =>
  space === 'physical' ? `${prefix}${hex(address)}` : hex(address);

/** What stands behind `phys:`, and whether it is there. */
export function splitPlace(text: string): { readonly space: MemoryPlace['space']; readonly rest: string } {
  const trimmed = text.trimStart();
  return trimmed.startsWith(prefix)
    ? { space: 'physical', rest: trimmed.slice(prefix.length) }
    : { space: 'virtual', rest: text };
}

/** The place so many bytes further. Wraps at 2^64 as addresses do. */
export const placeAt = ({ space, address }: MemoryPlace, offset: bigint): MemoryPlace => ({
  space,
  address: BigInt.asUintN(64, address + offset),
});

const pageSize = 4096n;

/** The longest readable prefix of the range; empty if nothing is readable. */
export function readPlace(
  { space, address }: MemoryPlace,
  length: number,
  hart: TargetHart,
  target: Pick<Target, 'readPhysical'>,
): Uint8Array {
  if (space === 'virtual') return hart.readMemory(address, length);
  const result = new Uint8Array(length);
  const read = eachPage(address, length, (at, from, to) => {
    const bytes = target.readPhysical(at, to - from);
    if (bytes) result.set(bytes, from);
    return bytes !== undefined;
  });
  return result.subarray(0, read);
}

/** Bytes written: stops at the first page that is not RAM. */
export function writePlace(
  { space, address }: MemoryPlace,
  data: Uint8Array,
  hart: TargetHart,
  target: Pick<Target, 'writePhysical'>,
): number {
  if (space === 'virtual') return hart.writeMemory(address, data);
  return eachPage(address, data.length, (at, from, to) => target.writePhysical(at, data.subarray(from, to)));
}

/** Visits a physical range page by page, as offsets `[from, to)` into it, until `visit` fails. Returns the bytes visited. */
function eachPage(
  address: bigint,
  length: number,
  visit: (at: bigint, from: number, to: number) => boolean,
): number {
  let done = 0;
  while (done < length) {
    const at = address + BigInt(done);
    const to = Math.min(length, done + Number(pageSize - (at % pageSize)));
    if (!visit(at, done, to)) break;
    done = to;
  }
  return done;
}
