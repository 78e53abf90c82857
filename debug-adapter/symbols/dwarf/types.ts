/** Layouts of structures and values of enumerators, by name. */
import type { StructLayout, TypeReader } from '../api';
import { finish, type Steps } from '../steps';
import { AT } from './constants';
import { constantOf, DieReader } from './die';
import type { NamedKind, NameIndex } from './name-index';
import type { DwarfSections } from './sections';
import { structLayout } from './struct-layout';
import type { Unit } from './units';

const AGGREGATES: readonly NamedKind[] = ['struct', 'union', 'typedef'];
const ENUMERATORS: readonly NamedKind[] = ['enumerator'];

export class DwarfTypes implements TypeReader {
  readonly #sections: DwarfSections;
  readonly #allUnits: () => readonly Unit[];
  readonly #named: NameIndex;
  readonly #layouts = new Map<string, StructLayout | undefined>();

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[], named: NameIndex) {
    this.#sections = sections;
    this.#allUnits = allUnits;
    this.#named = named;
  }

  struct(name: string): StructLayout | undefined {
    if (!this.#layouts.has(name)) {
      const place = finish(this.#named.find(name, AGGREGATES));
      this.#layouts.set(name, place && structLayout(name, place, this.#reader()));
    }
    return this.#layouts.get(name);
  }

  enumerator(name: string): bigint | undefined {
    const place = finish(this.#named.find(name, ENUMERATORS));
    const die = place && this.#reader().read(place);
    return die && constantOf(die, AT.const_value);
  }

  /** Does what the first question for each of these names costs. */
  *search(names: readonly string[]): Steps<void> {
    for (const [index, name] of names.entries()) {
      const steps = this.#named.find(name, AGGREGATES);
      for (let step = steps.next(); !step.done; step = steps.next()) {
        yield (index + step.value) / names.length;
      }
    }
  }

  #reader(): DieReader {
    return new DieReader(this.#sections, this.#allUnits());
  }
}
