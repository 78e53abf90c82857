import type { Access } from '../api';
import { Privilege } from '../api';

/**
 * Entries of physical memory protection (priv 1.13 §3.7). The granularity is a page (G = 10), so that a page has the same rights
 * everywhere and can be cached: 4-byte regions do not exist, and the low bits of addresses read as the manual says for that.
 */
export const PMP_ENTRIES = 16;

const permissionBit = { read: 1, write: 2, execute: 4 } as const;
const LOCKED = 0x80;
const Mode = { off: 0, tor: 1, na4: 2, napot: 3 } as const;
/** R, W, X, A and L; the other bits of a configuration byte are zero. */
const CONFIG_BITS = 0x9f;
const ADDRESS_BITS = (1n << 54n) - 1n;
/** pmpaddr[G-1:0] are zero for ranges, pmpaddr[G-2:0] are ones for powers of two. */
const BELOW_GRAIN = 0x3ffn;
const NAPOT_ONES = 0x1ffn;

/** Physical addresses `[low, high)`. */
interface Region {
  readonly low: number;
  readonly high: number;
  readonly config: number;
}

/** The PMP unit of one hart: checks physical accesses, where the lowest-numbered matching entry decides. */
export class Pmp {
  readonly #config = new Uint8Array(PMP_ENTRIES);
  readonly #address = new BigUint64Array(PMP_ENTRIES);
  #regions: readonly Region[] = [];

  /** True if this access is allowed; the answer is the same for all of its page. */
  allows(address: number, access: Access, privilege: Privilege): boolean {
    for (const { low, high, config } of this.#regions) {
      if (address < low || address >= high) continue;
      return (
        (privilege === Privilege.machine && !(config & LOCKED)) || (config & permissionBit[access]) !== 0
      );
    }
    return privilege === Privilege.machine;
  }

  /** pmpcfg of entries `first` to `first + 7`, one byte each. */
  readConfig(first: number): bigint {
    return new DataView(this.#config.buffer).getBigUint64(first, true);
  }

  writeConfig(first: number, value: bigint): void {
    for (let index = first; index < first + 8; index++) {
      const config = Number((value >> BigInt((index - first) * 8)) & 0xffn) & CONFIG_BITS;
      const writeOnly = (config & 3) === permissionBit.write; // reserved
      const legal = !writeOnly && modeOf(config) !== Mode.na4;
      if (legal && !this.#locked(index)) this.#config[index] = config;
    }
    this.#update();
  }

  readAddress(index: number): bigint {
    const address = this.#address[index]!;
    return modeOf(this.#config[index]!) === Mode.napot ? address | NAPOT_ONES : address & ~BELOW_GRAIN;
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
  }

  #range(index: number, mode: number): { low: number; high: number } {
    const address = this.readAddress(index);
    switch (mode) {
      case Mode.tor: {
        const below = index === 0 ? 0n : this.#address[index - 1]! & ~BELOW_GRAIN;
        return { low: Number(below << 2n), high: Number(address << 2n) };
      }
      case Mode.napot: {
        // Trailing ones say the size: k of them, 2^(k+3) bytes.
        const ones = address & ~(address + 1n);
        const low = address & ~ones;
        return { low: Number(low << 2n), high: Number((low + 2n * (ones + 1n)) << 2n) };
      }
      default:
        return { low: 0, high: 0 };
    }
  }
}

const modeOf = (config: number): number => (config >> 3) & 3;
