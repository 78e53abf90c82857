/** Layouts of structures and values of enumerators, by name. */
import type { StructLayout, TypeReader } from '../api';
import { finish, type Steps } from '../steps';
import { DieReader } from './die';
import type { DwarfSections } from './sections';
import { structLayout } from './struct-layout';
import { findInUnit, type NamedTypes } from './type-search';
import type { Unit } from './units';
import { WantedName } from './wanted-name';

const isFound = ({ aggregate, typedef, enumerator }: NamedTypes) =>
  aggregate !== undefined || typedef !== undefined || enumerator !== undefined;

export class DwarfTypes implements TypeReader {
  readonly #sections: DwarfSections;
  readonly #allUnits: () => readonly Unit[];
  /** What was asked for, and what the first unit that defines it says. */
  readonly #named = new Map<string, NamedTypes>();
  readonly #layouts = new Map<string, StructLayout | undefined>();

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[]) {
    this.#sections = sections;
    this.#allUnits = allUnits;
  }

  struct(name: string): StructLayout | undefined {
    if (!this.#layouts.has(name)) {
      const { aggregate, typedef } = finish(this.#find(name));
      const place = aggregate ?? typedef;
      const reader = new DieReader(this.#sections, this.#allUnits());
      this.#layouts.set(name, place && structLayout(name, place, reader));
    }
    return this.#layouts.get(name);
  }

  enumerator(name: string): bigint | undefined {
    return finish(this.#find(name)).enumerator;
  }

  /** Does what the first question for each of these names costs. */
  *search(names: readonly string[]): Steps<void> {
    for (const [index, name] of names.entries()) {
      const steps = this.#find(name);
      for (let step = steps.next(); !step.done; step = steps.next()) {
        yield (index + step.value) / names.length;
      }
    }
  }

  /** Looks through one unit after the other until one defines the name. */
  *#find(name: string): Steps<NamedTypes> {
    let found = this.#named.get(name);
    if (found !== undefined) return found;
    found = {};
    if (name !== '') {
      const units = this.#allUnits();
      const wanted = new WantedName(this.#sections, name);
      for (const [index, unit] of units.entries()) {
        if (wanted.mayBeIn(unit)) found = findInUnit(this.#sections, unit, wanted);
        if (isFound(found)) break;
        yield (index + 1) / units.length;
      }
    }
    this.#named.set(name, found);
    return found;
  }
}
