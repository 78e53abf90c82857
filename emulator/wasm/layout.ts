/**
 * The linear memory that the interpreter and `core/` share. All offsets are bytes.
 *
 *     0x000000  state of the hart that runs now
 *     0x001000  one-off slots: single decoded instructions that cannot stay in a decoded page
 *     0x010000  translation slots, `slots` per hart
 *     0x310000  decoded pages, then the guarded page
 *     then      RAM
 */
const WASM_PAGE = 65536;

/** The running hart: x0 to x31, a sink for writes to x0, what a run reads and writes, and the floating-point state. */
export const State = {
  x: 0,
  sink: 32 * 8,
  pc: 33 * 8,
  /** i32: steps left. Negative makes the interpreter return at once, with `pc` as TypeScript left it. */
  budget: 34 * 8,
  /** i32: address of the translation slot in use. */
  translation: 34 * 8 + 4,
  /** i32: host address reserved by LR, bit 0 set for a doubleword; 0 if none. */
  reservation: 35 * 8,
  /** f0 to f31; singles are NaN-boxed. */
  f: 36 * 8,
  /** i32: mstatus.FS. */
  floatStatus: 68 * 8,
  /** i32: fcsr. */
  fcsr: 68 * 8 + 4,
  /** i32: 1 if the present privilege may execute `cbo.zero`, else 0. */
  zeroesBlocks: 69 * 8,
  /** i32: 1 if the present privilege may read `time`, else 0. */
  readsTime: 69 * 8 + 4,
  /** i64: whole ticks of the board; i64: what is added to them for `time`. */
  ticks: 70 * 8,
  timeOffset: 76 * 8,
  /** i32: steps of all harts after that tick once the budget will be used up. */
  stepsAtZero: 71 * 8,
  /**
   * i32: where the budget was used up in this run: the entry that the interpreter came to, or minus the index of the region that could not
   * go on; 0 if it was not. The few steps that are left then show nothing.
   */
  ranOutAt: 71 * 8 + 4,
  /** i64: address of a memory access that TypeScript is asked for, and the value that is loaded or stored. */
  address: 72 * 8,
  value: 73 * 8,
  /** i32: 1 if a region was dropped since one looked: it may be the one that runs. */
  regionDropped: 77 * 8,
  /** i32: mstatus without FS. */
  mstatus: 74 * 8,
  /** i32: bits of sstatus that generated code may change, see `core/quiet-status.ts`. */
  quietStatus: 74 * 8 + 4,
  /** Two i32: the translation slots for the present privilege and address space without and with SUM; 0 if not known. */
  slots: 75 * 8,
  /** i32: after a memory access of translated code by TypeScript: 0 to go on, 1 to stop behind the instruction, -1 if it has trapped. */
  outcome: 78 * 8,
  /** i32: entry at which control last came into a page, or to a place in it that its code does not name. */
  arrivedAt: 78 * 8 + 4,
  size: 79 * 8,
} as const;

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
} as const;

const decodedEnd = GuardedPage.start + GuardedPage.size;
export const RAM_OFFSET = Math.ceil(decodedEnd / WASM_PAGE) * WASM_PAGE;

/** Size of the whole memory in WebAssembly pages. */
export const memoryPages = (ramSize: number): number => Math.ceil((RAM_OFFSET + ramSize) / WASM_PAGE);
