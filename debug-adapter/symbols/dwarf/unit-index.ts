/** Units by the addresses of their code. */
import { lastAtOrBefore, toSigned } from './addresses';
import { RangeReader } from './ranges';
import type { DwarfSections } from './sections';
import type { Unit } from './units';

interface Extent {
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

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[]) {
    this.#sections = sections;
    this.#allUnits = allUnits;
  }

  /** The units that say that they have code at a link-time address; mostly one. */
  ofCode(pc: bigint): readonly Unit[] {
    const extents = (this.#extents ??= this.#list());
    const at = toSigned(pc);
    const nearest = lastAtOrBefore(extents.length, (i) => extents[i]!.start, at);
    const units: Unit[] = [];
    for (let i = nearest, tries = 0; i >= 0 && tries < MOST_TRIES; i--, tries++) {
      const { end, unit } = extents[i]!;
      if (at < end && !units.includes(unit)) units.push(unit);
    }
    return units;
  }

  #list(): readonly Extent[] {
    const reader = new RangeReader(this.#sections);
    return this.#allUnits()
      .flatMap((unit) =>
        (reader.of(unit) ?? [])
          .filter(({ start, end }) => start < end)
          .map(({ start, end }) => ({ start: toSigned(start), end: toSigned(end), unit })),
      )
      .sort((a, b) => a.start - b.start);
  }
}
