/**
 * Relocations of what is not linked, such as the debug information of a module: the offsets and addresses in it are 0 in the file, and
 * computed from where its sections are (RISC-V ELF psABI, "Relocations"; gABI, "Relocation").
 */
import type { Steps } from '../steps';
import type { ElfFile, ElfSection } from './elf-file';

const SHT_SYMTAB = 2;
const SHT_RELA = 4;
const SHN_UNDEF = 0;
const SHN_LORESERVE = 0xff00;
const SHN_ABS = 0xfff1;
const RELA_SIZE = 24;
const SYMBOL_SIZE = 24;
/** Relocations between two yields: some milliseconds. */
const PIECE = 100_000;
/** A ULEB128 of 64 bits has ten bytes (DWARF 5 §7.6). */
const LONGEST_ULEB128 = 10;

/** psABI, "Relocation types": those of data. Those of instructions change no data, and are passed over. */
const R = {
  NONE: 0,
  R32: 1,
  R64: 2,
  ADD8: 33,
  ADD16: 34,
  ADD32: 35,
  ADD64: 36,
  SUB8: 37,
  SUB16: 38,
  SUB32: 39,
  SUB64: 40,
  ALIGN: 43,
  RELAX: 51,
  SUB6: 52,
  SET6: 53,
  SET8: 54,
  SET16: 55,
  SET32: 56,
  PCREL32: 57,
  SET_ULEB128: 60,
  SUB_ULEB128: 61,
} as const;

/**
 * Where something is that is nowhere: code and data that were not loaded, or given back. No address of RV64's virtual memory, and small
 * enough to be a number.
 */
export const NOWHERE = 1n << 52n;

/** How often each kind of damage was met. */
interface Damage {
  unknown: number;
  outside: number;
}

/** The contents of a section with its relocations applied, on a copy. What is damaged is left out, with a warning. */
export function* relocated(
  section: ElfSection,
  contents: Uint8Array,
  { sections, warnings }: Pick<ElfFile, 'sections' | 'warnings'>,
): Steps<Uint8Array> {
  const tables = sections.filter(({ type, info }) => type === SHT_RELA && info === section.index);
  if (tables.length === 0 || section.index === 0) return contents;
  // A Buffer's slice() would be no copy.
  const bytes = new Uint8Array(contents);
  const view = new DataView(bytes.buffer);
  const damage: Damage = { unknown: 0, outside: 0 };
  for (const { stored, link } of tables) {
    const symbols = new SymbolValues(sections, link);
    const table = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
    const count = Math.floor(stored.length / RELA_SIZE);
    for (let n = 0; n < count; n++) {
      if (n % PIECE === PIECE - 1) yield n / count;
      const at = n * RELA_SIZE;
      const place = table.getUint32(at, true) + table.getUint32(at + 4, true) * 2 ** 32;
      const type = table.getUint32(at + 8, true);
      const value = symbols.at(table.getUint32(at + 12, true)) + table.getBigInt64(at + 16, true);
      apply(view, place, type, value, section.address, damage);
    }
  }
  if (damage.unknown + damage.outside > 0) {
    warnings.push(
      `${damage.unknown + damage.outside} relocations of section ${section.name} cannot be applied (${damage.unknown} of an unknown kind, ${damage.outside} outside of it): the file is damaged or from another tool, and what they belong to is left as it is.`,
    );
  }
  return bytes;
}

/** Values of the symbols of a table, with the addresses of their sections. */
class SymbolValues {
  readonly #sections: readonly ElfSection[];
  readonly #table: DataView;

  constructor(sections: readonly ElfSection[], table: number) {
    const section = sections[table];
    const stored = section?.type === SHT_SYMTAB ? section.stored : new Uint8Array(0);
    this.#sections = sections;
    this.#table = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  }

  /** Symbol 0 has the value 0 (gABI, "Symbol Table"). */
  at(index: number): bigint {
    const at = index * SYMBOL_SIZE;
    if (index === 0 || at + SYMBOL_SIZE > this.#table.byteLength) return 0n;
    const section = this.#table.getUint16(at + 6, true);
    const value = this.#table.getBigUint64(at + 8, true);
    if (section === SHN_ABS) return value;
    if (section === SHN_UNDEF || section >= SHN_LORESERVE) return NOWHERE;
    return (this.#sections[section]?.address ?? NOWHERE) + value;
  }
}

function apply(
  view: DataView,
  at: number,
  type: number,
  value: bigint,
  address: bigint,
  damage: Damage,
): void {
  const size = sizeOf(type);
  if (size === undefined) {
    damage.unknown++;
    return;
  }
  if (at + size > view.byteLength) {
    damage.outside++;
    return;
  }
  const low = Number(value & 0xffff_ffffn);
  switch (type) {
    case R.R64:
      view.setBigUint64(at, BigInt.asUintN(64, value), true);
      break;
    case R.ADD64:
      view.setBigUint64(at, BigInt.asUintN(64, view.getBigUint64(at, true) + value), true);
      break;
    case R.SUB64:
      view.setBigUint64(at, BigInt.asUintN(64, view.getBigUint64(at, true) - value), true);
      break;
    case R.R32:
    case R.SET32:
      view.setUint32(at, low, true);
      break;
    case R.PCREL32:
      view.setUint32(at, Number((value - address - BigInt(at)) & 0xffff_ffffn), true);
      break;
    case R.ADD32:
      view.setUint32(at, view.getUint32(at, true) + low, true);
      break;
    case R.SUB32:
      view.setUint32(at, view.getUint32(at, true) - low, true);
      break;
    case R.SET16:
      view.setUint16(at, low, true);
      break;
    case R.ADD16:
      view.setUint16(at, view.getUint16(at, true) + low, true);
      break;
    case R.SUB16:
      view.setUint16(at, view.getUint16(at, true) - low, true);
      break;
    case R.SET8:
      view.setUint8(at, low);
      break;
    case R.ADD8:
      view.setUint8(at, view.getUint8(at) + low);
      break;
    case R.SUB8:
      view.setUint8(at, view.getUint8(at) - low);
      break;
    case R.SET6:
    case R.SUB6: {
      // The upper two bits are DW_CFA_advance_loc's.
      const old = view.getUint8(at);
      view.setUint8(at, (old & 0xc0) | ((type === R.SET6 ? low : (old & 0x3f) - low) & 0x3f));
      break;
    }
    case R.SET_ULEB128:
    case R.SUB_ULEB128:
      if (!changeUleb128(view, at, (old) => (type === R.SET_ULEB128 ? value : old - value))) damage.outside++;
      break;
  }
}

/** Bytes that a relocation changes at least; `undefined` for one that is not of data. */
function sizeOf(type: number): number | undefined {
  switch (type) {
    case R.NONE:
    case R.ALIGN:
    case R.RELAX:
      return 0;
    case R.R64:
    case R.ADD64:
    case R.SUB64:
      return 8;
    case R.R32:
    case R.ADD32:
    case R.SUB32:
    case R.SET32:
    case R.PCREL32:
      return 4;
    case R.ADD16:
    case R.SUB16:
    case R.SET16:
      return 2;
    case R.ADD8:
    case R.SUB8:
    case R.SET8:
    case R.SET6:
    case R.SUB6:
    case R.SET_ULEB128:
    case R.SUB_ULEB128:
      return 1;
    default:
      return undefined;
  }
}

/** Writes a number in as many bytes as the one that is there has; false if that one has no end. */
function changeUleb128(view: DataView, at: number, change: (old: bigint) => bigint): boolean {
  let length = 0;
  let old = 0n;
  for (let more = true; more; length++) {
    if (length === LONGEST_ULEB128 || at + length >= view.byteLength) return false;
    const byte = view.getUint8(at + length);
    old |= BigInt(byte & 0x7f) << BigInt(7 * length);
    more = byte >= 0x80;
  }
  // What does not fit is lost between a set and the subtraction that follows it, and comes back with that.
  let value = BigInt.asUintN(7 * length, change(old));
  for (let n = 0; n < length; n++, value >>= 7n) {
    view.setUint8(at + n, Number(value & 0x7fn) | (n < length - 1 ? 0x80 : 0));
  }
  return true;
}
