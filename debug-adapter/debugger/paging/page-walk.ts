/** A walk through page tables, level by level, as data (priv 1.13 §11.3.2). Nothing is changed, and nothing throws. */
import { hex } from '../../unwind/hex';
import { decodeEntry, isLeaf, type PageTableEntry } from './page-table-entry';
import { canonical, entrySpan, pageSize, type PagingMode } from './satp';

/** What a walk depends on beside the address. */
export interface PageTables {
  readonly mode: PagingMode;
  /** Physical address of the root table. */
  readonly root: bigint;
  /** Svnapot is implemented; else its bit is reserved. */
  readonly napot: boolean;
  /** menvcfg.PBMTE: memory types are legal. */
  readonly pbmte: boolean;
  /** The 64 bits at a physical address; `undefined` where there is no RAM. */
  readonly readWord: (address: bigint) => bigint | undefined;
  /** Whether PMP lets the hart's walk read an entry. */
  readonly mayRead: (address: bigint) => boolean;
}

export interface WalkLevel {
  /** 0 for the tables whose entries are pages of 4 KiB. */
  readonly level: number;
  /** Physical address of the table, and that of the entry in it. */
  readonly table: bigint;
  readonly index: number;
  readonly at: bigint;
  /** `undefined` if it cannot be read. */
  readonly entry: PageTableEntry | undefined;
}

/** A page that an entry maps. Virtual and physical are the first addresses; `size` is in bytes. */
export interface MappedPage {
  readonly entry: PageTableEntry;
  readonly virtual: bigint;
  readonly physical: bigint;
  readonly size: bigint;
}

/** `page` faults and `access` faults are different causes. The reason is a sentence. */
export interface WalkFault {
  readonly kind: 'fault';
  readonly fault: 'page' | 'access';
  readonly reason: string;
}

type WalkOutcome =
  { readonly kind: 'mapped'; readonly page: MappedPage; readonly physical: bigint } | WalkFault;

export interface PageWalk {
  readonly levels: readonly WalkLevel[];
  readonly outcome: WalkOutcome;
}

/** The only range that Svnapot defines, 64 KiB: ppn[3:0] of its entries, and its pages (priv 1.13 §12). */
const napotCode = 8n;
const napotPages = 16n;

export function walkPages(address: bigint, tables: PageTables): PageWalk {
  const { mode } = tables;
  const levels: WalkLevel[] = [];
  if (canonical(address, mode) !== address) {
    const top = 11 + 9 * mode.levels;
    return {
      levels,
      outcome: page(
        `the address is not canonical: with ${mode.name}, bits 63 to ${top + 1} must equal bit ${top}`,
      ),
    };
  }
  let table = tables.root;
  for (let level = mode.levels - 1; level >= 0; level--) {
    const index = Number((address >> BigInt(12 + 9 * level)) & 511n);
    const at = table + BigInt(index) * 8n;
    const bits = tables.readWord(at);
    const entry = bits === undefined ? undefined : decodeEntry(bits);
    levels.push({ level, table, index, at, entry });
    if (!entry)
      return { levels, outcome: access(`there is no memory at ${hex(at)}, where the entry would be`) };
    if (!tables.mayRead(at))
      return { levels, outcome: access(`PMP forbids to read the entry at ${hex(at)}`) };
    const step = followEntry(entry, level, tables);
    if (step.kind === 'fault') return { levels, outcome: step };
    if (step.kind === 'leaf') {
      const inside = address & (step.size - 1n);
      const mapped = { entry, virtual: address - inside, physical: step.physical, size: step.size };
      return { levels, outcome: { kind: 'mapped', page: mapped, physical: step.physical + inside } };
    }
    table = step.table;
  }
  return { levels, outcome: page('the walk ends at an entry that points to a table below the last level') };
}

type EntryStep =
  | { readonly kind: 'table'; readonly table: bigint }
  | { readonly kind: 'leaf'; readonly physical: bigint; readonly size: bigint }
  | WalkFault;

/** Where an entry of a level leads, or why it cannot be used. Rights to the page are not looked at. */
export function followEntry(
  entry: PageTableEntry,
  level: number,
  { napot, pbmte }: Pick<PageTables, 'napot' | 'pbmte'>,
): EntryStep {
  if (!entry.valid) return page('the entry is not valid (V is 0)');
  if (entry.write && !entry.read) return page('the entry is reserved: W without R');
  if (entry.reserved !== 0) return page('the entry is reserved: bits 60 to 54 are not zero');
  if (!isLeaf(entry)) {
    if (level === 0) return page('the entry points to a table, but the last level has pages only');
    if (entry.accessed || entry.dirty || entry.user) {
      return page('the entry is reserved: it points to a table, and has A, D or U');
    }
    if (entry.pbmt !== 0 || entry.napot) {
      return page('the entry is reserved: it points to a table, and has a memory type or N');
    }
    return { kind: 'table', table: entry.ppn * pageSize };
  }
  if (entry.pbmt !== 0 && !pbmte) return page('the entry is reserved: a memory type, but menvcfg.PBMTE is 0');
  if (entry.pbmt === 3) return page('the entry is reserved: memory type 3');
  if (entry.napot) {
    if (!napot) return page('the entry is reserved: N, but this hart has no Svnapot');
    if (level !== 0 || (entry.ppn & 15n) !== napotCode) {
      return page('the entry is reserved: N is for ranges of 64 KiB in the last level, with PPN[3:0] = 8');
    }
    return { kind: 'leaf', physical: (entry.ppn - napotCode) * pageSize, size: napotPages * pageSize };
  }
  const size = entrySpan(level);
  const physical = entry.ppn * pageSize;
  if (physical % size !== 0n) {
    return page(`the superpage is misaligned: ${hex(physical)} is no multiple of its size, ${hex(size)}`);
  }
  return { kind: 'leaf', physical, size };
}

const page = (reason: string): WalkFault => ({ kind: 'fault', fault: 'page', reason });
const access = (reason: string): WalkFault => ({ kind: 'fault', fault: 'access', reason });
