/** Units by the addresses of their code. */
import { lastAtOrBefore, toSigned } from './addresses';
import { RangeReader } from './ranges';
import type { DwarfSections } from './sections';
import type { Unit } from './units';

/** Code that a unit says that it has: half-open, signed addresses. */
export interface Extent {
  readonly start: number;
  readonly end: number;
  readonly unit: Unit;
}

/** Extents of different units should not overlap; where they do, so many are tried. */
const MOST_TRIES = 8;

export class UnitIndex {
  readonly #sections: DwarfSections;
  readonly #allUnits: () => readonly Unit[];
  #extents: readonly Extent[] | undefined;
  readonly #withRanges = new Set<Unit>();

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[]) {
    this.#sections = sections;
    this.#allUnits = allUnits;
  }

  /** The units that say that they have code at a link-time address; mostly one. */
  ofCode(pc: bigint): readonly Unit[] {
    const { extents } = this;
    const at = toSigned(pc);
    const nearest = lastAtOrBefore(extents.length, (i) => extents[i]!.start, at);
    const units: Unit[] = [];
    for (let i = nearest, tries = 0; i >= 0 && tries < MOST_TRIES; i--, tries++) {
      const { end, unit } = extents[i]!;
      if (at < end && !units.includes(unit)) units.push(unit);
    }
    return units;
  }

  /** Those of all units, by start. */
  get extents(): readonly Extent[] {
    return (this.#extents ??= this.#list());
  }

  /** Whether the extents of a unit are known: what assemblers write may leave them to the line program. */
  hasRanges(unit: Unit): boolean {
    if (this.#extents === undefined) this.#extents = this.#list();
    return this.#withRanges.has(unit);
  }

  #list(): readonly Extent[] {
    const reader = new RangeReader(this.#sections);
    const extents: Extent[] = [];
    for (const unit of this.#allUnits()) {
      const ranges = reader.of(unit);
      if (ranges === undefined) continue;
      this.#withRanges.add(unit);
      for (const { start, end } of ranges) {
        if (start < end) extents.push({ start: toSigned(start), end: toSigned(end), unit });
      }
    }
    return extents.sort((a, b) => a.start - b.start);
  }
}
