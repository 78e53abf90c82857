/** The units of `.debug_info` (and `.debug_types` of DWARF 4): headers at first, the rest when it is asked for. */
import type { ByteReader } from '../bytes/byte-reader';
import { Abbreviations, type AbbreviationTable } from './abbreviations';
import { AT, UT } from './constants';
import { skipForm, type UnitContext } from './form-sizes';
import { readForm, readOffset, type FormValue } from './forms';
import type { DwarfSections } from './sections';

export interface Unit extends UnitContext {
  readonly section: 'info' | 'types';
  /** Position after the last byte of the unit. */
  readonly end: number;
  /** Position of the root DIE. */
  readonly firstDie: number;
  readonly abbreviations: AbbreviationTable;
  /** Of a type unit: its signature and the position of the DIE that it describes. */
  readonly type: { readonly signature: bigint; readonly die: number } | undefined;
  /** Attributes of the root DIE that this reader uses. */
  readonly root: ReadonlyMap<number, FormValue>;
}

/** Length field of a unit (DWARF 5 §7.4): where the unit ends and which offset size it uses. */
export function readInitialLength(reader: ByteReader): { readonly end: number; readonly offsetSize: number } {
  const first = reader.u32();
  const offsetSize = first === 0xffff_ffff ? 8 : 4;
  const length = offsetSize === 8 ? reader.size64() : first;
  // 0xfffffff0 and up are reserved.
  if (offsetSize === 4 && first >= 0xffff_fff0) reader.fail();
  return { end: reader.offset + length, offsetSize };
}

/** All units of a section, in order; the first damaged header ends the list with a warning. */
export function readUnits(sections: DwarfSections, warnings: string[]): Unit[] {
  const abbreviations = new Abbreviations(sections);
  const units: Unit[] = [];
  for (const section of ['info', 'types'] as const) {
    const reader = sections.readerAt(section, 0);
    while (reader.more()) {
      const offset = reader.offset;
      const { end, offsetSize } = readInitialLength(reader);
      if (reader.failed() || end > reader.end) {
        warnings.push(
          `Section .debug_${section} is damaged at 0x${offset.toString(16)}: types and lines after it are left out.`,
        );
        break;
      }
      const header = readHeader(reader, section, offset, offsetSize, end);
      if (header !== undefined) units.push(new LazyUnit(sections, abbreviations, header));
      reader.offset = end;
    }
  }
  return units;
}

type UnitHeader = Omit<Unit, 'abbreviations' | 'root' | 'strOffsetsBase' | 'addrBase'> & {
  readonly abbreviationOffset: number;
};

/** A header whose length has been read; `undefined` for versions that nobody has defined yet and damaged ones. */
function readHeader(
  reader: ByteReader,
  section: 'info' | 'types',
  offset: number,
  offsetSize: number,
  end: number,
): UnitHeader | undefined {
  const version = reader.u16();
  if (version < 2 || version > 5) return undefined;
  const unitType = version >= 5 ? reader.u8() : section === 'types' ? UT.type : UT.compile;
  let addressSize = version >= 5 ? reader.u8() : 0;
  const abbreviationOffset = readOffset(reader, offsetSize);
  if (version < 5) addressSize = reader.u8();
  let type: { signature: bigint; die: number } | undefined;
  if (unitType === UT.type || unitType === UT.split_type) {
    type = { signature: reader.u64(), die: offset + readOffset(reader, offsetSize) };
  } else if (unitType === UT.skeleton || unitType === UT.split_compile) {
    reader.skip(8);
  }
  if (reader.failed() || reader.offset > end) return undefined;
  const firstDie = reader.offset;
  return { section, offset, end, version, addressSize, offsetSize, abbreviationOffset, type, firstDie };
}

const ROOT_ATTRIBUTES: readonly number[] = [
  AT.name,
  AT.stmt_list,
  AT.low_pc,
  AT.high_pc,
  AT.language,
  AT.comp_dir,
  AT.ranges,
  AT.str_offsets_base,
  AT.addr_base,
  AT.rnglists_base,
  AT.loclists_base,
];

class LazyUnit implements Unit {
  readonly section: 'info' | 'types';
  readonly offset: number;
  readonly end: number;
  readonly version: number;
  readonly addressSize: number;
  readonly offsetSize: number;
  readonly type: Unit['type'];
  readonly firstDie: number;
  readonly #sections: DwarfSections;
  readonly #shapes: Abbreviations;
  readonly #abbreviationOffset: number;
  #strOffsetsBase = 0;
  #addrBase = 0;
  #root: ReadonlyMap<number, FormValue> | undefined;

  constructor(sections: DwarfSections, shapes: Abbreviations, header: UnitHeader) {
    this.section = header.section;
    this.offset = header.offset;
    this.end = header.end;
    this.version = header.version;
    this.addressSize = header.addressSize;
    this.offsetSize = header.offsetSize;
    this.type = header.type;
    this.firstDie = header.firstDie;
    this.#sections = sections;
    this.#shapes = shapes;
    this.#abbreviationOffset = header.abbreviationOffset;
  }

  get abbreviations(): AbbreviationTable {
    return this.#shapes.table(this.#abbreviationOffset);
  }

  get root(): ReadonlyMap<number, FormValue> {
    if (this.#root === undefined) {
      this.#root = this.#readRoot();
      this.#strOffsetsBase = offsetOf(this.#root, AT.str_offsets_base);
      this.#addrBase = offsetOf(this.#root, AT.addr_base);
      // Bases of indexed forms are attributes of the same DIE and may follow what uses them.
      if (this.#strOffsetsBase !== 0 || this.#addrBase !== 0) this.#root = this.#readRoot();
    }
    return this.#root;
  }

  get strOffsetsBase(): number {
    return this.root.size > 0 ? this.#strOffsetsBase : 0;
  }

  get addrBase(): number {
    return this.root.size > 0 ? this.#addrBase : 0;
  }

  #readRoot(): ReadonlyMap<number, FormValue> {
    const reader = this.#sections.readerAt(this.section, this.firstDie);
    const context: UnitContext = {
      offset: this.offset,
      version: this.version,
      addressSize: this.addressSize,
      offsetSize: this.offsetSize,
      strOffsetsBase: this.#strOffsetsBase,
      addrBase: this.#addrBase,
    };
    const attributes = new Map<number, FormValue>();
    const shape = this.#shapes.root(this.#abbreviationOffset, reader.uleb());
    for (const { name, form, implicit } of shape?.attributes ?? []) {
      if (ROOT_ATTRIBUTES.includes(name)) {
        attributes.set(name, readForm(reader, form, implicit, context, this.#sections));
      } else skipForm(reader, form, context);
      if (reader.failed() || reader.offset > this.end) break;
    }
    return attributes;
  }
}

function offsetOf(attributes: ReadonlyMap<number, FormValue>, name: number): number {
  const value = attributes.get(name);
  return value?.kind === 'offset' ? value.value : 0;
}

/** The unit that holds a position of `.debug_info`; `units` are in the order of {@link readUnits}. */
export function unitAt(units: readonly Unit[], offset: number): Unit | undefined {
  let [low, high] = [0, units.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const unit = units[middle]!;
    // Those of .debug_types come last.
    if (unit.section === 'info' && unit.offset <= offset) low = middle + 1;
    else high = middle;
  }
  const unit = units[low - 1];
  return unit?.section === 'info' && offset < unit.end ? unit : undefined;
}
