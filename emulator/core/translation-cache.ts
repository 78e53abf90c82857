import { Tlb } from '../wasm/layout';

/** Which of the three buffers of a slot; the value is its offset. */
export type Buffer = typeof Tlb.load | typeof Tlb.store | typeof Tlb.fetch;

interface Slot {
  /** What the hart's translations depend on; `undefined` while the slot is free. */
  key: number | undefined;
  /** Address space of the translations; `undefined` if the addresses are physical. */
  asid: number | undefined;
  /** Virtual addresses `[low, high)` that hold every superpage that has entries here. */
  low: bigint;
  high: bigint;
}

/** Ranges of more pages than this are fenced as a whole. */
const MOST_PAGES_FENCED = 64;
const PAGE_MASK = ~0xfffn;

const TLB_BYTES = Tlb.entries * Tlb.entrySize;

/**
 * The software TLBs of one hart. A slot holds translations for one combination of privilege, address space and the mstatus bits
 * that matter, so that traps and address-space switches need not forget anything.
 */
export class TranslationCache {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #start: number;
  readonly #slots: Slot[];
  #current = 0;

  constructor(hart: number, bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#start = Tlb.start + hart * Tlb.slots * Tlb.slotSize;
    this.#slots = Array.from({ length: Tlb.slots }, () => ({
      key: undefined,
      asid: undefined,
      low: 0n,
      high: 0n,
    }));
  }

  /** Makes the slot for `key` current and returns its address. */
  select(key: number, asid: number | undefined): number {
    if (this.#slots[this.#current]!.key !== key) {
      const found = this.#slots.findIndex((slot) => slot.key === key);
      this.#current = found >= 0 ? found : this.#allocate(key, asid);
    }
    return this.#address(this.#current);
  }

  #allocate(key: number, asid: number | undefined): number {
    const free = this.#slots.findIndex((slot) => slot.key === undefined);
    const index = free >= 0 ? free : (this.#current + 1) % Tlb.slots;
    this.#slots[index] = { key, asid, low: 0n, high: 0n };
    const address = this.#address(index);
    this.#bytes.fill(0xff, address, address + Tlb.slotSize);
    return index;
  }

  #address(index: number): number {
    return this.#start + index * Tlb.slotSize;
  }

  /** Enters a page into the current slot. `mapped` is the size of the page-table leaf: 4 KiB or a superpage. */
  insert(buffer: Buffer, page: bigint, target: number, mapped: number): void {
    const entry = this.#entry(this.#current, buffer, page);
    this.#view.setBigInt64(entry, page, true);
    this.#view.setInt32(entry + Tlb.target, target, true);
    if (mapped > 4096) this.#noteSuperpage(this.#slots[this.#current]!, page, mapped);
  }

  #noteSuperpage(slot: Slot, page: bigint, size: number): void {
    const low = page & -BigInt(size);
    const high = low + BigInt(size);
    const empty = slot.low === slot.high;
    slot.low = empty || low < slot.low ? low : slot.low;
    slot.high = empty || high > slot.high ? high : slot.high;
  }

  #entry(slot: number, buffer: Buffer, page: bigint): number {
    const index = Number(page >> 12n) & (Tlb.entries - 1);
    return this.#address(slot) + buffer + index * Tlb.entrySize;
  }

  /** Forgets everything, also translations of physical addresses (PMP has changed). */
  flushAll(): void {
    for (const slot of this.#slots) slot.key = undefined;
  }

  /**
   * `sfence.vma` for the pages of a range of `size` bytes, in one address space or all; everything without an address or
   * without a size. Global pages may go with them (priv §11.2.1 allows more).
   */
  fenceRange(address: bigint | undefined, size: bigint | undefined, asid: number | undefined): void {
    if (address === undefined || size === undefined) {
      this.#fence(undefined, asid);
      return;
    }
    const start = address & PAGE_MASK;
    const end = address + size;
    if (end - start > BigInt(MOST_PAGES_FENCED * 4096)) {
      this.#fence(undefined, asid);
    } else {
      for (let page = start; page < end; page += 4096n) this.#fence(BigInt.asIntN(64, page), asid);
    }
  }

  #fence(page: bigint | undefined, asid: number | undefined): void {
    this.#slots.forEach((slot, index) => {
      if (slot.key === undefined || slot.asid === undefined) return;
      if (asid !== undefined && slot.asid !== asid) return;
      if (page === undefined || (page >= slot.low && page < slot.high)) {
        slot.key = undefined;
        return;
      }
      for (const buffer of [Tlb.load, Tlb.store, Tlb.fetch]) {
        const entry = this.#entry(index, buffer, page);
        if (this.#view.getBigInt64(entry, true) === page) this.#view.setBigInt64(entry, -1n, true);
      }
    });
  }

  /** Stores to this page of RAM (an address in the WebAssembly memory) must be seen from now on. */
  forgetStoresTo(hostPage: number): void {
    this.#forEach(Tlb.store, (entry, tag, target) => {
      if (((Number(tag & 0xffff_ffffn) + target) | 0) === (hostPage | 0))
        this.#view.setBigInt64(entry, -1n, true);
    });
  }

  /** This decoded page is going to be used for other code. */
  forgetFetchesOf(decodedPage: number): void {
    this.#forEach(Tlb.fetch, (entry, _, target) => {
      if (target === decodedPage) this.#view.setBigInt64(entry, -1n, true);
    });
  }

  /** Calls back with the virtual and the decoded page of every fetch translation. */
  forEachFetch(visit: (page: bigint, decodedPage: number) => void): void {
    this.#forEach(Tlb.fetch, (_, tag, target) => visit(BigInt.asUintN(64, tag), target));
  }

  #forEach(buffer: Buffer, visit: (entry: number, tag: bigint, target: number) => void): void {
    this.#slots.forEach((slot, index) => {
      if (slot.key === undefined) return;
      const start = this.#address(index) + buffer;
      for (let entry = start; entry < start + TLB_BYTES; entry += Tlb.entrySize) {
        const tag = this.#view.getBigInt64(entry, true);
        if (tag !== -1n) visit(entry, tag, this.#view.getInt32(entry + Tlb.target, true));
      }
    });
  }
}
