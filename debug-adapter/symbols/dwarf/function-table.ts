/** The functions of units by address, from a quick pass over each unit that is asked for. */
import type { ByteReader } from '../bytes/byte-reader';
import type { AttributeShape } from './abbreviations';
import { lastAtOrBefore, toSigned } from './addresses';
import { AT, TAG } from './constants';
import type { DiePlace } from './die';
import { readForm, type FormValue } from './forms';
import { RangeReader } from './ranges';
import { Recent } from './recent';
import type { DwarfSections } from './sections';
import type { UnitIndex } from './unit-index';
import { passOver, type UnitVisitor, type WantedAttributes } from './unit-pass';
import type { Unit } from './units';

/** Functions that are kept, of all units together. A kernel has some ten thousand. */
const MOST_FUNCTIONS = 50_000;

interface Extent {
  readonly start: number;
  readonly end: number;
  /** Of the DW_TAG_subprogram. */
  readonly offset: number;
}

const WANTED: WantedAttributes = new Map([[TAG.subprogram, [AT.low_pc, AT.high_pc, AT.ranges]]]);

class FunctionVisitor implements UnitVisitor {
  readonly wanted = WANTED;
  readonly extents: Extent[] = [];
  readonly #sections: DwarfSections;
  readonly #unit: Unit;
  readonly #ranges: RangeReader;
  #attributes = new Map<number, FormValue>();

  constructor(sections: DwarfSections, unit: Unit) {
    this.#sections = sections;
    this.#unit = unit;
    this.#ranges = new RangeReader(sections);
  }

  attribute(reader: ByteReader, { name, form, implicit }: AttributeShape): void {
    this.#attributes.set(name, readForm(reader, form, implicit, this.#unit, this.#sections));
  }

  die(_: number, offset: number): void {
    if (this.#attributes.size === 0) return;
    for (const { start, end } of this.#ranges.of(this.#unit, this.#attributes) ?? []) {
      if (start < end) this.extents.push({ start: toSigned(start), end: toSigned(end), offset });
    }
    this.#attributes = new Map();
  }
}

export class FunctionTable {
  readonly #sections: DwarfSections;
  readonly #units: UnitIndex;
  readonly #ofUnit = new Recent<Unit, readonly Extent[]>(MOST_FUNCTIONS);

  constructor(sections: DwarfSections, units: UnitIndex) {
    this.#sections = sections;
    this.#units = units;
  }

  /** The DW_TAG_subprogram whose code has a link-time address. */
  at(pc: bigint): DiePlace | undefined {
    const at = toSigned(pc);
    for (const unit of this.#units.ofCode(pc)) {
      const extents = this.#extents(unit);
      const extent = extents[lastAtOrBefore(extents.length, (i) => extents[i]!.start, at)];
      if (extent !== undefined && at < extent.end) return { unit, offset: extent.offset };
    }
    return undefined;
  }

  #extents(unit: Unit): readonly Extent[] {
    let extents = this.#ofUnit.get(unit);
    if (extents === undefined) {
      const visitor = new FunctionVisitor(this.#sections, unit);
      passOver(this.#sections, unit, visitor);
      extents = visitor.extents.sort((a, b) => a.start - b.start);
      this.#ofUnit.set(unit, extents, extents.length + 1);
    }
    return extents;
  }
}
