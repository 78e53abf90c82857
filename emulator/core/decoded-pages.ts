import type { Form } from '../isa/decode';
import { instructionLength } from '../isa/decode';
import type { ExtensionSet } from '../isa/extensions';
import { Handler } from '../wasm/handlers';
import { DecodedPage, Entry } from '../wasm/layout';
import { EntryWriter } from './decoded-entry';
import { GuardedPage } from './guarded-page';
import type { GuestMemory } from './guest-memory';
import { PAGE_SIZE, RAM_BASE } from './guest-memory';
import { OneOffSlots } from './one-off-slots';
import { Regions } from './regions';

const NONE = -1;

/**
 * A page that a hart has stored to so often holds data by now: freed memory that is used again. Each time that this was wrong it takes
 * twice as many. Only what harts do counts, at the very store: when a page goes into the TLBs again must not depend on who decodes when,
 * because a guest that omits a fence could tell.
 */
const MOST_STORES = 32;
const MOST_PATIENCE = 16;

/** What must forget about a page of code; the harts' translation caches. */
interface PageObserver {
  forgetStoresTo(hostPage: number): void;
  forgetFetchesOf(decodedPage: number): void;
}

/**
 * Decoded pages, one for each physical page that was executed lately, shared by all harts. A page of RAM that has one
 * is in no hart's store TLB, so every store to it comes by `written`, which forgets the instructions concerned.
 */
export class DecodedPages {
  readonly oneOff: OneOffSlots;
  readonly guarded: GuardedPage;
  readonly regions: Regions;
  readonly #memory: GuestMemory;
  readonly #writer: EntryWriter;
  readonly #observers: readonly PageObserver[];
  /** Index of the decoded page by page of RAM. */
  readonly #byRamPage: Int16Array;
  /** Page of RAM by index; the next index to be used, in turn. */
  readonly #ramPages = new Int32Array(DecodedPage.count).fill(NONE);
  #next = 0;
  /** Indices below were used before; those that are in no use again. */
  #used = 0;
  readonly #free: number[] = [];
  /** By index: stores of harts to the page. */
  readonly #stores = new Uint32Array(DecodedPage.count);
  /** By page of RAM: how often it was taken for data. */
  readonly #patience: Uint8Array;
  readonly #retiring: number[] = [];
  /** By page of RAM: 1 if stores to it may be in a TLB. */
  readonly #stored: Uint8Array;
  /** Where the interpreter is to ask, by index of the page: offsets of the entries. */
  readonly #armed = new Map<number, Set<number>>();

  /** @param observers may be added to later. */
  constructor(memory: GuestMemory, extensions: ExtensionSet, observers: readonly PageObserver[]) {
    this.#memory = memory;
    this.#writer = new EntryWriter(memory, extensions);
    this.#observers = observers;
    this.#byRamPage = new Int16Array(memory.size / PAGE_SIZE).fill(NONE);
    this.#patience = new Uint8Array(memory.size / PAGE_SIZE);
    this.#stored = new Uint8Array(memory.size / PAGE_SIZE);
    this.oneOff = new OneOffSlots(memory.view, this.#writer);
    this.guarded = new GuardedPage(memory.view, this.#writer);
    this.regions = new Regions(memory.view, (entry) => this.decode(entry));
  }

  /** True if code of the page of RAM at this physical address is decoded. */
  has(address: number): boolean {
    return this.#byRamPage[ramPage(address)] !== NONE;
  }

  /** The decoded page for the page of RAM at a physical address. `keep` is one that must not be recycled for it. */
  acquire(address: number, keep?: number): number {
    const known = this.#byRamPage[ramPage(address)]!;
    if (known !== NONE) return startOf(known);
    const index = this.#freeIndex(keep);
    this.#release(index);
    const start = startOf(index);
    const { bytes, view } = this.#memory;
    // Memory that was never used is all zero, which is `undecoded`.
    if (index < this.#used) bytes.fill(Handler.undecoded, start, start + DecodedPage.size);
    else this.#used = index + 1;
    this.#stores[index] = 0;
    view.setUint16(start + DecodedPage.end + Entry.handler, Handler.pageEnd, true);
    this.#ramPages[index] = ramPage(address);
    this.#byRamPage[ramPage(address)] = index;
    this.#forgetStoresTo(address);
    return start;
  }

  /** Whether stores to the page at this physical address may be in a TLB, which they are from now on then. */
  admitsStores(address: number): boolean {
    if (this.has(address)) return false;
    this.#stored[ramPage(address)] = 1;
    return true;
  }

  #forgetStoresTo(address: number): void {
    const page = ramPage(address);
    if (this.#stored[page] === 0) return;
    this.#stored[page] = 0;
    const hostPage = this.#memory.hostAddress(RAM_BASE + page * PAGE_SIZE);
    for (const observer of this.#observers) observer.forgetStoresTo(hostPage);
  }

  #freeIndex(keep: number | undefined): number {
    for (let free = this.#free.pop(); free !== undefined; free = this.#free.pop()) {
      // Its turn may have come since.
      if (this.#ramPages[free] === NONE) return free;
    }
    if (startOf(this.#next) === keep) this.#advance();
    const index = this.#next;
    this.#advance();
    return index;
  }

  #advance(): void {
    this.#next = (this.#next + 1) % DecodedPage.count;
  }

  #release(index: number): void {
    const old = this.#ramPages[index]!;
    if (old === NONE) return;
    this.#byRamPage[old] = NONE;
    this.#armed.delete(index);
    this.oneOff.forgetPage(startOf(index));
    this.regions.drop(startOf(index), 0, PAGE_SIZE);
    this.#ramPages[index] = NONE;
    for (const observer of this.#observers) observer.forgetFetchesOf(startOf(index));
  }

  /** A store hit this physical range of RAM. */
  written(address: number, length: number): void {
    const end = address + length;
    for (let page = address - (address % PAGE_SIZE); page < end; page += PAGE_SIZE) {
      const index = this.#byRamPage[ramPage(page)]!;
      if (index === NONE) continue;
      const start = startOf(index);
      this.regions.drop(start, Math.max(0, address - page), Math.min(PAGE_SIZE, end - page));
      // A 4-byte instruction may begin one halfword before.
      const first = Math.max(0, Math.floor((address - page) / 2) - 1);
      const last = Math.min(PAGE_SIZE / 2, Math.ceil((end - page) / 2));
      for (let entry = first; entry < last; entry++) {
        const at = start + entry * Entry.size;
        if (this.#memory.view.getUint16(at, true) !== Handler.breakpoint) {
          this.#memory.view.setUint16(at, Handler.undecoded, true);
        }
      }
      if (address <= page) this.oneOff.forgetSecondHalves(start);
    }
  }

  /** Whether accesses to fflags, frm and fcsr go the way of all CSRs, for somebody to see them, or stay in generated code. */
  set floatCsrsAreGeneral(general: boolean) {
    if (general === this.#writer.floatCsrsAreGeneral) return;
    this.#writer.floatCsrsAreGeneral = general;
    for (const page of this.#ramPages)
      if (page !== NONE) this.written(RAM_BASE + page * PAGE_SIZE, PAGE_SIZE);
  }

  /** As `written`, for an instruction's store within a page, after which `hasRetiring` is to be looked at. */
  stored(address: number, length: number): void {
    this.written(address, length);
    const index = this.#byRamPage[ramPage(address)]!;
    if (index === NONE) return;
    const limit = MOST_STORES << this.#patience[this.#ramPages[index]!]!;
    this.#stores[index]!++;
    if (this.#stores[index] === limit) this.#retiring.push(index);
  }

  /** Pages hold data by now: `retire` is to be called as soon as no code runs. */
  get hasRetiring(): boolean {
    return this.#retiring.length > 0;
  }

  /** Lets go of pages that hold data by now, so that stores to them can be in TLBs. No code may be running. */
  retire(): void {
    for (const index of this.#retiring) {
      const page = this.#ramPages[index]!;
      if (page === NONE) continue;
      this.#patience[page] = Math.min(this.#patience[page]! + 1, MOST_PATIENCE);
      this.#release(index);
      this.#free.push(index);
    }
    this.#retiring.length = 0;
  }

  /** Physical address of the instruction that an entry stands for. */
  addressOf(entry: number): number {
    const index = indexOf(entry);
    return RAM_BASE + this.#ramPages[index]! * PAGE_SIZE + (entry - startOf(index)) / (Entry.size / 2);
  }

  /** The decoded page that an entry lies in. */
  pageOf(entry: number): number {
    return startOf(indexOf(entry));
  }

  /** Fills an entry from RAM, and those of the instructions that come after it if nothing else happens. */
  decode(entry: number): void {
    const { view } = this.#memory;
    const address = this.addressOf(entry);
    const page = this.#memory.hostAddress(address - (address % PAGE_SIZE));
    let offset = address % PAGE_SIZE;
    let at = entry;
    do {
      const form = this.#decodeAt(at, page, offset);
      if (form?.instruction.flow !== 'none') return;
      offset += form.length;
      at += form.length * (Entry.size / 2);
    } while (offset < PAGE_SIZE && view.getUint16(at + Entry.handler, true) === Handler.undecoded);
  }

  /** Fills one entry; the form of its instruction, `undefined` if there is none that is all in the page. */
  #decodeAt(entry: number, page: number, offset: number): Form | undefined {
    const { view } = this.#memory;
    const low = view.getUint16(page + offset, true);
    if (instructionLength(low) === 2) return this.#writer.write(entry, low, offset);
    if (offset + 4 <= PAGE_SIZE) {
      return this.#writer.write(entry, view.getInt32(page + offset, true), offset);
    }
    view.setUint16(entry + Entry.handler, Handler.straddle, true);
    view.setUint32(entry + Entry.oneOff, OneOffSlots.none, true);
    return undefined;
  }

  /** Has the interpreter ask at these offsets of a decoded page, whatever address the page is seen at. */
  arm(decodedPage: number, offsets: readonly number[]): void {
    if (offsets.length === 0) return;
    const index = (decodedPage - DecodedPage.start) / DecodedPage.size;
    // Translated code must not run through them. What stands before them stays: pages are armed at every miss of the TLB.
    this.regions.dropSharing(decodedPage, offsets);
    const armed = this.#armed.get(index) ?? new Set();
    this.#armed.set(index, armed);
    for (const offset of offsets) {
      armed.add(offset);
      this.#setHandler(decodedPage, offset, Handler.breakpoint);
    }
  }

  disarmAll(): void {
    for (const [index, offsets] of this.#armed) {
      for (const offset of offsets) this.#setHandler(startOf(index), offset, Handler.undecoded);
    }
    this.#armed.clear();
  }

  #setHandler(decodedPage: number, offset: number, handler: number): void {
    this.#memory.view.setUint16(decodedPage + (offset / 2) * Entry.size, handler, true);
  }
}

const ramPage = (address: number): number => Math.floor((address - RAM_BASE) / PAGE_SIZE);
const indexOf = (entry: number): number => Math.floor((entry - DecodedPage.start) / DecodedPage.size);
const startOf = (index: number): number => DecodedPage.start + index * DecodedPage.size;
