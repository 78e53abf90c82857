import type { Privilege } from '../api';
import { RAM_OFFSET, Tlb } from '../wasm/layout';
import { RAM_BASE } from './guest-memory';
import type { WatchMaps } from './watch-maps';

/** Which of the three buffers of a slot; the value is its offset. */
export type Buffer = typeof Tlb.load | typeof Tlb.store | typeof Tlb.fetch;

interface Slot {
  /** What the hart's translations depend on, the privilege of fetches in its two lowest bits; `undefined` while the slot is free. */
  key: number | undefined;
  /** Address space of the translations. Physical addresses have one too, which only costs fences. */
  asid: number;
  /** Virtual pages `[first, end)` that hold every superpage that has entries here. */
  first: number;
  end: number;
  /** The pages of devices that were accessed last, for TypeScript alone. */
  devices: { read?: DevicePage; write?: DevicePage };
}

/** A page that holds no RAM, and where it is mapped to. */
interface DevicePage {
  /** As `pageNumber` has it. */
  readonly page: number;
  readonly physical: number;
}

/** Where it stands which slot is in use: its address, 0 before one was selected. */
interface SlotInUse {
  translation: number;
}

/** Ranges of more pages than this are fenced as a whole. */
const MOST_PAGES_FENCED = 64;
const PAGE_SIZE = 4096;
const PAGE_SHIFT = 12n;
const buffers = [Tlb.load, Tlb.store, Tlb.fetch] as const;

const TARGET_WORD = Tlb.target / 4;
const MAP_WORD = Tlb.watchMap / 4;
const TLB_BYTES = Tlb.entries * Tlb.entrySize;

const privilegeOf = (key: number): Privilege => (key & 3) as Privilege;

/** The page of an address in two signed words: numbered from 0 up and from -1 down. */
export const pageNumber = (high: number, low: number): number => high * 2 ** 20 + (low >>> 12);

/**
 * The software TLBs of one hart. A slot holds translations for one combination of privilege, address space and the mstatus bits
 * that matter, so that traps and address-space switches need not forget anything.
 */
export class TranslationCache {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #words: Int32Array;
  readonly #start: number;
  readonly #slots: Slot[];
  readonly #registers: SlotInUse;
  readonly #watchMaps: WatchMaps;

  constructor(hart: number, bytes: Uint8Array, registers: SlotInUse, watchMaps: WatchMaps) {
    this.#registers = registers;
    this.#watchMaps = watchMaps;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#words = new Int32Array(bytes.buffer, 0, Tlb.end / 4);
    this.#start = Tlb.start + hart * Tlb.slots * Tlb.slotSize;
    this.#slots = Array.from({ length: Tlb.slots }, () => ({
      key: undefined,
      asid: 0,
      first: 0,
      end: 0,
      devices: {},
    }));
  }

  /** Makes the slot for `key` current. */
  select(key: number, asid: number): void {
    if (this.currentKey === key) return;
    this.#registers.translation = this.find(key) || this.#allocate(key, asid);
  }

  /** Address of the slot for `key`; 0 if there is none. */
  find(key: number): number {
    const found = this.#slots.findIndex((slot) => slot.key === key);
    return found >= 0 ? this.#address(found) : 0;
  }

  /** Generated code changes it too. */
  get #current(): number {
    return (this.#registers.translation - this.#start) / Tlb.slotSize;
  }

  /** What the current slot is for; `undefined` if it was forgotten, or none was selected yet. */
  get currentKey(): number | undefined {
    return this.#slots[this.#current]?.key;
  }

  #allocate(key: number, asid: number): number {
    const free = this.#slots.findIndex((slot) => slot.key === undefined);
    const index = free >= 0 ? free : (this.#current + 1) % Tlb.slots;
    this.#slots[index] = { key, asid, first: 0, end: 0, devices: {} };
    const address = this.#address(index);
    this.#bytes.fill(0xff, address, address + Tlb.slotSize);
    return address;
  }

  #address(index: number): number {
    return this.#start + index * Tlb.slotSize;
  }

  /**
   * Enters the page of an address, which is given in two signed words, into the current slot. `mapped` is the size of the leaf:
   * 4 KiB or more.
   */
  insert(buffer: Buffer, high: number, low: number, target: number, mapped: number): void {
    const page = pageNumber(high, low);
    const entry = this.#entry(this.#current, buffer, page);
    const word = entry / 4;
    this.#words[word] = low & -PAGE_SIZE;
    this.#words[word + 1] = high;
    this.#words[word + TARGET_WORD] = target;
    if (buffer !== Tlb.fetch) this.#mark(buffer, word);
    if (mapped > PAGE_SIZE) this.#noteSuperpage(this.#slots[this.#current]!, page, mapped / PAGE_SIZE);
  }

  /**
   * Marks an entry, or not, by what is watched of its page now. One that is marked is there for all purposes, but matches no access of generated code, so that
   * all of them come to TypeScript, and nobody can tell the difference: translations live as long as they do without watchpoints.
   */
  #mark(buffer: typeof Tlb.load | typeof Tlb.store, word: number): void {
    const low = this.#words[word]! & -PAGE_SIZE;
    const page = pageNumber(this.#words[word + 1]!, low);
    const map = this.#watchMaps.find(buffer, page, this.#physicalOf(word, low));
    this.#words[word] = map === 0 ? low : low | Tlb.watched;
    this.#words[word + MAP_WORD] = map;
  }

  /** As `#mark`, for all entries. */
  markWatched(): void {
    for (const buffer of [Tlb.load, Tlb.store] as const)
      this.#forEach(buffer, (word) => this.#mark(buffer, word));
  }

  /** Physical address for an access to a page whose entry in the current slot is marked; `undefined` if it is not, or if there is none. */
  findWatched(buffer: typeof Tlb.load | typeof Tlb.store, high: number, low: number): number | undefined {
    const word = this.#entry(this.#current, buffer, pageNumber(high, low)) / 4;
    if (this.#words[word + 1] !== high || this.#words[word] !== ((low & -PAGE_SIZE) | Tlb.watched))
      return undefined;
    return this.#physicalOf(word, low);
  }

  #physicalOf(word: number, low: number): number {
    return ((low + this.#words[word + TARGET_WORD]!) >>> 0) - RAM_OFFSET + RAM_BASE;
  }

  /** The decoded page that the current slot has for fetches from this address. */
  findFetch(high: number, low: number): number | undefined {
    const word = this.#entry(this.#current, Tlb.fetch, pageNumber(high, low)) / 4;
    const isHere = this.#words[word + 1] === high && this.#words[word] === (low & -PAGE_SIZE);
    return isHere ? this.#words[word + TARGET_WORD]! : undefined;
  }

  /** Remembers a page of devices in the current slot. */
  insertDevice(page: number, physical: number, access: 'read' | 'write'): void {
    this.#slots[this.#current]!.devices[access] = { page, physical };
  }

  /** Physical address of a page that the current slot remembers for such an access. */
  findDevice(page: number, access: 'read' | 'write'): number | undefined {
    const device = this.#slots[this.#current]?.devices[access];
    return device?.page === page ? device.physical : undefined;
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
    for (const slot of this.#slots) {
      slot.key = undefined;
      slot.devices = {};
    }
  }

  /**
   * `sfence.vma` for the pages of a range of `size` bytes, in one address space or all; everything without an address or
   * without a size. Global pages may go with them (priv §11.2.1 allows more).
   */
  fenceRange(address: bigint | undefined, size: bigint | undefined, asid: number | undefined): void {
    if (address === undefined || size === undefined) {
      this.fence(undefined, asid);
      return;
    }
    const first = Number(BigInt.asIntN(64, address) >> PAGE_SHIFT);
    const pages = Math.ceil((Number(address & 0xfffn) + Number(size)) / PAGE_SIZE);
    if (pages > MOST_PAGES_FENCED) {
      this.fence(undefined, asid);
    } else {
      for (let page = first; page < first + pages; page++) this.fence(page, asid);
    }
  }

  /** `sfence.vma` for one page, as `pageNumber` has it, or all. */
  fence(page: number | undefined, asid: number | undefined): void {
    for (let index = 0; index < Tlb.slots; index++) {
      const slot = this.#slots[index]!;
      if (slot.key === undefined) continue;
      if (asid !== undefined && slot.asid !== asid) continue;
      slot.devices = {};
      if (page === undefined || (page >= slot.first && page < slot.end)) {
        slot.key = undefined;
        continue;
      }
      const high = Math.floor(page / 2 ** 20);
      for (const buffer of buffers) {
        const word = this.#entry(index, buffer, page) / 4;
        if (this.#words[word + 1] === high && (this.#words[word]! & -PAGE_SIZE) === page << 12)
          this.#forget(word);
      }
    }
  }

  /** Stores to this page of RAM (an address in the WebAssembly memory) must be seen from now on. */
  forgetStoresTo(hostPage: number): void {
    this.#forEach(Tlb.store, (word) => {
      if ((((this.#words[word]! & -PAGE_SIZE) + this.#words[word + TARGET_WORD]!) | 0) === (hostPage | 0))
        this.#forget(word);
    });
  }

  /** This decoded page is going to be used for other code. */
  forgetFetchesOf(decodedPage: number): void {
    this.#forEach(Tlb.fetch, (word) => {
      if (this.#words[word + TARGET_WORD] === decodedPage) this.#forget(word);
    });
  }

  /** Marks the entry for fetches from this address: it is there for all purposes, but matches nothing, so that each jump into its page is asked for. */
  markFetch(high: number, low: number): void {
    const word = this.#entry(this.#current, Tlb.fetch, pageNumber(high, low)) / 4;
    this.#words[word] = (low & -PAGE_SIZE) | Tlb.strayed;
  }

  /** The decoded page for fetches from this address, if its entry in the current slot is marked. */
  findMarkedFetch(high: number, low: number): number | undefined {
    const word = this.#entry(this.#current, Tlb.fetch, pageNumber(high, low)) / 4;
    const isHere = this.#words[word + 1] === high && this.#words[word] === ((low & -PAGE_SIZE) | Tlb.strayed);
    return isHere ? this.#words[word + TARGET_WORD]! : undefined;
  }

  /** Calls back with the virtual and the decoded page of every fetch translation, and for which privilege it is: whether to mark it. */
  markFetches(isMarked: (page: bigint, decodedPage: number, privilege: Privilege) => boolean): void {
    this.#forEach(Tlb.fetch, (word, { key }) => {
      const low = this.#words[word]! & -PAGE_SIZE;
      this.#words[word] = low;
      const page = this.#view.getBigUint64(word * 4, true);
      if (isMarked(page, this.#words[word + TARGET_WORD]!, privilegeOf(key!)))
        this.#words[word] = low | Tlb.strayed;
    });
  }

  /** Calls back with the first 32-bit word of every entry in use. */
  #forEach(buffer: Buffer, visit: (word: number, slot: Slot) => void): void {
    for (let index = 0; index < Tlb.slots; index++) {
      const slot = this.#slots[index]!;
      if (slot.key === undefined) continue;
      const start = (this.#address(index) + buffer) / 4;
      const end = start + TLB_BYTES / 4;
      for (let word = start; word < end; word += Tlb.entrySize / 4) {
        // Tags end in twelve zeros.
        if (this.#words[word] !== -1) visit(word, slot);
      }
    }
  }

  #forget(word: number): void {
    this.#words[word] = -1;
    this.#words[word + 1] = -1;
  }
}
