import type { Access } from '../api';
import { Privilege } from '../api';

/** Entries of physical memory protection (priv 1.13 §3.7). The granularity is 4 bytes (G = 0), as on QEMU. */
export const PMP_ENTRIES = 16;

const permissionBit = { read: 1, write: 2, execute: 4 } as const;
const LOCKED = 0x80;
const Mode = { off: 0, tor: 1, na4: 2, napot: 3 } as const;
/** R, W, X, A and L; the other bits of a configuration byte are zero. */
const CONFIG_BITS = 0x9f;
const ADDRESS_BITS = (1n << 54n) - 1n;
/** All physical addresses are below. */
const ADDRESS_END = 2 ** 56;
const PAGE_SIZE = 4096;

/** Physical addresses `[low, high)`. Above 2^53 they are rounded, but nothing is there. */
interface Region {
  readonly low: number;
  readonly high: number;
  readonly config: number;
}

/** The PMP unit of one hart: checks physical accesses, where the lowest-numbered matching entry decides. */
export class Pmp {
  readonly #config = new Uint8Array(PMP_ENTRIES);
  readonly #address = new BigUint64Array(PMP_ENTRIES);
  /** Entries that match something, in their order. */
  #regions: readonly Region[] = [];
  /** The first of them allows everything everywhere. */
  #open = false;

  /** True if an access to `length` bytes is allowed. One that the deciding entry matches only partly is not (§3.7.1). */
  allows(address: number, length: number, access: Access, privilege: Privilege): boolean {
    if (this.#open) return true;
    const end = address + length;
    for (const { low, high, config } of this.#regions) {
      if (end <= low || address >= high) continue;
      if (address < low || end > high) return false;
      return (
        (privilege === Privilege.machine && !(config & LOCKED)) || (config & permissionBit[access]) !== 0
      );
    }
    return privilege === Privilege.machine;
  }

  /** True if the same entry decides for all of a page, so that its rights can be cached. `page` is its first address. */
  isUniform(page: number): boolean {
    if (this.#open) return true;
    const end = page + PAGE_SIZE;
    for (const { low, high } of this.#regions) {
      if (end > low && page < high) return page >= low && end <= high;
    }
    return true;
  }

  /** pmpcfg of entries `first` to `first + 7`, one byte each. */
  readConfig(first: number): bigint {
    return new DataView(this.#config.buffer).getBigUint64(first, true);
  }

  writeConfig(first: number, value: bigint): void {
    for (let index = first; index < first + 8; index++) {
      const config = Number((value >> BigInt((index - first) * 8)) & 0xffn) & CONFIG_BITS;
      const writeOnly = (config & 3) === permissionBit.write; // reserved
      if (!writeOnly && !this.#locked(index)) this.#config[index] = config;
    }
    this.#update();
  }

  readAddress(index: number): bigint {
    return this.#address[index]!;
  }

  writeAddress(index: number, value: bigint): void {
    if (this.#locked(index)) return;
    const next = this.#config[index + 1] ?? 0;
    // The bottom of a locked top-of-range region is locked with it.
    if (next & LOCKED && modeOf(next) === Mode.tor) return;
    this.#address[index] = value & ADDRESS_BITS;
    this.#update();
  }

  /** Lets all privileges access everything, as firmware does that protects nothing. */
  openAll(): void {
    this.#address[0] = ADDRESS_BITS;
    this.#config[0] = (Mode.napot << 3) | 7;
    this.#update();
  }

  values(): (number | bigint)[] {
    return [...this.#config, ...this.#address];
  }

  #locked(index: number): boolean {
    return (this.#config[index]! & LOCKED) !== 0;
  }

  #update(): void {
    this.#regions = Array.from(this.#config, (config, index) => ({
      ...this.#range(index, modeOf(config)),
      config,
    })).filter(({ low, high }) => low < high);
    const [first] = this.#regions;
    this.#open = first?.low === 0 && first.high >= ADDRESS_END && (first.config & 7) === 7;
  }

  #range(index: number, mode: number): { low: number; high: number } {
    const address = this.#address[index]!;
    const low = Number(address << 2n);
    switch (mode) {
      case Mode.tor:
        return { low: index === 0 ? 0 : Number(this.#address[index - 1]! << 2n), high: low };
      case Mode.na4:
        return { low, high: low + 4 };
      case Mode.napot: {
        // Trailing ones say the size: k of them, 2^(k+3) bytes.
        const ones = address & ~(address + 1n);
        const start = address & ~ones;
        return { low: Number(start << 2n), high: Number((start + 2n * (ones + 1n)) << 2n) };
      }
      default:
        return { low: 0, high: 0 };
    }
  }
}

const modeOf = (config: number): number => (config >> 3) & 3;
