import { Tlb } from '../wasm/layout';

/** Which of the three buffers of a slot; the value is its offset. */
export type Buffer = typeof Tlb.load | typeof Tlb.store | typeof Tlb.fetch;

interface Slot {
  /** What the hart's translations depend on; `undefined` while the slot is free. */
  key: number | undefined;
  /** Address space of the translations; `undefined` if the addresses are physical. */
  asid: number | undefined;
  /** Virtual pages `[first, end)`, numbered from 0 and from -1 down, that hold every superpage that has entries here. */
  first: number;
  end: number;
}

/** Ranges of more pages than this are fenced as a whole. */
const MOST_PAGES_FENCED = 64;
const PAGE_SIZE = 4096;
const PAGE_SHIFT = 12n;
const buffers = [Tlb.load, Tlb.store, Tlb.fetch] as const;

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
      first: 0,
      end: 0,
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
    this.#slots[index] = { key, asid, first: 0, end: 0 };
    const address = this.#address(index);
    this.#bytes.fill(0xff, address, address + Tlb.slotSize);
    return index;
  }

  #address(index: number): number {
    return this.#start + index * Tlb.slotSize;
  }

  /**
   * Enters the page of an address, which is given in two signed words, into the current slot. `mapped` is the size of the leaf:
   * 4 KiB or more.
   */
  insert(buffer: Buffer, high: number, low: number, target: number, mapped: number): void {
    const page = high * 2 ** 20 + (low >>> 12);
    const entry = this.#entry(this.#current, buffer, page);
    this.#view.setInt32(entry, low & -PAGE_SIZE, true);
    this.#view.setInt32(entry + 4, high, true);
    this.#view.setInt32(entry + Tlb.target, target, true);
    if (mapped > PAGE_SIZE) this.#noteSuperpage(this.#slots[this.#current]!, page, mapped / PAGE_SIZE);
  }

  #noteSuperpage(slot: Slot, page: number, pages: number): void {
    const first = Math.floor(page / pages) * pages;
    const end = first + pages;
    const empty = slot.first === slot.end;
    if (empty || first < slot.first) slot.first = first;
    if (empty || end > slot.end) slot.end = end;
  }

  #entry(slot: number, buffer: Buffer, page: number): number {
    // Page numbers below zero too: the low bits of a double's integer value are those of the two's complement.
    const index = page & (Tlb.entries - 1);
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
    const first = Number(BigInt.asIntN(64, address) >> PAGE_SHIFT);
    const pages = Math.ceil((Number(address & 0xfffn) + Number(size)) / PAGE_SIZE);
    if (pages > MOST_PAGES_FENCED) {
      this.#fence(undefined, asid);
    } else {
      for (let page = first; page < first + pages; page++) this.#fence(page, asid);
    }
  }

  #fence(page: number | undefined, asid: number | undefined): void {
    for (let index = 0; index < Tlb.slots; index++) {
      const slot = this.#slots[index]!;
      if (slot.key === undefined || slot.asid === undefined) continue;
      if (asid !== undefined && slot.asid !== asid) continue;
      if (page === undefined || (page >= slot.first && page < slot.end)) {
        slot.key = undefined;
        continue;
      }
      const high = Math.floor(page / 2 ** 20);
      for (const buffer of buffers) {
        const entry = this.#entry(index, buffer, page);
        if (this.#view.getInt32(entry + 4, true) === high && this.#view.getInt32(entry, true) === page << 12)
          this.#view.setBigInt64(entry, -1n, true);
      }
    }
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
