/** Layouts of structures and values of enumerators, by name. */
import type { StructLayout, TypeReader } from '../api';
import { DieReader, type DiePlace } from './die';
import type { DwarfSections } from './sections';
import { structLayout } from './struct-layout';
import { indexUnit, type TypeNames } from './type-names';
import type { Unit } from './units';

export class DwarfTypes implements TypeReader {
  readonly #sections: DwarfSections;
  readonly #allUnits: () => readonly Unit[];
  readonly #names: TypeNames = { aggregates: new Map(), typedefs: new Map(), enumerators: new Map() };
  readonly #layouts = new Map<string, StructLayout | undefined>();
  /** Units that `#names` has the types of. */
  #indexed = 0;

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[]) {
    this.#sections = sections;
    this.#allUnits = allUnits;
  }

  struct(name: string): StructLayout | undefined {
    if (!this.#layouts.has(name)) {
      const place: DiePlace | undefined =
        this.#find(this.#names.aggregates, name) ?? this.#names.typedefs.get(name);
      const reader = new DieReader(this.#sections, this.#allUnits());
      this.#layouts.set(name, place && structLayout(name, place, reader));
    }
    return this.#layouts.get(name);
  }

  enumerator(name: string): bigint | undefined {
    return this.#find(this.#names.enumerators, name);
  }

  /** Looks a name up, indexing one unit after the other until it turns up. */
  #find<T>(names: ReadonlyMap<string, T>, name: string): T | undefined {
    const units = this.#allUnits();
    while (!names.has(name) && this.#indexed < units.length) {
      indexUnit(this.#sections, units[this.#indexed++]!, this.#names);
    }
    return names.get(name);
  }
}
