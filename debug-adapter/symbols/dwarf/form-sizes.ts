/** How long attribute values are: enough to step over those that do not matter. */
import type { ByteReader } from '../bytes/byte-reader';
import { FORM } from './constants';

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

/** DWARF 2 §7.5.4 gave DW_FORM_ref_addr the size of an address. */
export function refAddrSize(unit: UnitContext): number {
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
