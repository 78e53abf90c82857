import { CACHE_BLOCK } from '../isa/cache-block';
import type { BoardForHart } from './api';
import { Exception } from './csr/causes';
import type { DecodedPages } from './decoded-pages';
import type { GuestMemory } from './guest-memory';
import { PAGE_SIZE } from './guest-memory';
import type { Fault, Mmu } from './mmu';
import { isFault } from './mmu';

type Size = 1 | 2 | 4 | 8;

/**
 * Loads and stores that miss the interpreter's TLB: first touches of a page, devices, decoded code, and accesses that cross a
 * page, which are translated on both sides before they have any effect. Misaligned accesses are done in place.
 */
export class MemoryAccess {
  readonly #hart: number;
  readonly #memory: GuestMemory;
  readonly #pages: DecodedPages;
  readonly #mmu: Mmu;
  readonly #board: BoardForHart;

  constructor(hart: number, memory: GuestMemory, pages: DecodedPages, mmu: Mmu, board: BoardForHart) {
    this.#hart = hart;
    this.#memory = memory;
    this.#pages = pages;
    this.#mmu = mmu;
    this.#board = board;
  }

  /** The value, zero-extended. */
  load(address: bigint, size: Size): bigint | Fault {
    const first = bytesInPage(address, size);
    if (first < size) return this.#loadAcross(address, first, size);
    const physical = this.#mmu.translateAndCache(address, size, 'read');
    if (isFault(physical)) return physical;
    if (this.#memory.contains(physical, size)) return this.#readRam(physical, size);
    const value = isAligned(address, size) ? this.#board.readDevice(this.#hart, physical, size) : undefined;
    return value ?? { cause: Exception.loadAccessFault, tval: address };
  }

  /** Undefined if the store was done. */
  store(address: bigint, value: bigint, size: Size): Fault | undefined {
    const first = bytesInPage(address, size);
    if (first < size) return this.#storeAcross(address, value, first, size);
    const physical = this.#mmu.translateAndCache(address, size, 'write');
    if (isFault(physical)) return physical;
    if (this.#memory.contains(physical, size)) {
      this.#writeRam(physical, value, size);
      return undefined;
    }
    const done =
      isAligned(address, size) &&
      this.#board.writeDevice(this.#hart, physical, size, BigInt.asUintN(size * 8, value));
    return done ? undefined : { cause: Exception.storeAccessFault, tval: address };
  }

  /** Host address of aligned RAM that may be read and written. Other memory does not support atomics (PMA). */
  atomicAddress(address: bigint, size: Size): number | Fault {
    if (!isAligned(address, size)) return { cause: Exception.storeAddressMisaligned, tval: address };
    const physical = this.#mmu.translateAndCache(address, size, 'write');
    if (isFault(physical)) return physical;
    if (!this.#memory.contains(physical, size)) return { cause: Exception.storeAccessFault, tval: address };
    this.#pages.written(physical, size);
    return this.#memory.hostAddress(physical);
  }

  /** Host address of aligned RAM that may be read. */
  reservedAddress(address: bigint, size: Size): number | Fault {
    if (!isAligned(address, size)) return { cause: Exception.loadAddressMisaligned, tval: address };
    const physical = this.#mmu.translateAndCache(address, size, 'read');
    if (isFault(physical)) return physical;
    if (!this.#memory.contains(physical, size)) return { cause: Exception.loadAccessFault, tval: address };
    return this.#memory.hostAddress(physical);
  }

  /** `cbo.zero` on the block that holds this address, which is RAM. */
  zeroBlock(address: bigint): Fault | undefined {
    const physical = this.#mmu.translateAndCache(blockOf(address), CACHE_BLOCK, 'write');
    if (isFault(physical)) return { cause: physical.cause, tval: address };
    if (!this.#memory.contains(physical, CACHE_BLOCK))
      return { cause: Exception.storeAccessFault, tval: address };
    const host = this.#memory.hostAddress(physical);
    this.#memory.bytes.fill(0, host, host + CACHE_BLOCK);
    this.#pages.written(physical, CACHE_BLOCK);
    return undefined;
  }

  /**
   * The rights that managing a cache block needs: those of a load or of a store (cmobase 1.0 §2.5.2), and nothing may be written
   * that cannot be read. Faults are those of stores. Only RAM has cache blocks.
   */
  manageBlock(address: bigint): Fault | undefined {
    const physical = this.#mmu.translate(blockOf(address), CACHE_BLOCK, 'read');
    if (!isFault(physical) && this.#memory.contains(physical, CACHE_BLOCK)) return undefined;
    const isPageFault = isFault(physical) && physical.cause === Exception.loadPageFault;
    return { cause: isPageFault ? Exception.storePageFault : Exception.storeAccessFault, tval: address };
  }

  #loadAcross(address: bigint, first: number, size: number): bigint | Fault {
    const parts = this.#translateAcross(address, first, size, 'read');
    if (isFault(parts)) return parts;
    let value = 0n;
    let shift = 0n;
    for (const { physical, length } of parts) {
      for (let index = 0; index < length; index++, shift += 8n) {
        value |= BigInt(this.#memory.bytes[this.#memory.hostAddress(physical + index)]!) << shift;
      }
    }
    return value;
  }

  #storeAcross(address: bigint, value: bigint, first: number, size: number): Fault | undefined {
    const parts = this.#translateAcross(address, first, size, 'write');
    if (isFault(parts)) return parts;
    let rest = value;
    for (const { physical, length } of parts) {
      for (let index = 0; index < length; index++, rest >>= 8n) {
        this.#memory.bytes[this.#memory.hostAddress(physical + index)] = Number(rest & 0xffn);
      }
      this.#pages.written(physical, length);
    }
    return undefined;
  }

  /** Both parts of an access, which must be RAM. A fault of the second has the address where that begins. */
  #translateAcross(
    address: bigint,
    first: number,
    size: number,
    access: 'read' | 'write',
  ): { physical: number; length: number }[] | Fault {
    const parts: { physical: number; length: number }[] = [];
    for (const [at, length] of [
      [address, first],
      [BigInt.asUintN(64, address + BigInt(first)), size - first],
    ] as const) {
      const physical = this.#mmu.translate(at, length, access);
      if (isFault(physical)) return physical;
      if (!this.#memory.contains(physical, length)) {
        const cause = access === 'read' ? Exception.loadAccessFault : Exception.storeAccessFault;
        return { cause, tval: at };
      }
      parts.push({ physical, length });
    }
    return parts;
  }

  #readRam(physical: number, size: Size): bigint {
    const { view } = this.#memory;
    const host = this.#memory.hostAddress(physical);
    switch (size) {
      case 1:
        return BigInt(view.getUint8(host));
      case 2:
        return BigInt(view.getUint16(host, true));
      case 4:
        return BigInt(view.getUint32(host, true));
      case 8:
        return view.getBigUint64(host, true);
    }
  }

  #writeRam(physical: number, value: bigint, size: Size): void {
    const { view } = this.#memory;
    const host = this.#memory.hostAddress(physical);
    switch (size) {
      case 1:
        view.setUint8(host, Number(value & 0xffn));
        break;
      case 2:
        view.setUint16(host, Number(value & 0xffffn), true);
        break;
      case 4:
        view.setUint32(host, Number(value & 0xffff_ffffn), true);
        break;
      case 8:
        view.setBigUint64(host, value, true);
        break;
    }
    this.#pages.written(physical, size);
  }
}

/** How many bytes of an access lie in the page that it begins in. */
const bytesInPage = (address: bigint, size: number): number =>
  Math.min(size, PAGE_SIZE - Number(address & 0xfffn));

const blockOf = (address: bigint): bigint => address & BigInt.asUintN(64, BigInt(-CACHE_BLOCK));

const isAligned = (address: bigint, size: number): boolean => (Number(address & 7n) & (size - 1)) === 0;
