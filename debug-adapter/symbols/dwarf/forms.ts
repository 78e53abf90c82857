/** Reads attribute values: every form of DWARF 2–5 (DWARF 5 §7.5.6) and GNU's. */
import type { ByteReader } from '../bytes/byte-reader';
import { FORM } from './constants';
import { refAddrSize, skipForm, type UnitContext } from './form-sizes';
import type { DwarfSections } from './sections';

export type FormValue =
  | { readonly kind: 'address'; readonly value: bigint }
  | { readonly kind: 'constant'; readonly value: bigint }
  /** Position in the section that the attribute implies. */
  | { readonly kind: 'offset'; readonly value: number }
  /** Position of a DIE in `.debug_info`. */
  | { readonly kind: 'reference'; readonly value: number }
  | { readonly kind: 'signature'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'block'; readonly value: Uint8Array }
  | { readonly kind: 'flag'; readonly value: boolean }
  /** Index of a range or location list. */
  | { readonly kind: 'list'; readonly value: number }
  /** In a file that we do not have, or damaged. */
  | { readonly kind: 'unknown' };

const UNKNOWN: FormValue = { kind: 'unknown' };

export function readOffset(reader: ByteReader, size: number): number {
  return size === 8 ? reader.size64() : reader.u32();
}

function text(value: string | undefined): FormValue {
  return value === undefined ? UNKNOWN : { kind: 'string', value };
}

function constant(value: bigint): FormValue {
  return { kind: 'constant', value };
}

function reference(unit: UnitContext, value: number): FormValue {
  return { kind: 'reference', value: unit.offset + value };
}

function block(reader: ByteReader, size: number): FormValue {
  return { kind: 'block', value: reader.block(size) };
}

function indexedString(sections: DwarfSections, unit: UnitContext, index: number): FormValue {
  const reader = sections.readerAt('str_offsets', unit.strOffsetsBase + index * unit.offsetSize);
  const offset = readOffset(reader, unit.offsetSize);
  return reader.failed() ? UNKNOWN : text(sections.string('str', offset));
}

/** An address of `.debug_addr`. */
export function indexedAddress(
  sections: DwarfSections,
  unit: UnitContext,
  index: number,
): bigint | undefined {
  const reader = sections.readerAt('addr', unit.addrBase + index * unit.addressSize);
  const value = reader.unsigned(unit.addressSize);
  return reader.failed() ? undefined : value;
}

function addressAt(sections: DwarfSections, unit: UnitContext, index: number): FormValue {
  const value = indexedAddress(sections, unit, index);
  return value === undefined ? UNKNOWN : { kind: 'address', value };
}

/**
 * Reads one attribute value.
 * @param implicit The value of DW_FORM_implicit_const, from the abbreviation.
 */
export function readForm(
  reader: ByteReader,
  form: number,
  implicit: bigint,
  unit: UnitContext,
  sections: DwarfSections,
): FormValue {
  switch (form) {
    case FORM.addr:
      return { kind: 'address', value: reader.unsigned(unit.addressSize) };
    case FORM.addrx:
    case FORM.GNU_addr_index:
      return addressAt(sections, unit, reader.uleb());
    case FORM.addrx1:
      return addressAt(sections, unit, reader.u8());
    case FORM.addrx2:
      return addressAt(sections, unit, reader.u16());
    case FORM.addrx3:
      return addressAt(sections, unit, reader.u24());
    case FORM.addrx4:
      return addressAt(sections, unit, reader.u32());
    case FORM.data1:
      return constant(BigInt(reader.u8()));
    case FORM.data2:
      return constant(BigInt(reader.u16()));
    case FORM.data4:
      return constant(BigInt(reader.u32()));
    case FORM.data8:
      return constant(reader.u64());
    case FORM.sdata:
      return constant(reader.sleb64());
    case FORM.udata:
      return constant(reader.uleb64());
    case FORM.implicit_const:
      return constant(implicit);
    case FORM.sec_offset:
      return { kind: 'offset', value: readOffset(reader, unit.offsetSize) };
    case FORM.flag:
      return { kind: 'flag', value: reader.u8() !== 0 };
    case FORM.flag_present:
      return { kind: 'flag', value: true };
    case FORM.string:
      return { kind: 'string', value: reader.cstring() };
    case FORM.strp:
      return text(sections.string('str', readOffset(reader, unit.offsetSize)));
    case FORM.line_strp:
      return text(sections.string('line_str', readOffset(reader, unit.offsetSize)));
    case FORM.strx:
    case FORM.GNU_str_index:
      return indexedString(sections, unit, reader.uleb());
    case FORM.strx1:
      return indexedString(sections, unit, reader.u8());
    case FORM.strx2:
      return indexedString(sections, unit, reader.u16());
    case FORM.strx3:
      return indexedString(sections, unit, reader.u24());
    case FORM.strx4:
      return indexedString(sections, unit, reader.u32());
    case FORM.ref1:
      return reference(unit, reader.u8());
    case FORM.ref2:
      return reference(unit, reader.u16());
    case FORM.ref4:
      return reference(unit, reader.u32());
    case FORM.ref8:
      return reference(unit, reader.size64());
    case FORM.ref_udata:
      return reference(unit, reader.uleb());
    case FORM.ref_addr:
      return { kind: 'reference', value: readOffset(reader, refAddrSize(unit)) };
    case FORM.ref_sig8:
      return { kind: 'signature', value: reader.u64() };
    case FORM.block1:
      return block(reader, reader.u8());
    case FORM.block2:
      return block(reader, reader.u16());
    case FORM.block4:
      return block(reader, reader.u32());
    case FORM.block:
    case FORM.exprloc:
      return block(reader, reader.uleb());
    case FORM.data16:
      return block(reader, 16);
    case FORM.rnglistx:
    case FORM.loclistx:
      return { kind: 'list', value: reader.uleb() };
    case FORM.indirect: {
      const actual = reader.uleb();
      if (actual !== FORM.indirect && actual !== FORM.implicit_const) {
        return readForm(reader, actual, 0n, unit, sections);
      }
      reader.fail();
      return UNKNOWN;
    }
    default:
      skipForm(reader, form, unit);
      return UNKNOWN;
  }
}
