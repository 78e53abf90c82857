/** Reads `.symtab` (ELF gABI, "Symbol Table") into columns: a kernel has some ten thousand symbols, and few are asked for. */
import type { ProgramSymbol } from '../api';
import { decodeText } from '../bytes/byte-reader';
import type { ElfFile, ElfSection } from './elf-file';

const SHT_SYMTAB = 2;
const SHN_UNDEF = 0;
const SHN_ABS = 0xfff1;
const SHN_LORESERVE = 0xff00;
const SYMBOL_SIZE = 24;
const STB_LOCAL = 0;
const STB_WEAK = 2;
const [STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_COMMON, STT_GNU_IFUNC] = [0, 1, 2, 5, 10];
const TWO_32 = 0x1_0000_0000;
/** Longer names are cut: no compiler makes such, and damaged tables could have all symbols share one. */
const LONGEST_NAME = 4096;

/** What fits beside 32 bits of an address into the 53 of a number; the largest kernels have a tenth of it. */
export const MOST_SYMBOLS = 2 ** 21;

/** Kinds as `flags & KIND` has them. */
export const KINDS: readonly ProgramSymbol['kind'][] = ['function', 'object', 'label', 'absolute'];
export const SymbolFlag = {
  kind: 3,
  global: 4,
  weak: 8,
  /** The symbol table gives a size itself, so its bounds are certain. */
  sized: 16,
  /** `.Lname`: a label that the assembler usually drops. */
  local: 32,
} as const;

/** Functions, objects, labels and absolute symbols, in the table's order; entry `i` of each column is one symbol. */
export interface SymbolColumns {
  readonly count: number;
  /** Addresses as two halves: `bigint`s would be many times slower. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Bytes; 0 where the table gives no size, or one that leaves the section, which is damaged. */
  readonly size: Float64Array;
  /** Bytes to the end of the section that holds it; -1 for absolute symbols. */
  readonly room: Float64Array;
  /** {@link SymbolFlag}s. */
  readonly flags: Uint8Array;
  /** Where the name begins in `strings`. */
  readonly name: Uint32Array;
  readonly strings: Uint8Array;
}

/** Labels that the assembler usually drops; `.L0` and the like are its own marks for relaxation. */
export const isLocalLabel = (name: string) => name.startsWith('.L');

export function nameOf({ strings, name }: SymbolColumns, index: number): string {
  const start = name[index]!;
  return decodeText(strings, start, start + nameLength(strings, start));
}

/** Length of the name at an offset, without its NUL. */
export function nameLength(strings: Uint8Array, start: number): number {
  const length = strings.subarray(start, start + LONGEST_NAME).indexOf(0);
  return length < 0 ? Math.min(LONGEST_NAME, strings.length - start) : length;
}

/** Distance from one symbol's address to the end of a section, in bytes; rounded where it is beyond 2^53. */
function roomIn(section: ElfSection, low: number, high: number): number {
  const startLow = Number(section.address & 0xffff_ffffn);
  const startHigh = Number(section.address >> 32n);
  return section.size - ((high - startHigh) * TWO_32 + (low - startLow));
}

function kindOf(type: number, hasSize: boolean, section: ElfSection | undefined): number {
  switch (type) {
    case STT_FUNC:
    case STT_GNU_IFUNC:
      return 0;
    case STT_OBJECT:
    case STT_COMMON:
      return 1;
    case STT_NOTYPE:
      if (section === undefined) return 3;
      // Linux's SYM_CODE_START gives assembly code bounds but no type.
      return hasSize && section.executable ? 0 : 2;
    default:
      return -1; // sections, files, and thread-local offsets
  }
}

/** `$x`, `$xrv64imac…`, `$d`: where code and data begin (RISC-V ELF psABI, "Mapping Symbol"). */
function isMappingSymbol(strings: Uint8Array, at: number): boolean {
  return strings[at] === 0x24 && (strings[at + 1] === 0x78 || strings[at + 1] === 0x64);
}

const [DOT, UPPER_L, UPPER_A, UPPER_Z, DIGIT_0, DIGIT_9] = [0x2e, 0x4c, 0x41, 0x5a, 0x30, 0x39];

/**
 * `.L12`, `.LVL3`, `.LASF4`: numbered by the compiler or assembler and of use to nobody else. A relocatable kernel keeps its
 * millions of them, because its relocations are made from them.
 */
function isNumberedLabel(strings: Uint8Array, at: number): boolean {
  if (strings[at] !== DOT || strings[at + 1] !== UPPER_L) return false;
  let end = at + 2;
  while (strings[end]! >= UPPER_A && strings[end]! <= UPPER_Z) end++;
  return strings[end]! >= DIGIT_0 && strings[end]! <= DIGIT_9;
}

type Columns = Omit<SymbolColumns, 'count' | 'strings'>;

function cut({ low, high, size, room, flags, name }: Columns, count: number): Columns {
  return {
    low: low.slice(0, count),
    high: high.slice(0, count),
    size: size.slice(0, count),
    room: room.slice(0, count),
    flags: flags.slice(0, count),
    name: name.slice(0, count),
  };
}

/**
 * Reads the symbol table; no mapping symbols, sections, files, numbered labels, or symbols of sections that are not part of the
 * program.
 */
export function readSymbols({ sections, hasSectionOffsets }: ElfFile): SymbolColumns {
  const table = sections.find(({ type }) => type === SHT_SYMTAB);
  const strings = sections[table?.link ?? 0]?.stored ?? new Uint8Array(0);
  const bytes = table?.stored ?? new Uint8Array(0);
  const entries = strings.length === 0 ? 0 : Math.floor(bytes.length / SYMBOL_SIZE);
  const most = Math.min(entries, MOST_SYMBOLS);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const columns = {
    low: new Uint32Array(most),
    high: new Uint32Array(most),
    size: new Float64Array(most),
    room: new Float64Array(most),
    flags: new Uint8Array(most),
    name: new Uint32Array(most),
  };
  let count = 0;
  for (let entry = 0, at = 0; entry < entries && count < most; entry++, at += SYMBOL_SIZE) {
    const sectionIndex = view.getUint16(at + 6, true);
    if (sectionIndex === SHN_UNDEF || (sectionIndex >= SHN_LORESERVE && sectionIndex !== SHN_ABS)) continue;
    const section = sectionIndex === SHN_ABS ? undefined : sections[sectionIndex];
    if (sectionIndex !== SHN_ABS && !section?.allocated) continue;
    const info = bytes[at + 4]!;
    const size = view.getUint32(at + 20, true) * TWO_32 + view.getUint32(at + 16, true);
    const kind = kindOf(info & 15, size > 0, section);
    if (kind < 0) continue;
    const name = view.getUint32(at, true);
    // Without a name, or with one outside the section.
    if ((strings[name] ?? 0) === 0 || isMappingSymbol(strings, name)) continue;
    if (isNumberedLabel(strings, name)) continue;
    const value =
      hasSectionOffsets && section ? section.address + view.getBigUint64(at + 8, true) : undefined;
    const low = value === undefined ? view.getUint32(at + 8, true) : Number(value & 0xffff_ffffn);
    const high = value === undefined ? view.getUint32(at + 12, true) : Number((value >> 32n) & 0xffff_ffffn);
    const room = section === undefined ? -1 : roomIn(section, low, high);
    const sized = size > 0 && (section === undefined || size <= room);
    const isLocal = strings[name] === DOT && strings[name + 1] === UPPER_L;
    columns.low[count] = low;
    columns.high[count] = high;
    columns.size[count] = sized ? size : 0;
    columns.room[count] = section === undefined ? -1 : Math.max(room, 0);
    columns.flags[count] =
      kind |
      (info >> 4 === STB_LOCAL ? 0 : SymbolFlag.global) |
      (info >> 4 === STB_WEAK ? SymbolFlag.weak : 0) |
      (sized ? SymbolFlag.sized : 0) |
      (isLocal ? SymbolFlag.local : 0);
    columns.name[count] = name;
    count++;
  }
  // Of a table of millions few may be left.
  return count > most / 2 ? { count, ...columns, strings } : { count, ...cut(columns, count), strings };
}
