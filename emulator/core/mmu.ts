import type { Access } from '../api';
import { Privilege } from '../api';
import type { Buffer } from './translation-cache';
import { TranslationCache } from './translation-cache';
import { Exception } from './csr/causes';
import type { DecodedPages } from './decoded-pages';
import type { GuestMemory } from './guest-memory';
import { PAGE_SIZE, RAM_BASE } from './guest-memory';
import type { HartState } from './hart-state';
import { Status } from './hart-state';
import type { Mapping } from './sv39';
import { PageWalker } from './sv39';
import { RAM_OFFSET, Tlb } from '../wasm/layout';

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

const PAGE_MASK = -4096n;
/** Guest physical to host addresses, as the interpreter adds them: modulo 2^32. */
const RAM_DISTANCE = RAM_OFFSET - RAM_BASE;

/** How many address spaces have a number before they are numbered anew. */
const MANY = 4096;

/** Address translation and protection of one hart, and the cache of both that the interpreter reads. */
export class Mmu {
  readonly cache: TranslationCache;
  readonly #memory: GuestMemory;
  readonly #pages: DecodedPages;
  readonly #walker: PageWalker;
  readonly #state: () => HartState;
  /** A small number for every value of satp met lately, so that slots have keys that are numbers. */
  readonly #satpNumbers = new Map<bigint, number>();

  constructor(hart: number, memory: GuestMemory, pages: DecodedPages, state: () => HartState) {
    this.cache = new TranslationCache(hart, memory.bytes);
    this.#memory = memory;
    this.#pages = pages;
    this.#state = state;
    this.#walker = new PageWalker(memory, () => state().pmp);
  }

  /** Physical address of one access that does not cross a page, or the fault that it is. It may be no RAM. */
  translate(address: bigint, access: Access): number | Fault {
    const mapping = this.#map(address, access);
    return isFault(mapping) ? mapping : mapping.physical + Number(address & 0xfffn);
  }

  /** As `translate`; enters the page into the cache if it is RAM, for `buffer`. */
  translateAndCache(address: bigint, access: 'read' | 'write'): number | Fault {
    const mapping = this.#map(address, access);
    if (isFault(mapping)) return mapping;
    const { physical, mapped } = mapping;
    // Stores to decoded code must be seen, so those pages stay out.
    if (this.#memory.contains(physical, PAGE_SIZE) && !(access === 'write' && this.#pages.has(physical))) {
      const page = BigInt.asIntN(64, address & PAGE_MASK);
      const buffer: Buffer = access === 'write' ? Tlb.store : Tlb.load;
      const distance = physical + RAM_DISTANCE - Number(BigInt.asUintN(32, page));
      this.cache.insert(buffer, page, distance | 0, mapped);
    }
    return physical + Number(address & 0xfffn);
  }

  /** The decoded page for fetches from this page; it is in the cache then. `keep` must not be recycled for it. */
  fetchPage(address: bigint, keep?: number): number | Fault {
    const mapping = this.#map(address, 'execute');
    if (isFault(mapping)) return mapping;
    if (!this.#memory.contains(mapping.physical, PAGE_SIZE))
      return { cause: accessFaults.execute, tval: address };
    const decoded = this.#pages.acquire(mapping.physical, keep);
    this.cache.insert(Tlb.fetch, BigInt.asIntN(64, address & PAGE_MASK), decoded, mapping.mapped);
    return decoded;
  }

  #map(address: bigint, access: Access): Mapping | Fault {
    const state = this.#state();
    const privilege = access === 'execute' ? state.privilege : state.dataPrivilege;
    const mapping = this.#walk(address, access, state, privilege);
    if (typeof mapping === 'string') {
      return { cause: (mapping === 'page' ? pageFaults : accessFaults)[access], tval: address };
    }
    return state.pmp.allows(mapping.physical, access, privilege)
      ? mapping
      : { cause: accessFaults[access], tval: address };
  }

  #walk(
    address: bigint,
    access: Access,
    state: HartState,
    privilege: Privilege,
  ): Mapping | 'page' | 'access' {
    if (privilege === Privilege.machine || !state.paging) {
      // Beyond 2^53 numbers lose bits, but there is nothing there.
      return { physical: Number(BigInt.asUintN(64, address & PAGE_MASK)), mapped: PAGE_SIZE };
    }
    const { satp, mstatus } = state;
    const sum = (mstatus & Status.SUM) !== 0;
    const mxr = (mstatus & Status.MXR) !== 0;
    return this.#walker.walk(address, access, { satp, privilege, sum, mxr });
  }

  /** Physical address in the current address space whatever its rights; `undefined` if it is not mapped. */
  inspect(address: bigint): number | undefined {
    const { privilege, dataPrivilege, paging, satp } = this.#state();
    if (!paging || (privilege === Privilege.machine && dataPrivilege === Privilege.machine)) {
      return Number(BigInt.asUintN(64, address));
    }
    const mapping = this.#walker.inspect(address, satp);
    return mapping && mapping.physical + Number(address & 0xfffn);
  }

  /** The slot of the cache for the hart's present privilege and address space. */
  selectSlot(): number {
    const { privilege, dataPrivilege, mstatus, satp, paging } = this.#state();
    const translated = paging && (privilege !== Privilege.machine || dataPrivilege !== Privilege.machine);
    const sum = dataPrivilege === Privilege.supervisor && (mstatus & Status.SUM) !== 0;
    const mxr = (mstatus & Status.MXR) !== 0;
    const rights = privilege | (dataPrivilege << 2) | (sum ? 16 : 0) | (mxr ? 32 : 0);
    if (!translated) return this.cache.select(rights, undefined);
    return this.cache.select(this.#numberOf(satp) * 64 + rights, Number((satp >> 44n) & 0xffffn));
  }

  #numberOf(satp: bigint): number {
    let number = this.#satpNumbers.get(satp);
    if (number === undefined) {
      if (this.#satpNumbers.size >= MANY) {
        this.#satpNumbers.clear();
        this.cache.flushAll();
      }
      number = this.#satpNumbers.size + 1;
      this.#satpNumbers.set(satp, number);
    }
    return number;
  }
}
