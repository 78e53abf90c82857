/** A page-table walk and the mappings of an address space as plain text in columns. */
import { hex } from '../../unwind/hex';
import type { AddressSpace } from './address-space';
import { describeFlags, isLeaf } from './page-table-entry';
import { accesses, rightTo } from './page-rights';
import type { Mappings } from './mappings';
import type { MappedPage, PageWalk, WalkLevel } from './page-walk';
import { describePmp, pmpVerdict } from './pmp';
import { pageSize, type Satp } from './satp';

const names = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `4 KiB`, `2 MiB`. */
export function describeSize(bytes: bigint): string {
  let size = bytes / 1024n;
  let unit = 0;
  while (size >= 1024n && size % 1024n === 0n && unit < names.length - 1) {
    size /= 1024n;
    unit++;
  }
  return `${size} ${names[unit]!}`;
}

/** `Sv39, ASID 3, root table at 0x80a00000`. */
export function describeSatp({ mode, asid, root }: Satp): string {
  if (mode === 'bare') return 'bare: addresses are physical';
  if (mode === 'reserved') return 'a reserved mode';
  return `${mode.name}, ASID ${asid}, root table at ${hex(root)}`;
}

/** A row for each level, of columns as wide as their widest cell; nothing if there are none. */
export function levelsText({ levels }: PageWalk): string {
  if (levels.length === 0) return '';
  return columns([
    ['level', 'table', 'index', 'entry at', 'entry', 'flags', 'leads to'],
    ...levels.map((level) => [
      level.level.toString(),
      hex(level.table),
      level.index.toString(),
      hex(level.at),
      level.entry ? `0x${level.entry.bits.toString(16).padStart(16, '0')}` : '?',
      level.entry ? describeFlags(level.entry) : '',
      leadsTo(level),
    ]),
  ]);
}

function leadsTo({ entry }: WalkLevel): string {
  if (!entry?.valid) return '';
  const { ppn } = entry;
  return `${isLeaf(entry) ? 'page' : 'table'} ${hex(ppn * pageSize)} (PPN ${hex(ppn)})`;
}

/** Where the walk came to, and who may do what there. */
export function outcomeText({ outcome, levels }: PageWalk, space: AddressSpace): string {
  if (outcome.kind === 'fault') {
    const where = levels.length === 0 ? '' : ` at level ${levels.at(-1)!.level}`;
    return `Every access is ${outcome.fault === 'page' ? 'a page' : 'an access'} fault${where}: ${outcome.reason}.`;
  }
  const { page, physical } = outcome;
  const range = (start: bigint): string => `[${hex(start)}, ${hex(start + page.size)})`;
  return [
    `physical ${hex(physical)}, in a page of ${describeSize(page.size)}: ${range(page.virtual)} → ${range(page.physical)}`,
    ...(['supervisor', 'user'] as const).map((privilege) => rightsText(page, privilege, space)),
    pmpText(physical, space),
  ].join('\n');
}

function rightsText(
  { entry }: MappedPage,
  privilege: 'supervisor' | 'user',
  { rights }: AddressSpace,
): string {
  const mode = privilege === 'supervisor' ? 'S-mode' : 'U-mode';
  const found = accesses.map((access) => rightTo(access, entry, { ...rights, privilege }));
  const reasons = new Set(found.map((right) => (right.allowed ? '' : right.reason)));
  const [common] = reasons;
  if (reasons.size === 1 && common !== '') return `${mode}: every access is a page fault (${common!})`;
  const parts = found.map((right, i) => {
    const access = accesses[i]!;
    if (!right.allowed) return `${access} page fault (${right.reason})`;
    return right.sets === '' ? `${access} ok` : `${access} ok (sets ${right.sets.split('').join(' and ')})`;
  });
  return `${mode}: ${parts.join(' · ')}`;
}

/** What PMP says of a physical address below M-mode. */
export function pmpText(physical: bigint, { pmp }: AddressSpace): string {
  const verdicts = accesses.map((access) => ({
    access,
    ...pmpVerdict(pmp, physical, 1, access, 'supervisor'),
  }));
  const entry = verdicts[0]?.entry;
  const by = entry ? `pmp${entry.index}, ${describePmp(entry)}` : 'no entry matches, so it is M-mode’s alone';
  const denied = verdicts.filter(({ allowed }) => !allowed).map(({ access }) => access);
  return denied.length === 0
    ? `PMP: all allowed (${pmp.length === 0 ? 'this hart has none' : by})`
    : `PMP: access fault on ${denied.join(', ')} (${by})`;
}

/** One row for each range, as QEMU's `info mem` has them, with the page's flags. */
export function mappingsText({ ranges }: Mappings): string {
  return columns([
    ['virtual', 'physical', 'size', 'flags'],
    ...ranges.map(({ virtual, physical, size, entry }) => [
      padded(virtual),
      `0x${physical.toString(16).padStart(10, '0')}`,
      describeSize(size),
      describeFlags(entry),
    ]),
  ]);
}

const padded = (address: bigint): string => `0x${address.toString(16).padStart(16, '0')}`;

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
