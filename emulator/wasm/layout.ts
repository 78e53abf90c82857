/**
 * The linear memory that the interpreter and `core/` share. All offsets are bytes.
 *
 *     0x000000  state of the hart that runs now
 *     0x001000  one-off slots: single decoded instructions that cannot stay in a decoded page
 *     0x010000  translation slots, `slots` per hart
 *     0x310000  decoded pages, then the guarded page
 *     then      watch maps
 *     then      RAM
 *     then      a call area for each hart, if calls are recorded
 */
export const WASM_PAGE = 65536;

const I32 = 4;
const I64 = 8;

/** Offsets of fields that lie one after the other, by their sizes in bytes, each naturally aligned; `size` is that of all. */
function consecutive<Fields extends Readonly<Record<string, number>>>(
  sizes: Fields,
): { readonly [Name in keyof Fields]: number } & { readonly size: number } {
  let end = 0;
  const align = (bytes: number) => Math.ceil(end / bytes) * bytes;
  const offsets = Object.entries(sizes).map(([name, size]) => {
    const offset = align(Math.min(size, I64));
    end = offset + size;
    return [name, offset] as const;
  });
  const size = align(I64);
  return { ...(Object.fromEntries(offsets) as Record<keyof Fields, number>), size };
}

/** Where the running hart is: x0 to x31, a sink for writes to x0, what a run reads and writes, and the floating-point state. */
export const State = consecutive({
  x: 32 * I64,
  sink: I64,
  pc: I64,
  /** Steps left. Negative makes the interpreter return at once, with `pc` as TypeScript left it. */
  budget: I32,
  /** Address of the translation slot in use. */
  translation: I32,
  /** Host address reserved by LR, bit 0 set for a doubleword; 0 if none. */
  reservation: I32,
  /** f0 to f31; singles are NaN-boxed. */
  f: 32 * I64,
  /** mstatus.FS. */
  floatStatus: I32,
  fcsr: I32,
  /** 1 if the present privilege may execute `cbo.zero`, else 0. */
  zeroesBlocks: I32,
  /** 1 if the present privilege may read `time`, else 0. */
  readsTime: I32,
  /** Whole ticks of the board, and what is added to them for `time`. */
  ticks: I64,
  timeOffset: I64,
  /** Steps of all harts after that tick once the budget will be used up. */
  stepsAtZero: I32,
  /**
   * Where the budget was used up in this run: the entry that the interpreter came to, or minus the index of the region that could not
   * go on; 0 if it was not. The few steps that are left then show nothing.
   */
  ranOutAt: I32,
  /** Address of a memory access that TypeScript is asked for, and the value that is loaded or stored. */
  address: I64,
  value: I64,
  /** mstatus without FS. */
  mstatus: I32,
  /** Bits of sstatus that generated code may change, see `core/quiet-status.ts`. */
  quietStatus: I32,
  /** Two i32: the translation slots for the present privilege and address space without and with SUM; 0 if not known. */
  slots: 2 * I32,
  /** Entry at which control last came into a page, or to a place in it that its code does not name. */
  arrivedAt: I32,
  /**
   * Where control was when it came to a page that had to be asked for: pc and entry. The pc is 0 or odd if that is not known. The entry may be that of a region, which
   * was left by the instruction at the offset `leftAt`.
   */
  origin: I64,
  originEntry: I32,
  leftAt: I32,
  /** Innermost entry of the hart's call area; 0 while nothing is recorded. */
  callTop: I32,
});

/** Values of mstatus.FS (priv 1.13 §3.1.6.6). */
export const FloatStatus = { off: 0, initial: 1, clean: 2, dirty: 3 } as const;

/**
 * A decoded instruction: u16 handler, u16 rd * 8, u16 rs1 * 8, u16 rs2 * 8, i32 immediate, i32 the instruction itself. The registers may
 * be float registers. The immediate of a branch inside its page is the distance of entries. One that straddles two pages has the
 * address of its one-off slot in place of the instruction. Where a translated region begins, all but the handler is replaced by u16 index of
 * its function in the table, u16 number that the function takes for this entry.
 */
export const Entry = {
  size: 16,
  handler: 0,
  rd: 2,
  rs1: 4,
  rs2: 6,
  immediate: 8,
  bits: 12,
  oneOff: 12,
  region: 2,
  selector: 4,
} as const;

/** Entries for every halfword of a 4 KiB page, then one that continues in the next page. Page address = entry / 8. */
export const DecodedPage = {
  start: 0x310000,
  count: 4096,
  size: 2049 * Entry.size,
  end: 2048 * Entry.size,
} as const;

/** A decoded page for one instruction at a time: see `core/guarded-page.ts`. Any of its instructions can run on behind its end. */
export const GuardedPage = {
  start: DecodedPage.start + DecodedPage.count * DecodedPage.size,
  size: 2050 * Entry.size,
} as const;

/** One decoded instruction, and where it falls through to an entry that continues at the pc. `next`: see `handlers.ts`. */
export const OneOff = { start: 0x1000, count: 512, size: 64, next: 48 } as const;

/**
 * Direct-mapped translation lookaside buffers, indexed by bits 21:12 of the address. Tag -1 is empty. Eight slots for each of
 * at most 8 harts (`config.ts`) end below the decoded pages.
 */
export const Tlb = {
  start: 0x10000,
  end: 0x310000,
  entries: 1024,
  entrySize: 16,
  /** Offsets of the three buffers in a translation slot. */
  load: 0,
  store: 16384,
  fetch: 32768,
  slotSize: 49152,
  slots: 8,
  /** In an entry: i64 tag (page address), then i32 host address minus guest address, or the decoded page. */
  target: 8,
  /** In an entry of a page with watched bytes: i32 address of its watch map. */
  watchMap: 12,
  /** The bit in the tag of such an entry, which thereby matches no access. Aligned accesses leave lower bits than this in. */
  watched: 0x800,
  /** The same for fetches, of a page without text: all jumps into it are asked for. */
  strayed: 0x800,
} as const;

/**
 * What a hart has called and not returned from, outermost first, aligned to its size. An entry is u64 return address, u64 sp at the call. An
 * odd return address makes it a mark: see `core/call-area.ts`. The first entry always is one, the last is never left in use.
 */
export const CallArea = { size: 65536, entrySize: 16, returnAddress: 0, sp: 8 } as const;

/**
 * Which bytes of a page are watched, a bit for every eight of them: see `core/watch-maps.ts`. 32 bits are read from any byte on, so three bytes
 * follow the last map.
 */
export const WatchMap = {
  start: GuardedPage.start + GuardedPage.size,
  count: 1024,
  size: 64,
  granule: 8,
} as const;

const watchMapsEnd = WatchMap.start + WatchMap.count * WatchMap.size + 3;
export const RAM_OFFSET = Math.ceil(watchMapsEnd / WASM_PAGE) * WASM_PAGE;

/** Size of the memory up to the end of RAM in WebAssembly pages. */
export const memoryPages = (ramSize: number): number => Math.ceil((RAM_OFFSET + ramSize) / WASM_PAGE);

/** Where the call areas begin, which nothing follows. */
export const callAreas = (ramSize: number): number => memoryPages(ramSize) * WASM_PAGE;
