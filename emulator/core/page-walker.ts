import type { Access } from '../api';
import { Privilege } from '../api';
import type { GuestMemory } from './guest-memory';
import { PAGE_SIZE } from './guest-memory';
import { Status } from '../isa/status';
import type { Pmp } from './pmp';

/** Bits of a page-table entry (priv 1.13 §11.3.1, §11.4). */
const Pte = { V: 1, R: 2, W: 4, X: 8, U: 16, A: 64, D: 128 } as const;
/** The high word: bits 53:32 are the page number's, 60:54 reserved, 62:61 a memory type, 63 marks a NAPOT range. */
const High = { frame: 0x003f_ffff, reserved: 0x1fc0_0000, pbmt: 0x6000_0000, napot: 0x8000_0000 } as const;
const NAPOT_PAGES = 16;
/** The only range that Svnapot defines, 64 KiB: ppn[3:0] of its entries (priv 1.13 §12). */
const NAPOT_64K = 8;

/** What a walk depends on beside the tables; a hart's state. */
export interface AddressSpace {
  /** 3 with Sv39, 4 with Sv48, 5 with Sv57. */
  readonly levels: number;
  /** Physical address of the root table. */
  readonly root: number;
  /** SUM and MXR matter. */
  readonly mstatus: number;
  readonly pmp: Pmp;
  /** Svnapot is implemented; else its bit is reserved. */
  readonly napot: boolean;
  /** menvcfg.PBMTE: memory types are legal; all of them are the same here. */
  readonly pbmte: boolean;
  /** menvcfg.ADUE: A and D bits are updated by the walk (Svadu); else an access that needs it faults (Svade). */
  readonly adue: boolean;
}

/** Where a page is, and the size in bytes of the leaf that maps it. */
export interface Mapping {
  readonly physical: number;
  readonly mapped: number;
}

interface Leaf extends Mapping {
  /** Low word of the entry, and its physical address. */
  readonly low: number;
  readonly entry: number;
}

/** A page fault, or an access fault on the way through the tables. */
export type WalkFault = 'page' | 'access';

/** Walks page tables (priv 1.13 §11.3.2). Virtual addresses come in two words, because walks are too frequent for big integers. */
export class PageWalker {
  readonly #memory: GuestMemory;

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  /** Translates for an access with this privilege, with all its rights and effects. `high` and `low` are signed words. */
  walk(
    high: number,
    low: number,
    access: Access,
    privilege: Privilege,
    space: AddressSpace,
  ): Mapping | WalkFault {
    const leaf = this.#findLeaf(high, low, space);
    if (typeof leaf === 'string') return leaf;
    if (!isAllowed(leaf.low, access, privilege, space.mstatus)) return 'page';
    const wanted = leaf.low | Pte.A | (access === 'write' ? Pte.D : 0);
    if (wanted !== leaf.low) {
      if (!space.adue) return 'page';
      if (!space.pmp.allows(leaf.entry, 8, 'write', Privilege.supervisor)) return 'access';
      this.#memory.write(leaf.entry, Uint8Array.of(wanted & 0xff), 'walk');
    }
    return leaf;
  }

  /** Translates without looking at rights and without changing anything: for debuggers. */
  inspect(high: number, low: number, space: AddressSpace): Mapping | undefined {
    const leaf = this.#findLeaf(high, low, space);
    return typeof leaf === 'string' ? undefined : leaf;
  }

  #findLeaf(high: number, low: number, space: AddressSpace): Leaf | WalkFault {
    if (!isCanonical(high, space.levels)) return 'page';
    let table = space.root;
    for (let level = space.levels - 1; level >= 0; level--) {
      const entry = table + tableIndex(high, low, level) * 8;
      if (!this.#memory.contains(entry, 8)) return 'access';
      if (!space.pmp.allows(entry, 8, 'read', Privilege.supervisor)) return 'access';
      const host = this.#memory.hostAddress(entry);
      const pteLow = this.#memory.view.getInt32(host, true);
      const pteHigh = this.#memory.view.getInt32(host + 4, true);
      if (!(pteLow & Pte.V) || (pteLow & (Pte.R | Pte.W)) === Pte.W || pteHigh & High.reserved) return 'page';
      const frame = (pteHigh & High.frame) * 2 ** 22 + (pteLow >>> 10);
      if (pteLow & (Pte.R | Pte.X)) {
        const pages = leafPages(pteHigh, pteLow, level, space);
        if (pages === 0) return 'page';
        const first = pteHigh < 0 ? frame - NAPOT_64K : frame;
        const physical = (first + pageInside(high, low, pages)) * PAGE_SIZE;
        return { physical, mapped: pages * PAGE_SIZE, low: pteLow, entry };
      }
      // Reserved in a pointer to a table.
      if (pteLow & (Pte.A | Pte.D | Pte.U) || pteHigh & (High.pbmt | High.napot)) return 'page';
      table = frame * PAGE_SIZE;
    }
    return 'page';
  }
}

/** All bits above those translated must equal the highest of them: bit 38, 47 or 56 (priv 1.13 §11.4–§11.6). */
function isCanonical(high: number, levels: number): boolean {
  const unused = 64 - (12 + 9 * levels);
  return (high << unused) >> unused === high;
}

/** The nine bits of the address that index the table of a level. */
function tableIndex(high: number, low: number, level: number): number {
  switch (level) {
    case 0:
    case 1:
      return (low >>> (12 + 9 * level)) & 511;
    case 2:
      return ((high << 2) | (low >>> 30)) & 511;
    default:
      return (high >>> (9 * level - 20)) & 511;
  }
}

/** How many pages a leaf of each level maps. */
const pagesAt = [1, 2 ** 9, 2 ** 18, 2 ** 27, 2 ** 36];

/** How many pages a leaf maps; 0 if it is misaligned or has a reserved encoding. */
function leafPages(pteHigh: number, pteLow: number, level: number, space: AddressSpace): number {
  const type = pteHigh & High.pbmt;
  if (type !== 0 && (!space.pbmte || type === High.pbmt)) return 0;
  const frameLow = pteLow >>> 10;
  if (pteHigh < 0) return space.napot && level === 0 && (frameLow & 15) === NAPOT_64K ? NAPOT_PAGES : 0;
  const pages = pagesAt[level]!;
  const misaligned =
    level <= 2 ? frameLow & (pages - 1) : ((pteHigh & High.frame) * 2 ** 22 + frameLow) % pages;
  return misaligned === 0 ? pages : 0;
}

/** Which page of a leaf's range an address lies in. The highest leaves of Sv57 map 2^36 pages. */
function pageInside(high: number, low: number, pages: number): number {
  return pages <= 2 ** 27
    ? ((high << 20) | (low >>> 12)) & (pages - 1)
    : ((high >>> 0) * 2 ** 20 + (low >>> 12)) % pages;
}

function isAllowed(pte: number, access: Access, privilege: Privilege, mstatus: number): boolean {
  if (pte & Pte.U) {
    const supervisorMay = (mstatus & Status.SUM) !== 0 && access !== 'execute';
    if (privilege !== Privilege.user && !supervisorMay) return false;
  } else if (privilege === Privilege.user) {
    return false;
  }
  switch (access) {
    case 'read':
      return (pte & (mstatus & Status.MXR ? Pte.R | Pte.X : Pte.R)) !== 0;
    case 'write':
      return (pte & Pte.W) !== 0;
    case 'execute':
      return (pte & Pte.X) !== 0;
  }
}
