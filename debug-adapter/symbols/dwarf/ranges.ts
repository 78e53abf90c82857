/** The addresses of units, functions and blocks: DW_AT_low_pc/high_pc, `.debug_ranges` (DWARF 2–4) and `.debug_rnglists` (5). */
import { AT, RLE } from './constants';
import { indexedAddress, readOffset, type FormValue } from './forms';
import type { DwarfSections } from './sections';
import type { Unit } from './units';

/** Half-open. */
export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

const wrap = (value: bigint) => BigInt.asUintN(64, value);

/** What offsets in a unit's lists of ranges and locations count from. */
export function baseAddress({ root }: Unit): bigint {
  const low = root.get(AT.low_pc);
  return low?.kind === 'address' ? low.value : 0n;
}

/**
 * Reads ranges, for one question. The lists of different DIEs do not overlap, so all together are no longer than their section: this
 * bounds the work.
 */
export class RangeReader {
  readonly #sections: DwarfSections;
  #entriesLeft: number;

  constructor(sections: DwarfSections) {
    this.#sections = sections;
    this.#entriesLeft = sections.get('ranges').length + sections.get('rnglists').length;
  }

  /** The ranges that a DIE of a unit names by its attributes; `undefined` if it names none. */
  of(
    unit: Unit,
    attributes: ReadonlyMap<number, FormValue> = unit.root,
  ): readonly AddressRange[] | undefined {
    const low = attributes.get(AT.low_pc);
    const high = attributes.get(AT.high_pc);
    const ranges = attributes.get(AT.ranges);
    const base = baseAddress(unit);
    if (ranges?.kind === 'list') {
      const bases = unit.root.get(AT.rnglists_base);
      if (bases?.kind !== 'offset') return undefined;
      const entry = this.#sections.readerAt('rnglists', bases.value + ranges.value * unit.offsetSize);
      const relative = readOffset(entry, unit.offsetSize);
      return entry.failed() ? undefined : this.#rangeList5(unit, bases.value + relative, base);
    }
    if (ranges?.kind === 'offset' || ranges?.kind === 'constant') {
      // DWARF 2 and 3 used data4 and data8 for offsets.
      const offset = Number(ranges.value);
      return unit.version >= 5 ? this.#rangeList5(unit, offset, base) : this.#rangeList(unit, offset, base);
    }
    if (low?.kind !== 'address' || high === undefined) return undefined;
    if (high.kind === 'address') return [{ start: low.value, end: high.value }];
    if (high.kind === 'constant') return [{ start: low.value, end: wrap(low.value + high.value) }];
    return undefined;
  }

  /** DWARF 4 §2.17.3. */
  #rangeList(unit: Unit, offset: number, unitBase: bigint): AddressRange[] {
    const reader = this.#sections.readerAt('ranges', offset);
    const largest = (1n << BigInt(unit.addressSize * 8)) - 1n;
    const ranges: AddressRange[] = [];
    let base = unitBase;
    while (reader.more() && this.#entriesLeft-- > 0) {
      const [start, end] = [reader.unsigned(unit.addressSize), reader.unsigned(unit.addressSize)];
      if (start === 0n && end === 0n) break;
      if (start === largest) base = end;
      else ranges.push({ start: wrap(base + start), end: wrap(base + end) });
    }
    return ranges;
  }

  /** DWARF 5 §2.17.3. */
  #rangeList5(unit: Unit, offset: number, unitBase: bigint): AddressRange[] {
    const reader = this.#sections.readerAt('rnglists', offset);
    const indexed = () => indexedAddress(this.#sections, unit, reader.uleb()) ?? 0n;
    const direct = () => reader.unsigned(unit.addressSize);
    const ranges: AddressRange[] = [];
    let base = unitBase;
    const add = (start: bigint, end: bigint) => {
      if (!reader.failed()) ranges.push({ start: wrap(start), end: wrap(end) });
    };
    while (reader.more() && this.#entriesLeft-- > 0) {
      const kind = reader.u8();
      if (kind === RLE.end_of_list || kind > RLE.start_length) break;
      if (kind === RLE.base_addressx) base = indexed();
      else if (kind === RLE.base_address) base = direct();
      else if (kind === RLE.offset_pair) add(base + reader.uleb64(), base + reader.uleb64());
      else if (kind === RLE.startx_endx) add(indexed(), indexed());
      else if (kind === RLE.start_end) add(direct(), direct());
      else {
        const start = kind === RLE.startx_length ? indexed() : direct();
        add(start, start + reader.uleb64());
      }
    }
    return ranges;
  }
}

/** Where a DIE's code is entered: DW_AT_entry_pc, or the first address (DWARF 5 §2.18). */
export function entryOf(
  { unit, attributes }: { readonly unit: Unit; readonly attributes: ReadonlyMap<number, FormValue> },
  ranges: RangeReader,
): bigint | undefined {
  const [entry, low] = [attributes.get(AT.entry_pc), attributes.get(AT.low_pc)];
  if (entry?.kind === 'address') return entry.value;
  const start = low?.kind === 'address' ? low.value : ranges.of(unit, attributes)?.[0]?.start;
  // A constant counts from there.
  return entry?.kind === 'constant' && start !== undefined ? start + entry.value : start;
}
