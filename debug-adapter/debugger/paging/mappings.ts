/** What page tables map, as ranges: neighbours with the same flags that lie beside each other in physical memory too are one. */
import { canonical, entrySpan, pageSize, type PagingMode } from './satp';
import { decodeEntry, type PageTableEntry } from './page-table-entry';
import { followEntry } from './page-walk';

/** What listing needs of tables. */
interface ReadableTables {
  readonly mode: PagingMode;
  readonly root: bigint;
  readonly napot: boolean;
  readonly pbmte: boolean;
  /** RAM at a physical address; `undefined` unless all of the range is RAM. */
  readonly readPhysical: (address: bigint, length: number) => Uint8Array | undefined;
}

/** Addresses are the first ones, `size` is in bytes. The flags are those of its first entry. */
interface MappedRange {
  readonly virtual: bigint;
  readonly physical: bigint;
  readonly size: bigint;
  readonly entry: PageTableEntry;
}

export interface Mappings {
  readonly ranges: readonly MappedRange[];
  /** Where to go on, if there is more. */
  readonly next: bigint | undefined;
}

/** What one list may cost: a table may point to itself, and then maps more than anybody can list. */
const mostTables = 512;
const entries = 512;

/** The ranges from `start` on, at most `most` of them. Entries that a hart would refuse are left out. */
export function mappingsFrom(start: bigint, tables: ReadableTables, most: number): Mappings {
  const ranges: MappedRange[] = [];
  let visited = 0;
  let next: bigint | undefined;

  const add = (range: MappedRange): boolean => {
    const last = ranges.at(-1);
    if (last && continues(last, range)) {
      ranges[ranges.length - 1] = { ...last, size: last.size + range.size };
      return true;
    }
    if (ranges.length === most) next = range.virtual;
    else ranges.push(range);
    return next === undefined;
  };

  /** False when the list is full. */
  const visit = (table: bigint, level: number, base: bigint): boolean => {
    if (++visited > mostTables) {
      next = canonical(base, tables.mode);
      return false;
    }
    const span = entrySpan(level);
    const words = tables.readPhysical(table, Number(pageSize));
    if (!words) return true;
    const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
    const from =
      base + span * BigInt(entries) <= start ? entries : base >= start ? 0 : Number((start - base) / span);
    for (let index = from; index < entries; index++) {
      if ((view.getUint8(index * 8) & 1) === 0) continue;
      const entry = decodeEntry(view.getBigUint64(index * 8, true));
      const at = base + BigInt(index) * span;
      const step = followEntry(entry, level, tables);
      if (step.kind === 'table' && !visit(step.table, level - 1, at)) return false;
      if (step.kind !== 'leaf') continue;
      // Each entry of a NAPOT range maps its own page of it.
      const physical = step.physical + (at & (step.size - 1n));
      if (!add({ virtual: canonical(at, tables.mode), physical, size: span, entry })) return false;
    }
    return true;
  };

  // Addresses without the bits above those translated are ascending as table entries are.
  const { levels } = tables.mode;
  start = BigInt.asUintN(12 + 9 * levels, start);
  visit(tables.root, levels - 1, 0n);
  return { ranges, next };
}

const flags = 0xffn;

function continues(last: MappedRange, { virtual, physical, entry }: MappedRange): boolean {
  return (
    last.virtual + last.size === virtual &&
    last.physical + last.size === physical &&
    (last.entry.bits & flags) === (entry.bits & flags) &&
    last.entry.pbmt === entry.pbmt
  );
}
