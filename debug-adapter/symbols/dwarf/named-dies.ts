/** DIEs by name: what of a unit's outermost ones, and enumerators, has a name, and the search through all units for it. */
import type { ByteReader } from '../bytes/byte-reader';
import type { Steps } from '../steps';
import type { AttributeShape } from './abbreviations';
import { AT, TAG } from './constants';
import type { DiePlace } from './die';
import { readForm } from './forms';
import type { DwarfSections } from './sections';
import { passOver, type UnitVisitor } from './unit-pass';
import type { Unit } from './units';
import { WantedName } from './wanted-name';

/** What of C can have a name. A structure or enumeration is one that is defined, not only declared. */
export type NamedKind =
  | 'struct'
  | 'union'
  | 'enum'
  | 'typedef'
  | 'base type'
  | 'enumerator'
  | 'function'
  | 'variable'
  | 'declared variable';

export interface NamedDie extends DiePlace {
  readonly kind: NamedKind;
  /** Of an enumerator: the enumeration that it is in. */
  readonly parent: DiePlace | undefined;
}

const KIND_OF: ReadonlyMap<number, NamedKind> = new Map<number, NamedKind>([
  [TAG.structure_type, 'struct'],
  [TAG.class_type, 'struct'],
  [TAG.union_type, 'union'],
  [TAG.enumeration_type, 'enum'],
  [TAG.typedef, 'typedef'],
  [TAG.base_type, 'base type'],
  [TAG.enumerator, 'enumerator'],
  [TAG.subprogram, 'function'],
  [TAG.variable, 'variable'],
]);

const ATTRIBUTES: readonly number[] = [AT.name, AT.declaration];
const VARIABLE_ATTRIBUTES: readonly number[] = [...ATTRIBUTES, AT.specification];

/** Collects what has the name in one unit. */
class NameVisitor implements UnitVisitor {
  readonly found: NamedDie[] = [];
  readonly #sections: DwarfSections;
  readonly #unit: Unit;
  readonly #wanted: WantedName;
  /** Declarations of variables with the name: what defines one refers to it and has no name itself. */
  readonly #declared = new Set<number>();
  #named = false;
  #isDeclaration = false;
  #specifies = -1;
  #enumeration = -1;

  constructor(sections: DwarfSections, unit: Unit, wanted: WantedName) {
    this.#sections = sections;
    this.#unit = unit;
    this.#wanted = wanted;
  }

  attributesOf(tag: number): readonly number[] | undefined {
    if (!KIND_OF.has(tag)) return undefined;
    return tag === TAG.variable ? VARIABLE_ATTRIBUTES : ATTRIBUTES;
  }

  attribute(reader: ByteReader, shape: AttributeShape): void {
    if (shape.name === AT.name) {
      this.#named = this.#wanted.isNext(reader, shape, this.#unit);
      return;
    }
    const value = readForm(reader, shape.form, shape.implicit, this.#unit, this.#sections);
    if (value.kind === 'flag') this.#isDeclaration = value.value;
    else if (value.kind === 'reference') this.#specifies = value.value;
  }

  die(tag: number, offset: number): void {
    if (tag === TAG.enumeration_type) this.#enumeration = offset;
    if (this.#named || this.#declared.has(this.#specifies)) this.#add(KIND_OF.get(tag)!, offset);
    this.#named = this.#isDeclaration = false;
    this.#specifies = -1;
  }

  #add(kind: NamedKind, offset: number): void {
    const unit = this.#unit;
    if (kind === 'variable' && this.#isDeclaration) {
      this.#declared.add(offset);
      this.found.push({ kind: 'declared variable', unit, offset, parent: undefined });
    } else if (kind === 'function' || !this.#isDeclaration) {
      const parent = kind === 'enumerator' ? { unit, offset: this.#enumeration } : undefined;
      this.found.push({ kind, unit, offset, parent });
    }
  }
}

/** All that a unit says of a name, in its order. */
export function namedIn(sections: DwarfSections, unit: Unit, wanted: WantedName): readonly NamedDie[] {
  const visitor = new NameVisitor(sections, unit, wanted);
  passOver(sections, unit, visitor);
  return visitor.found;
}

/** How far the search for a name has come. */
interface Search {
  readonly wanted: WantedName;
  /** The first of each kind. */
  readonly found: Map<NamedKind, NamedDie>;
  /** Index of the unit to look at next. */
  next: number;
}

/** People ask for some hundred names. */
const MOST_SEARCHES = 10_000;

export class NamedDies {
  readonly #sections: DwarfSections;
  readonly #allUnits: () => readonly Unit[];
  readonly #searches = new Map<string, Search>();

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[]) {
    this.#sections = sections;
    this.#allUnits = allUnits;
  }

  /** Looks through one unit after the other until one has the name as one of these kinds; the first of them wins. */
  *find(name: string, kinds: readonly NamedKind[]): Steps<NamedDie | undefined> {
    if (name === '') return undefined;
    const units = this.#allUnits();
    const search = this.#search(name);
    for (;;) {
      const kind = kinds.find((candidate) => search.found.has(candidate));
      if (kind !== undefined) return search.found.get(kind);
      const unit = units[search.next];
      if (unit === undefined) return undefined;
      search.next++;
      if (search.wanted.mayBeIn(unit)) {
        for (const die of namedIn(this.#sections, unit, search.wanted)) {
          if (!search.found.has(die.kind)) search.found.set(die.kind, die);
        }
      }
      yield search.next / units.length;
    }
  }

  /** All of these kinds in some units. */
  inUnits(name: string, units: readonly Unit[], kinds: readonly NamedKind[]): readonly NamedDie[] {
    if (name === '') return [];
    const { wanted } = this.#search(name);
    return units
      .filter((unit) => wanted.mayBeIn(unit))
      .flatMap((unit) => namedIn(this.#sections, unit, wanted))
      .filter(({ kind }) => kinds.includes(kind));
  }

  #search(name: string): Search {
    let search = this.#searches.get(name);
    if (search === undefined) {
      if (this.#searches.size >= MOST_SEARCHES) this.#searches.clear();
      search = { wanted: new WantedName(this.#sections, name), found: new Map(), next: 0 };
      this.#searches.set(name, search);
    }
    return search;
  }
}
