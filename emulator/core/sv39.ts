import type { Access } from '../api';
import { Privilege } from '../api';
import type { GuestMemory } from './guest-memory';
import { PAGE_SIZE } from './guest-memory';
import type { Pmp } from './pmp';

/** Bits of a page-table entry (priv 1.13 §11.3.1, §11.4). */
const Pte = { V: 1, R: 2, W: 4, X: 8, U: 16, G: 32, A: 64, D: 128 } as const;
/** Bits 63:54 of an entry, in its high word: reserved without Svnapot and Svpbmt. */
const RESERVED_HIGH = 0xffc0_0000;
const LEVELS = 3;

/** What a walk depends on beside the tables. */
export interface AddressSpace {
  readonly satp: bigint;
  readonly privilege: Privilege;
  readonly sum: boolean;
  readonly mxr: boolean;
}

/** Where a page is, and the size in bytes of the leaf that maps it. */
export interface Mapping {
  readonly physical: number;
  readonly mapped: number;
}

/** A page fault, or an access fault on the way through the tables. */
export type WalkFault = 'page' | 'access';

/** Walks Sv39 page tables (priv 1.13 §11.3.2) and updates their A and D bits as hardware does (Svadu). */
export class PageWalker {
  readonly #memory: GuestMemory;
  readonly #pmp: () => Pmp;

  constructor(memory: GuestMemory, pmp: () => Pmp) {
    this.#memory = memory;
    this.#pmp = pmp;
  }

  /** Translates for an access, with all its rights and effects. */
  walk(address: bigint, access: Access, space: AddressSpace): Mapping | WalkFault {
    const leaf = this.#findLeaf(address, space.satp);
    if (typeof leaf === 'string') return leaf;
    if (!isAllowed(leaf.low, access, space)) return 'page';
    const wanted = leaf.low | Pte.A | (access === 'write' ? Pte.D : 0);
    if (wanted !== leaf.low) {
      if (!this.#pmp().allows(leaf.entry, 'write', Privilege.supervisor)) return 'access';
      this.#memory.write(leaf.entry, Uint8Array.of(wanted & 0xff));
    }
    return leaf;
  }

  /** Translates without looking at rights and without changing anything: for debuggers. */
  inspect(address: bigint, satp: bigint): Mapping | undefined {
    const leaf = this.#findLeaf(address, satp);
    return typeof leaf === 'string' ? undefined : leaf;
  }

  /** `low` is the low word of the leaf entry, `entry` its physical address. */
  #findLeaf(address: bigint, satp: bigint): (Mapping & { low: number; entry: number }) | WalkFault {
    // Bits 63:39 must all equal bit 38.
    if (BigInt.asIntN(39, address) !== BigInt.asIntN(64, address)) return 'page';
    const page = Number((address >> 12n) & 0x7ff_ffffn);
    let table = Number(satp & 0xfff_ffff_ffffn) * PAGE_SIZE;
    for (let level = LEVELS - 1; level >= 0; level--) {
      const entry = table + ((page >>> (9 * level)) & 511) * 8;
      if (!this.#memory.contains(entry, 8)) return 'access';
      if (!this.#pmp().allows(entry, 'read', Privilege.supervisor)) return 'access';
      const host = this.#memory.hostAddress(entry);
      const low = this.#memory.view.getUint32(host, true);
      const high = this.#memory.view.getUint32(host + 4, true);
      if (!(low & Pte.V) || (low & (Pte.R | Pte.W)) === Pte.W || high & RESERVED_HIGH) return 'page';
      const frame = high * 2 ** 22 + (low >>> 10);
      if (low & (Pte.R | Pte.X)) {
        const pages = 2 ** (9 * level);
        if (frame % pages !== 0) return 'page'; // misaligned superpage
        return { physical: (frame + (page % pages)) * PAGE_SIZE, mapped: pages * PAGE_SIZE, low, entry };
      }
      if (low & (Pte.A | Pte.D | Pte.U)) return 'page'; // reserved in a pointer to a table
      table = frame * PAGE_SIZE;
    }
    return 'page';
  }
}

function isAllowed(pte: number, access: Access, { privilege, sum, mxr }: AddressSpace): boolean {
  if (pte & Pte.U) {
    const supervisorMay = sum && access !== 'execute';
    if (privilege !== Privilege.user && !supervisorMay) return false;
  } else if (privilege === Privilege.user) {
    return false;
  }
  switch (access) {
    case 'read':
      return (pte & (mxr ? Pte.R | Pte.X : Pte.R)) !== 0;
    case 'write':
      return (pte & Pte.W) !== 0;
    case 'execute':
      return (pte & Pte.X) !== 0;
  }
}
