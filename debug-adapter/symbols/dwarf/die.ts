/** Debugging information entries (DWARF 5 §2.1): single ones, their children, and what they refer to. */
import { AT } from './constants';
import type { FormValue } from './forms';
import { readForm } from './forms';
import type { DwarfSections } from './sections';
import { unitAt, type Unit } from './units';

export interface Die {
  readonly unit: Unit;
  /** Position in the unit's section. */
  readonly offset: number;
  readonly tag: number;
  readonly attributes: ReadonlyMap<number, FormValue>;
  readonly hasChildren: boolean;
  /** Position after its attributes: its first child, or what follows it. */
  readonly end: number;
}

/** A DIE by the unit that it is in and its position. */
export interface DiePlace {
  readonly unit: Unit;
  readonly offset: number;
}

/** Children that one reader walks over; Linux's largest structure with all it holds has some ten thousand. */
const MOST_CHILDREN = 1_000_000;

/** Where the type units have what they are about, by signature; of each list of units once. */
const typeUnits = new WeakMap<readonly Unit[], ReadonlyMap<bigint, DiePlace>>();

function placesBySignature(units: readonly Unit[]): ReadonlyMap<bigint, DiePlace> {
  let places = typeUnits.get(units);
  if (places === undefined) {
    places = new Map(
      units.flatMap((unit) =>
        unit.type ? [[unit.type.signature, { unit, offset: unit.type.die }] as const] : [],
      ),
    );
    typeUnits.set(units, places);
  }
  return places;
}

/** For one question: in damaged data all that it refers to could have the rest of a unit as children, again and again. */
export class DieReader {
  readonly #sections: DwarfSections;
  readonly #units: readonly Unit[];
  #childrenLeft = MOST_CHILDREN;

  constructor(sections: DwarfSections, units: readonly Unit[]) {
    this.#sections = sections;
    this.#units = units;
  }

  /** The DIE at a place; `undefined` for the mark that ends a list of children, and for damaged ones. */
  read({ unit, offset }: DiePlace): Die | undefined {
    const reader = this.#sections.readerAt(unit.section, offset);
    const abbreviation = unit.abbreviations.get(reader.uleb());
    if (abbreviation === undefined) return undefined;
    const attributes = new Map<number, FormValue>();
    for (const { name, form, implicit } of abbreviation.attributes) {
      attributes.set(name, readForm(reader, form, implicit, unit, this.#sections));
    }
    if (reader.failed() || reader.offset > unit.end) return undefined;
    const { tag, hasChildren } = abbreviation;
    return { unit, offset, tag, attributes, hasChildren, end: reader.offset };
  }

  /** The direct children. Grandchildren are stepped over by DW_AT_sibling, or walked over where that is missing. */
  *children(parent: Die): Generator<Die> {
    if (!parent.hasChildren) return;
    let [offset, depth] = [parent.end, 0];
    while (offset < parent.unit.end && this.#childrenLeft-- > 0) {
      const die = this.read({ unit: parent.unit, offset });
      if (die === undefined) {
        // The null entry is one byte (§2.3); anything else that is no DIE ends here, too.
        if (this.#sections.get(parent.unit.section)[offset] !== 0 || depth-- === 0) return;
        offset++;
        continue;
      }
      if (depth === 0) yield die;
      const sibling = die.hasChildren ? die.attributes.get(AT.sibling) : undefined;
      // A sibling always follows: one that does not would make this a loop.
      if (sibling?.kind === 'reference' && sibling.value > die.end) {
        offset = sibling.value;
        continue;
      }
      if (die.hasChildren) depth++;
      offset = die.end;
    }
  }

  /** The DIE that an attribute refers to. */
  follow(from: Die, attribute: number): Die | undefined {
    const value = from.attributes.get(attribute);
    if (value?.kind === 'signature') {
      const place = placesBySignature(this.#units).get(value.value);
      return place && this.read(place);
    }
    if (value?.kind !== 'reference') return undefined;
    const offset = value.value;
    const { unit } = from;
    if (offset >= unit.offset && offset < unit.end) return this.read({ unit, offset });
    // DW_FORM_ref_addr
    const other = unitAt(this.#units, offset);
    return other && this.read({ unit: other, offset });
  }
}

/** A constant attribute, if it is one. */
export function constantOf(die: Die, attribute: number): bigint | undefined {
  const value = die.attributes.get(attribute);
  return value?.kind === 'constant' ? value.value : undefined;
}

export function nameOf(die: Die): string | undefined {
  const name = die.attributes.get(AT.name);
  return name?.kind === 'string' ? name.value : undefined;
}
