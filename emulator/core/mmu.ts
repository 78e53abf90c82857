import type { Access } from '../api';
import { Privilege } from '../api';
import { RAM_OFFSET, Tlb } from '../wasm/layout';
import { Exception } from './csr/causes';
import type { DecodedPages } from './decoded-pages';
import type { GuestMemory } from './guest-memory';
import { PAGE_SIZE, RAM_BASE } from './guest-memory';
import type { HartState } from './hart-state';
import { Status } from '../isa/status';
import type { Mapping, WalkFault } from './page-walker';
import { PageWalker } from './page-walker';
import type { Registers } from './registers';
import { pageNumber, TranslationCache } from './translation-cache';
import type { Watch } from './watch';
import { fromWords, highWord, lowWord } from './words';

/** An exception to be taken: its cause and value for tval. */
export interface Fault {
  readonly cause: Exception;
  readonly tval: bigint;
}

export const isFault = (result: object | string | number | bigint): result is Fault =>
  typeof result === 'object' && 'tval' in result;

const pageFaults = {
  read: Exception.loadPageFault,
  write: Exception.storePageFault,
  execute: Exception.instructionPageFault,
} as const;
const accessFaults = {
  read: Exception.loadAccessFault,
  write: Exception.storeAccessFault,
  execute: Exception.instructionAccessFault,
} as const;

/** Guest physical to host addresses, as the interpreter adds them: modulo 2^32. */
const RAM_DISTANCE = RAM_OFFSET - RAM_BASE;

/** The bit of a slot's key that says whether S-mode may access user pages. */
const SUM_KEY = 16;

/** How many address spaces have a number before they are numbered anew. */
const MANY = 4096;

/** Address translation and protection of one hart, and the cache of both that the interpreter reads. */
export class Mmu {
  readonly cache: TranslationCache;
  readonly #memory: GuestMemory;
  readonly #pages: DecodedPages;
  readonly #walker: PageWalker;
  readonly #registers: Registers;
  readonly #state: () => HartState;
  readonly #watch: Watch;
  /** A small number for every value of satp met lately, so that slots have keys that are numbers. */
  readonly #satpNumbers = new Map<bigint, number>();
  #lastSatp = 0n;
  #lastNumber = 0;

  constructor(
    hart: number,
    memory: GuestMemory,
    pages: DecodedPages,
    registers: Registers,
    state: () => HartState,
    watch: Watch,
  ) {
    this.cache = new TranslationCache(hart, memory.bytes, registers, watch.maps);
    this.#watch = watch;
    this.#registers = registers;
    this.#memory = memory;
    this.#pages = pages;
    this.#state = state;
    this.#walker = new PageWalker(memory);
  }

  /**
   * Physical address of an access to `length` bytes, all in one page, or the fault that it is. It may be no RAM. Here and below the
   * address is given in two signed words.
   */
  translate(high: number, low: number, length: number, access: Access): number | Fault {
    const mapping = this.#map(high, low, access);
    return isFault(mapping) ? mapping : this.#checked(mapping, high, low, length, access);
  }

  /** As `translate`; enters the page into the cache if it has the same rights everywhere. */
  translateAndCache(high: number, low: number, length: number, access: 'read' | 'write'): number | Fault {
    if (this.#watch.ranges.any) {
      const known = this.cache.findWatched(access === 'write' ? Tlb.store : Tlb.load, high, low);
      if (known !== undefined) return known;
    }
    const page = pageNumber(high, low);
    const device = this.cache.findDevice(page, access);
    if (device !== undefined) return device + (low & (PAGE_SIZE - 1));
    const mapping = this.#map(high, low, access);
    if (isFault(mapping)) return mapping;
    const checked = this.#checked(mapping, high, low, length, access);
    const { physical, mapped } = mapping;
    if (isFault(checked) || !this.#state().pmp.isUniform(physical)) return checked;
    if (!this.#memory.contains(physical, PAGE_SIZE)) {
      this.cache.insertDevice(page, physical, access);
    } else if (
      // Stores to decoded code must be seen, so those pages stay out.
      access === 'read' ||
      this.#pages.admitsStores(physical)
    ) {
      const target = physical + RAM_DISTANCE - (low & -PAGE_SIZE);
      this.cache.insert(access === 'write' ? Tlb.store : Tlb.load, high, low, target | 0, mapped);
    }
    return checked;
  }

  /**
   * The decoded page for fetches from this page; it is in the cache then. `keep` must not be recycled for it. `undefined` if PMP
   * does not treat all of the page alike: then each fetch is to be translated.
   */
  fetchPage(high: number, low: number, keep?: number): number | Fault | undefined {
    const mapping = this.#map(high, low, 'execute');
    if (isFault(mapping)) return mapping;
    const { physical, mapped } = mapping;
    const { pmp, privilege } = this.#state();
    if (!this.#memory.contains(physical, PAGE_SIZE)) return accessFault('execute', high, low);
    if (!pmp.isUniform(physical)) return undefined;
    if (!pmp.allows(physical, PAGE_SIZE, 'execute', privilege)) return accessFault('execute', high, low);
    const decoded = this.#pages.acquire(physical, keep);
    this.cache.insert(Tlb.fetch, high, low, decoded, mapped);
    return decoded;
  }

  /** The physical address in a mapping, if PMP allows the access. */
  #checked({ physical }: Mapping, high: number, low: number, length: number, access: Access): number | Fault {
    const state = this.#state();
    const at = physical + (low & (PAGE_SIZE - 1));
    return state.pmp.allows(at, length, access, privilegeFor(access, state))
      ? at
      : accessFault(access, high, low);
  }

  #map(high: number, low: number, access: Access): Mapping | Fault {
    const state = this.#state();
    const mapping = this.#walk(high, low, access, state);
    if (typeof mapping !== 'string') return mapping;
    return mapping === 'access'
      ? accessFault(access, high, low)
      : { cause: pageFaults[access], tval: fromWords(high, low) };
  }

  #walk(high: number, low: number, access: Access, state: HartState): Mapping | WalkFault {
    const privilege = privilegeFor(access, state);
    if (privilege === Privilege.machine || state.levels === 0) {
      // Beyond 2^53 numbers lose bits, but there is nothing there.
      return { physical: (high >>> 0) * 2 ** 32 + ((low & -PAGE_SIZE) >>> 0), mapped: PAGE_SIZE };
    }
    return this.#walker.walk(high, low, access, privilege, state);
  }

  /** Physical address in the current address space whatever its rights; `undefined` if it is not mapped. */
  inspect(address: bigint): number | undefined {
    const state = this.#state();
    const { privilege, dataPrivilege, levels } = state;
    if (levels === 0 || (privilege === Privilege.machine && dataPrivilege === Privilege.machine)) {
      return Number(BigInt.asUintN(64, address));
    }
    const low = lowWord(address);
    const mapping = this.#walker.inspect(highWord(address), low, state);
    return mapping && mapping.physical + (low & (PAGE_SIZE - 1));
  }

  /** Makes the slot of the cache for the hart's present privilege and address space the one in use. */
  selectSlot(): void {
    const key = this.#slotKey();
    const { asid, privilege } = this.#state();
    this.cache.select(key, asid);
    if (privilege !== Privilege.supervisor) this.#registers.setSlots(0, 0);
    else this.#registers.setSlots(this.cache.find(key & ~SUM_KEY), this.cache.find(key | SUM_KEY));
  }

  /** True if that is the slot in use. */
  isSlotCurrent(): boolean {
    return this.cache.currentKey === this.#slotKey();
  }

  /** What translations depend on, as a number: the rights, and which satp if addresses are virtual. */
  #slotKey(): number {
    const { privilege, dataPrivilege, mstatus, satp, levels } = this.#state();
    const translated =
      levels !== 0 && (privilege !== Privilege.machine || dataPrivilege !== Privilege.machine);
    const sum = dataPrivilege === Privilege.supervisor && (mstatus & Status.SUM) !== 0;
    const mxr = (mstatus & Status.MXR) !== 0;
    const rights = privilege | (dataPrivilege << 2) | (sum ? SUM_KEY : 0) | (mxr ? 32 : 0);
    return translated ? this.#numberOf(satp) * 64 + rights : rights;
  }

  #numberOf(satp: bigint): number {
    if (satp === this.#lastSatp) return this.#lastNumber;
    let number = this.#satpNumbers.get(satp);
    if (number === undefined) {
      if (this.#satpNumbers.size >= MANY) {
        this.#satpNumbers.clear();
        this.cache.flushAll();
      }
      number = this.#satpNumbers.size + 1;
      this.#satpNumbers.set(satp, number);
    }
    this.#lastSatp = satp;
    this.#lastNumber = number;
    return number;
  }
}

const privilegeFor = (access: Access, state: HartState): Privilege =>
  access === 'execute' ? state.privilege : state.dataPrivilege;

const accessFault = (access: Access, high: number, low: number): Fault => ({
  cause: accessFaults[access],
  tval: fromWords(high, low),
});
