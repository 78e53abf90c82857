import type { AccessSize, LoadKind } from '../isa/semantics';
import type { I32, I64, Statement } from './expression';
import { frozen, i32, i64, valueAfter } from './expression';
import { address, findTlbEntry, host, tlbEntry } from './frame';
import { Tlb, WatchMap } from './layout';

/** Memory accesses in generated code: a look into the TLB, then the access itself. A miss is for TypeScript. */

export const loads: Readonly<
  Record<LoadKind, { size: AccessSize; load: (from: I32, offset?: number) => I64 }>
> = {
  i8: { size: 1, load: i64.load8S },
  u8: { size: 1, load: i64.load8U },
  i16: { size: 2, load: i64.load16S },
  u16: { size: 2, load: i64.load16U },
  i32: { size: 4, load: i64.load32S },
  u32: { size: 4, load: i64.load32U },
  i64: { size: 8, load: i64.load },
};

export const stores: Readonly<Record<AccessSize, (to: I32, value: I64, offset?: number) => Statement>> = {
  1: i64.store8,
  2: i64.store16,
  4: i64.store32,
  8: i64.store,
};

const PAGE_MASK = -4096;

type Buffer = typeof Tlb.load | typeof Tlb.store;

/** Code by buffer and by the mask or the distance that it is about. */
function family(write: (buffer: Buffer, value: number) => I32): (buffer: Buffer, value?: number) => I32 {
  const known = new Map<number, I32>();
  return (buffer, value = 0) => {
    // Values are small; offsets of buffers are multiples of 4096.
    const key = buffer + value;
    let code = known.get(key);
    if (!code) known.set(key, (code = frozen(write(buffer, value))));
    return code;
  };
}

/** True if what the TLB has for `address` is `page`. */
const has = (buffer: Buffer, page: I64): I32 => i64.eq(i64.load(findTlbEntry, buffer), page);

/** The page in which so many bytes from `address` on end. */
const pageOfLastByte = (size: number): I64 =>
  i64.and(i64.add(address.get, i64.constant(size - 1)), i64.constant(PAGE_MASK));

const hasPageOfLastByte = family((buffer, distance) => has(buffer, pageOfLastByte(distance + 1)));
const hasAligned = family((buffer, mask) =>
  has(buffer, i64.and(address.get, i64.constant(PAGE_MASK | mask))),
);

/** True if the TLB has the page. */
export const hitPage = (at: I64, buffer: Buffer): I32 => hitAligned(at, 1, buffer);

/** True if the TLB has the page and so many bytes end there too: the page of the last byte is compared. */
export const hitWithin = (at: I64, size: number, buffer: Buffer): I32 =>
  size === 1 ? hitPage(at, buffer) : valueAfter(address.set(at), hasPageOfLastByte(buffer, size - 1));

/** True if the TLB has the page and it is aligned: the tag's low bits are 0, so misaligned ones never match. */
export const hitAligned = (at: I64, size: AccessSize, buffer: Buffer): I32 =>
  valueAfter(address.set(at), hasAligned(buffer, size - 1));

/**
 * True if the TLB has the page of `address` as one with watched bytes, its tag being `tag` then, and none of so many from there on is. All of it is
 * evaluated only after a miss.
 */
const missesWatched = (size: number, buffer: Buffer, tag: I64): I32 => {
  const low = i32.wrap(address.get);
  const { granule } = WatchMap;
  const eighthOfPage = i32.and(i32.shrU(low, i32.constant(6)), i32.constant(WatchMap.size - 1));
  const bits = i32.shrU(
    i32.load(i32.add(i32.load(tlbEntry.get, buffer + Tlb.watchMap), eighthOfPage)),
    i32.and(i32.shrU(low, i32.constant(3)), i32.constant(7)),
  );
  const lastByte = i32.add(i32.and(low, i32.constant(granule - 1)), i32.constant(size - 1));
  const touched = i32.sub(i32.shl(i32.constant(2), i32.shrU(lastByte, i32.constant(3))), i32.constant(1));
  return i32.choose(
    i64.eq(i64.load(tlbEntry.get, buffer), i64.or(tag, i64.constant(Tlb.watched))),
    i32.eqz(i32.and(bits, touched)),
    i32.constant(0),
  );
};

/** How accesses of translated code look into the TLB. `within` and `aligned` are as `hitWithin` and `hitAligned`. */
export interface TlbLook {
  within(at: I64, size: number, buffer: Buffer): I32;
  aligned(at: I64, size: AccessSize, buffer: Buffer): I32;
}

/** Finds nothing of pages with watched bytes. */
export const plainLook: TlbLook = { within: hitWithin, aligned: hitAligned };

/** Finds the bytes of such pages that are not watched (`core/watch-maps.ts`), by code that is out of the way of all others. */
export const watchfulLook: TlbLook = {
  within: (at, size, buffer) =>
    i32.choose(
      hitWithin(at, size, buffer),
      i32.constant(1),
      missesWatched(size, buffer, pageOfLastByte(size)),
    ),
  aligned: (at, size, buffer) =>
    i32.choose(
      hitAligned(at, size, buffer),
      i32.constant(1),
      missesWatched(size, buffer, i64.and(address.get, i64.constant(PAGE_MASK | (size - 1)))),
    ),
};

/** Where the memory lies, after a hit. */
export const hostAddress = family((buffer) =>
  i32.add(i32.wrap(address.get), i32.load(tlbEntry.get, buffer + Tlb.target)),
);

/** What `State.reservation` holds for `host`. */
export const reservationOf = (size: 4 | 8): I32 => i32.or(host.get, i32.constant(size === 8 ? 1 : 0));
