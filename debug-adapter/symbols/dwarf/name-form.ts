/** Names of DIEs as numbers of a table, whatever form they are in. */
import type { ByteReader } from '../bytes/byte-reader';
import type { AttributeShape } from './abbreviations';
import { FORM } from './constants';
import { readForm, readOffset } from './forms';
import { NO_NAME, type NameTable } from './name-table';
import type { DwarfSections } from './sections';
import type { Unit } from './units';

interface NameSource {
  readonly unit: Unit;
  readonly sections: DwarfSections;
  readonly names: NameTable;
}

/** Reads a DW_AT_name: the reader is at its value, and behind it afterwards. */
export function nameOf(
  reader: ByteReader,
  { form, implicit }: Pick<AttributeShape, 'form' | 'implicit'>,
  source: NameSource,
): number {
  const { unit, sections, names } = source;
  switch (form) {
    case FORM.strp:
      return names.at('str', readOffset(reader, unit.offsetSize));
    case FORM.line_strp:
      return names.at('line_str', readOffset(reader, unit.offsetSize));
    case FORM.string: {
      const start = reader.offset;
      reader.skipCstring();
      return reader.failed() ? NO_NAME : names.inside(unit.section, start);
    }
    case FORM.strx:
    case FORM.GNU_str_index:
      return indexed(reader.uleb(), source);
    case FORM.strx1:
      return indexed(reader.u8(), source);
    case FORM.strx2:
      return indexed(reader.u16(), source);
    case FORM.strx3:
      return indexed(reader.u24(), source);
    case FORM.strx4:
      return indexed(reader.u32(), source);
    default:
      readForm(reader, form, implicit, unit, sections);
      return NO_NAME;
  }
}

function indexed(index: number, { unit, sections, names }: NameSource): number {
  const { strOffsetsBase, offsetSize } = unit;
  const entry = sections.readerAt('str_offsets', strOffsetsBase + index * offsetSize);
  const offset = readOffset(entry, offsetSize);
  return entry.failed() ? NO_NAME : names.at('str', offset);
}
