/** Location lists: `.debug_loc` (DWARF 4 §2.6.2) and `.debug_loclists` (DWARF 5 §2.6.2). */
import { AT, LLE } from './constants';
import { indexedAddress, readOffset, type FormValue } from './forms';
import { baseAddress } from './ranges';
import type { DwarfSections } from './sections';
import type { Unit } from './units';

/** gcc's longest lists have some hundred entries. */
const MOST_ENTRIES = 100_000;

/**
 * The expression of a DW_AT_location or DW_AT_frame_base at a pc; `undefined` where it has none: a list that does not cover the
 * pc, or a value of another form.
 * @param pc link-time address
 */
export function expressionAt(
  sections: DwarfSections,
  unit: Unit,
  value: FormValue | undefined,
  pc: bigint,
): Uint8Array | undefined {
  switch (value?.kind) {
    case 'block':
      return value.value;
    case 'list':
      return listed5(sections, unit, indexedList(sections, unit, value.value), pc);
    // DWARF 2 and 3 used data4 and data8 for offsets.
    case 'offset':
    case 'constant': {
      const offset = Number(value.value);
      return unit.version >= 5 ? listed5(sections, unit, offset, pc) : listed(sections, unit, offset, pc);
    }
    default:
      return undefined;
  }
}

function indexedList(sections: DwarfSections, unit: Unit, index: number): number {
  const bases = unit.root.get(AT.loclists_base);
  if (bases?.kind !== 'offset') return -1;
  const entry = sections.readerAt('loclists', bases.value + index * unit.offsetSize);
  const relative = readOffset(entry, unit.offsetSize);
  return entry.failed() ? -1 : bases.value + relative;
}

const wrap = (value: bigint) => BigInt.asUintN(64, value);

function listed(sections: DwarfSections, unit: Unit, offset: number, pc: bigint): Uint8Array | undefined {
  const reader = sections.readerAt('loc', offset);
  const largest = (1n << BigInt(unit.addressSize * 8)) - 1n;
  let base = baseAddress(unit);
  for (let left = MOST_ENTRIES; left > 0 && reader.more(); left--) {
    const [start, end] = [reader.unsigned(unit.addressSize), reader.unsigned(unit.addressSize)];
    if (start === 0n && end === 0n) break;
    if (start === largest) {
      base = end;
      continue;
    }
    const expression = reader.block(reader.u16());
    if (!reader.failed() && pc >= wrap(base + start) && pc < wrap(base + end)) return expression;
  }
  return undefined;
}

function listed5(sections: DwarfSections, unit: Unit, offset: number, pc: bigint): Uint8Array | undefined {
  const reader = sections.readerAt('loclists', offset);
  const indexed = () => indexedAddress(sections, unit, reader.uleb()) ?? 0n;
  const direct = () => reader.unsigned(unit.addressSize);
  let base = baseAddress(unit);
  let otherwise: Uint8Array | undefined;
  for (let left = MOST_ENTRIES; left > 0 && reader.more(); left--) {
    const kind = reader.u8();
    if (kind === LLE.end_of_list || kind > LLE.GNU_view_pair) break;
    let start: bigint;
    let end: bigint;
    switch (kind) {
      case LLE.base_addressx:
        base = indexed();
        continue;
      case LLE.base_address:
        base = direct();
        continue;
      case LLE.GNU_view_pair:
        reader.skipLeb();
        reader.skipLeb();
        continue;
      case LLE.default_location:
        otherwise = reader.block(reader.uleb());
        continue;
      case LLE.offset_pair:
        [start, end] = [base + reader.uleb64(), base + reader.uleb64()];
        break;
      case LLE.startx_endx:
        [start, end] = [indexed(), indexed()];
        break;
      case LLE.start_end:
        [start, end] = [direct(), direct()];
        break;
      default:
        start = kind === LLE.startx_length ? indexed() : direct();
        end = start + reader.uleb64();
    }
    const expression = reader.block(reader.uleb());
    if (!reader.failed() && pc >= wrap(start) && pc < wrap(end)) return expression;
  }
  return reader.failed() ? undefined : otherwise;
}
