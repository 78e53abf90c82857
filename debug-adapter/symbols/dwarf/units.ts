/** The units of `.debug_info` (and `.debug_types` of DWARF 4): headers and what their root DIEs say. */
import type { ByteReader } from '../bytes/byte-reader';
import { Abbreviations, type AbbreviationTable } from './abbreviations';
import { AT, UT } from './constants';
import type { UnitContext } from './form-sizes';
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
  /** Attributes of the root DIE. */
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
  const tables = new Abbreviations(sections);
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
      const unit = readUnit(sections, section, offset, offsetSize, end, reader, tables);
      if (unit !== undefined) units.push(unit);
      reader.offset = end;
    }
  }
  return units;
}

/** One unit whose length has been read; `undefined` for versions that nobody has defined yet and damaged headers. */
function readUnit(
  sections: DwarfSections,
  section: 'info' | 'types',
  offset: number,
  offsetSize: number,
  end: number,
  reader: ByteReader,
  tables: Abbreviations,
): Unit | undefined {
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
  const abbreviations = tables.table(abbreviationOffset);
  const context = { offset, version, addressSize, offsetSize };
  const bare = { ...context, section, end, firstDie: reader.offset, abbreviations, type };
  // Bases of indexed forms are attributes of the same DIE and may follow what uses them.
  const bases = readRoot(sections, { ...bare, strOffsetsBase: 0, addrBase: 0 });
  const base = (name: number) => {
    const value = bases.get(name);
    return value?.kind === 'offset' ? value.value : undefined;
  };
  const unit = {
    ...bare,
    strOffsetsBase: base(AT.str_offsets_base) ?? 0,
    addrBase: base(AT.addr_base) ?? 0,
  };
  const indexed = bases.has(AT.str_offsets_base) || bases.has(AT.addr_base);
  return { ...unit, root: indexed ? readRoot(sections, unit) : bases };
}

function readRoot(sections: DwarfSections, unit: Omit<Unit, 'root'>): ReadonlyMap<number, FormValue> {
  const reader = sections.readerAt(unit.section, unit.firstDie);
  const attributes = new Map<number, FormValue>();
  for (const { name, form, implicit } of unit.abbreviations.get(reader.uleb())?.attributes ?? []) {
    attributes.set(name, readForm(reader, form, implicit, unit, sections));
    if (reader.failed() || reader.offset > unit.end) break;
  }
  return attributes;
}
