/** Entries of page tables of RV64 as values (priv 1.13 §11.4.1, §11.5, §11.6; Svnapot §12; Svpbmt §13). */

export interface PageTableEntry {
  /** As in memory. */
  readonly bits: bigint;
  readonly valid: boolean;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly user: boolean;
  readonly global: boolean;
  readonly accessed: boolean;
  readonly dirty: boolean;
  /** Two bits for software. */
  readonly rsw: number;
  /** Physical page number as it is written, with the size of a NAPOT range in it. */
  readonly ppn: bigint;
  /** Memory type, bits 62:61: 0 as the platform has it, 1 NC, 2 IO, 3 reserved. */
  readonly pbmt: number;
  /** Bit 63: the entry is one of a naturally aligned range of 64 KiB. */
  readonly napot: boolean;
  /** Bits 60:54, which must be zero. */
  readonly reserved: number;
}

const bit = (bits: bigint, at: bigint): boolean => ((bits >> at) & 1n) === 1n;

export function decodeEntry(bits: bigint): PageTableEntry {
  return {
    bits,
    valid: bit(bits, 0n),
    read: bit(bits, 1n),
    write: bit(bits, 2n),
    execute: bit(bits, 3n),
    user: bit(bits, 4n),
    global: bit(bits, 5n),
    accessed: bit(bits, 6n),
    dirty: bit(bits, 7n),
    rsw: Number((bits >> 8n) & 3n),
    ppn: (bits >> 10n) & ((1n << 44n) - 1n),
    reserved: Number((bits >> 54n) & 0x7fn),
    pbmt: Number((bits >> 61n) & 3n),
    napot: bit(bits, 63n),
  };
}

/** An entry with R or X maps a page; one with neither, and without W, points to a table. */
export const isLeaf = ({ read, execute }: PageTableEntry): boolean => read || execute;

const memoryTypes = ['', 'NC', 'IO', 'reserved type'] as const;

/** `V RWX-GAD`, and what is rare behind it: `RSW=1 NC N`. */
export function describeFlags(entry: PageTableEntry): string {
  const letters = [
    [entry.read, 'R'],
    [entry.write, 'W'],
    [entry.execute, 'X'],
    [entry.user, 'U'],
    [entry.global, 'G'],
    [entry.accessed, 'A'],
    [entry.dirty, 'D'],
  ] as const;
  const rare = [
    ...(entry.rsw === 0 ? [] : [`RSW=${entry.rsw}`]),
    ...(entry.pbmt === 0 ? [] : [memoryTypes[entry.pbmt]!]),
    ...(entry.napot ? ['N'] : []),
    ...(entry.reserved === 0 ? [] : [`reserved=0x${entry.reserved.toString(16)}`]),
  ];
  const flags = letters.map(([set, letter]) => (set ? letter : '-')).join('');
  return [entry.valid ? 'V' : '-', flags, ...rare].join(' ');
}
