/** Attribute values: reading and skipping every form of DWARF 2–5 (DWARF 5 §7.5.6) and GNU's. */
import type { ByteReader } from '../bytes/byte-reader';
import { FORM } from './constants';
import type { DwarfSections } from './sections';

/** What the sizes and meanings of forms depend on. */
export interface UnitContext {
  /** Position of the unit in its section; references inside the unit count from here. */
  readonly offset: number;
  readonly version: number;
  readonly addressSize: number;
  /** 4 or, in the 64-bit DWARF format, 8. */
  readonly offsetSize: number;
  readonly strOffsetsBase: number;
  readonly addrBase: number;
}

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

/** DWARF 2 §7.5.4 gave DW_FORM_ref_addr the size of an address. */
function refAddrSize(unit: UnitContext): number {
  return unit.version === 2 ? unit.addressSize : unit.offsetSize;
}

/** Bytes of a form where the unit alone decides them, -1 where the value does. */
export function formSize(form: number, unit: UnitContext): number {
  switch (form) {
    case FORM.flag_present:
    case FORM.implicit_const:
      return 0;
    case FORM.data1:
    case FORM.flag:
    case FORM.ref1:
    case FORM.strx1:
    case FORM.addrx1:
      return 1;
    case FORM.data2:
    case FORM.ref2:
    case FORM.strx2:
    case FORM.addrx2:
      return 2;
    case FORM.strx3:
    case FORM.addrx3:
      return 3;
    case FORM.data4:
    case FORM.ref4:
    case FORM.strx4:
    case FORM.addrx4:
    case FORM.ref_sup4:
      return 4;
    case FORM.data8:
    case FORM.ref8:
    case FORM.ref_sig8:
    case FORM.ref_sup8:
      return 8;
    case FORM.data16:
      return 16;
    case FORM.addr:
      return unit.addressSize;
    case FORM.ref_addr:
      return refAddrSize(unit);
    case FORM.strp:
    case FORM.line_strp:
    case FORM.sec_offset:
    case FORM.strp_sup:
    case FORM.GNU_ref_alt:
    case FORM.GNU_strp_alt:
      return unit.offsetSize;
    default:
      return -1;
  }
}

/** Moves past one attribute value. A form that nobody knows fails the reader: what follows cannot be found. */
export function skipForm(reader: ByteReader, form: number, unit: UnitContext): void {
  const size = formSize(form, unit);
  if (size >= 0) {
    reader.skip(size);
    return;
  }
  switch (form) {
    case FORM.string:
      reader.skipCstring();
      break;
    case FORM.sdata:
    case FORM.udata:
    case FORM.ref_udata:
    case FORM.strx:
    case FORM.addrx:
    case FORM.rnglistx:
    case FORM.loclistx:
    case FORM.GNU_addr_index:
    case FORM.GNU_str_index:
      reader.skipLeb();
      break;
    case FORM.block1:
      reader.skip(reader.u8());
      break;
    case FORM.block2:
      reader.skip(reader.u16());
      break;
    case FORM.block4:
      reader.skip(reader.u32());
      break;
    case FORM.block:
    case FORM.exprloc:
      reader.skip(reader.uleb());
      break;
    case FORM.indirect: {
      const actual = reader.uleb();
      if (actual === FORM.indirect || actual === FORM.implicit_const) reader.fail();
      else skipForm(reader, actual, unit);
      break;
    }
    default:
      reader.fail();
  }
}
