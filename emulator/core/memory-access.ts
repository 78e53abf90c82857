import { CACHE_BLOCK } from '../isa/cache-block';
import type { AccessSize, LoadKind } from '../isa/semantics';
import type { AccessWatch } from './access-watch';
import type { BoardForHart } from './api';
import type { Core } from './core';
import { Exception } from './csr/causes';
import type { DecodedPages } from './decoded-pages';
import type { Exchange } from './exchange';
import type { GuestMemory } from './guest-memory';
import { PAGE_SIZE } from './guest-memory';
import type { Fault, Mmu } from './mmu';
import { isFault } from './mmu';
import { fromWords, highWord, lowWord } from './words';

const sizes: Readonly<Record<LoadKind, AccessSize>> = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
};

/** What an access that crosses pages does in one of them. */
interface Part {
  readonly high: number;
  readonly low: number;
  readonly physical: number;
  readonly length: number;
}

type Devices = Pick<BoardForHart, 'readDevice' | 'writeDevice'>;

/**
 * Loads and stores that miss the interpreter's TLB: first touches of a page, devices, decoded code, and accesses that cross a
 * page, which are translated on both sides before they have any effect. Misaligned accesses are done in place. Addresses are given in
 * two signed words; what is loaded or stored is the exchange's value.
 */
export class MemoryAccess {
  readonly #hart: number;
  readonly #memory: GuestMemory;
  readonly #pages: DecodedPages;
  readonly #exchange: Exchange;
  readonly #mmu: Mmu;
  readonly #board: Devices;
  readonly #watch: AccessWatch;

  constructor(
    hart: number,
    core: Pick<Core, 'memory' | 'pages' | 'registers'>,
    mmu: Mmu,
    board: Devices,
    watch: AccessWatch,
  ) {
    this.#watch = watch;
    this.#hart = hart;
    this.#memory = core.memory;
    this.#pages = core.pages;
    this.#exchange = core.registers.exchange;
    this.#mmu = mmu;
    this.#board = board;
  }

  /** Undefined if the value was loaded. */
  load(high: number, low: number, kind: LoadKind): Fault | undefined {
    const size = sizes[kind];
    const fault = crossesPage(low, size)
      ? this.#loadAcross(high, low, size)
      : this.#loadInPage(high, low, size);
    if (fault !== undefined) return fault;
    this.#exchange.extend(kind);
    this.#watch.done();
    return undefined;
  }

  #loadInPage(high: number, low: number, size: AccessSize): Fault | undefined {
    const physical = this.#mmu.translateAndCache(high, low, size, 'read');
    if (isFault(physical)) return physical;
    if (this.#memory.contains(physical, size)) {
      this.#watch.accessing('read', high, low, physical, size);
      this.#readRam(this.#memory.hostAddress(physical), size);
      return undefined;
    }
    const value = isAligned(low, size) ? this.#board.readDevice(this.#hart, physical, size) : undefined;
    if (value === undefined) return fault(Exception.loadAccessFault, high, low);
    this.#watch.accessing('read', high, low, physical, size, value);
    if (size === 8) this.#exchange.value = value;
    else this.#exchange.set(0, Number(value));
    return undefined;
  }

  /** Undefined if the store was done. */
  store(high: number, low: number, size: AccessSize): Fault | undefined {
    const fault = crossesPage(low, size)
      ? this.#storeAcross(high, low, size)
      : this.#storeInPage(high, low, size);
    if (fault === undefined) this.#watch.done();
    return fault;
  }

  #storeInPage(high: number, low: number, size: AccessSize): Fault | undefined {
    const physical = this.#mmu.translateAndCache(high, low, size, 'write');
    if (isFault(physical)) return physical;
    if (this.#memory.contains(physical, size)) {
      this.#watch.accessing('write', high, low, physical, size);
      this.#writeRam(this.#memory.hostAddress(physical), size);
      this.#pages.stored(physical, size);
      return undefined;
    }
    const value = this.#stored(size);
    if (!isAligned(low, size) || !this.#board.writeDevice(this.#hart, physical, size, value)) {
      return fault(Exception.storeAccessFault, high, low);
    }
    this.#watch.accessing('write', high, low, physical, size, value);
    return undefined;
  }

  /** Host address of aligned RAM that may be read and written. Other memory does not support atomics (PMA). */
  atomicAddress(high: number, low: number, size: AccessSize): number | Fault {
    return this.#writableAddress(high, low, size, () => 'read-write');
  }

  /**
   * As `atomicAddress`, for a store-conditional.
   * @param isHeld whether it is going to store to that host address
   */
  conditionalAddress(
    high: number,
    low: number,
    size: AccessSize,
    isHeld: (host: number) => boolean,
  ): number | Fault {
    return this.#writableAddress(high, low, size, (host) => (isHeld(host) ? 'write' : undefined));
  }

  #writableAddress(
    high: number,
    low: number,
    size: AccessSize,
    accessTo: (host: number) => 'write' | 'read-write' | undefined,
  ): number | Fault {
    if (!isAligned(low, size)) return fault(Exception.storeAddressMisaligned, high, low);
    const physical = this.#mmu.translateAndCache(high, low, size, 'write');
    if (isFault(physical)) return physical;
    if (!this.#memory.contains(physical, size)) return fault(Exception.storeAccessFault, high, low);
    this.#pages.written(physical, size);
    const host = this.#memory.hostAddress(physical);
    const access = accessTo(host);
    if (access) {
      this.#watch.accessing(access, high, low, physical, size);
      this.#watch.done(true);
    }
    return host;
  }

  /** Host address of aligned RAM that may be read. */
  reservedAddress(high: number, low: number, size: AccessSize): number | Fault {
    if (!isAligned(low, size)) return fault(Exception.loadAddressMisaligned, high, low);
    const physical = this.#mmu.translateAndCache(high, low, size, 'read');
    if (isFault(physical)) return physical;
    if (!this.#memory.contains(physical, size)) return fault(Exception.loadAccessFault, high, low);
    this.#watch.accessing('read', high, low, physical, size);
    this.#watch.done();
    return this.#memory.hostAddress(physical);
  }

  /** `cbo.zero` on the block that holds this address, which is RAM. */
  zeroBlock(high: number, low: number): Fault | undefined {
    const physical = this.#mmu.translateAndCache(high, low & -CACHE_BLOCK, CACHE_BLOCK, 'write');
    if (isFault(physical)) return fault(physical.cause, high, low);
    if (!this.#memory.contains(physical, CACHE_BLOCK)) return fault(Exception.storeAccessFault, high, low);
    const host = this.#memory.hostAddress(physical);
    this.#watch.accessing('write', high, low & -CACHE_BLOCK, physical, CACHE_BLOCK);
    this.#memory.bytes.fill(0, host, host + CACHE_BLOCK);
    this.#pages.stored(physical, CACHE_BLOCK);
    this.#watch.done();
    return undefined;
  }

  /**
   * The rights that managing a cache block needs: those of a load or of a store (cmobase 1.0 §2.5.2), and nothing may be written
   * that cannot be read. Faults are those of stores. Only RAM has cache blocks.
   */
  manageBlock(high: number, low: number): Fault | undefined {
    const physical = this.#mmu.translate(high, low & -CACHE_BLOCK, CACHE_BLOCK, 'read');
    if (!isFault(physical) && this.#memory.contains(physical, CACHE_BLOCK)) return undefined;
    const isPageFault = isFault(physical) && physical.cause === Exception.loadPageFault;
    return fault(isPageFault ? Exception.storePageFault : Exception.storeAccessFault, high, low);
  }

  #loadAcross(high: number, low: number, size: number): Fault | undefined {
    const parts = this.#translateAcross(high, low, size, 'read');
    if (isFault(parts)) return parts;
    let at = 0;
    for (const { high, low, physical, length } of parts) {
      this.#watch.accessing('read', high, low, physical, length);
      const host = this.#memory.hostAddress(physical);
      this.#exchange.bytes.set(this.#memory.bytes.subarray(host, host + length), at);
      at += length;
    }
    return undefined;
  }

  #storeAcross(high: number, low: number, size: number): Fault | undefined {
    const parts = this.#translateAcross(high, low, size, 'write');
    if (isFault(parts)) return parts;
    let at = 0;
    for (const { high, low, physical, length } of parts) {
      this.#watch.accessing('write', high, low, physical, length);
      const host = this.#memory.hostAddress(physical);
      this.#memory.bytes.set(this.#exchange.bytes.subarray(at, at + length), host);
      this.#pages.stored(physical, length);
      at += length;
    }
    return undefined;
  }

  /** Both parts of an access, which must be RAM. A fault of the second has the address where that begins. */
  #translateAcross(high: number, low: number, size: number, access: 'read' | 'write'): Part[] | Fault {
    const parts: Part[] = [];
    const first = PAGE_SIZE - (low & (PAGE_SIZE - 1));
    const second = fromWords(high, low) + BigInt(first);
    for (const [atHigh, atLow, length] of [
      [high, low, first],
      [highWord(second), lowWord(second), size - first],
    ] as const) {
      const physical = this.#mmu.translate(atHigh, atLow, length, access);
      if (isFault(physical)) return physical;
      if (!this.#memory.contains(physical, length)) {
        const cause = access === 'read' ? Exception.loadAccessFault : Exception.storeAccessFault;
        return fault(cause, atHigh, atLow);
      }
      parts.push({ high: atHigh, low: atLow, physical, length });
    }
    return parts;
  }

  #readRam(host: number, size: AccessSize): void {
    const { view } = this.#memory;
    switch (size) {
      case 1: {
        this.#exchange.set(0, view.getUint8(host));
        return;
      }
      case 2: {
        this.#exchange.set(0, view.getUint16(host, true));
        return;
      }
      case 4: {
        this.#exchange.set(0, view.getInt32(host, true));
        return;
      }
      case 8: {
        this.#exchange.set(view.getInt32(host + 4, true), view.getInt32(host, true));
        return;
      }
    }
  }

  #writeRam(host: number, size: AccessSize): void {
    const { view } = this.#memory;
    const { low } = this.#exchange;
    switch (size) {
      case 1: {
        view.setUint8(host, low);
        return;
      }
      case 2: {
        view.setUint16(host, low, true);
        return;
      }
      case 4: {
        view.setInt32(host, low, true);
        return;
      }
      case 8:
        view.setInt32(host, low, true);
        view.setInt32(host + 4, this.#exchange.high, true);
    }
  }

  /** The value for a device, zero-extended. */
  #stored(size: AccessSize): bigint {
    if (size === 8) return this.#exchange.value;
    const { low } = this.#exchange;
    return BigInt(size === 4 ? low >>> 0 : low & (size === 2 ? 0xffff : 0xff));
  }
}

const crossesPage = (low: number, size: number): boolean => (low & (PAGE_SIZE - 1)) + size > PAGE_SIZE;

const isAligned = (low: number, size: number): boolean => (low & (size - 1)) === 0;

const fault = (cause: Exception, high: number, low: number): Fault => ({ cause, tval: fromWords(high, low) });
