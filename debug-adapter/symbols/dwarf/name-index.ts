/**
 * DIEs by name. Units are read one after the other until what is asked for is found, and what they have is kept for all names: a kernel is
 * read once, whoever asks.
 */
import type { Steps } from '../steps';
import type { DiePlace } from './die';
import { NameTable } from './name-table';
import { occurs } from './name-search';
import type { DwarfSections } from './sections';
import { UnitNames, type NamedKind } from './unit-names';
import { passSteps } from './unit-pass';
import type { Unit } from './units';

export type { NamedKind } from './unit-names';

export interface NamedDie extends DiePlace {
  readonly kind: NamedKind;
  /** Of an enumerator: the enumeration that it is in. */
  readonly parent: DiePlace | undefined;
}

const KINDS: readonly NamedKind[] = [
  'struct',
  'union',
  'enum',
  'typedef',
  'base type',
  'enumerator',
  'function',
  'variable',
  'declared variable',
];
/** How completions write the names of what can be completed. */
const PREFIXES: Partial<Record<NamedKind, string>> = {
  struct: 'struct ',
  union: 'union ',
  enum: 'enum ',
  typedef: '',
  enumerator: '',
  variable: '',
  'declared variable': '',
};
const VARIABLE = KINDS.indexOf('variable');

/** Of one name; only variables can have more than one that differ, statics of as many files. */
const MOST_VARIABLES = 64;
/** A kernel has some hundred thousand. */
const MOST_ENTRIES = 4_000_000;
/** Names that were not found before all units are read. */
const MOST_ABSENT = 10_000;

export class NameIndex {
  readonly #sections: DwarfSections;
  readonly #allUnits: () => readonly Unit[];
  readonly #names: NameTable;
  /** Of each name: its last entry, which kinds it has, as bits, and how many variables. */
  readonly #last: number[] = [];
  readonly #kinds: number[] = [];
  readonly #variables: number[] = [];
  /** Of each entry: the one before of the same name, or -1; the kind, the unit, the DIE and the enumeration that it is in. */
  readonly #before: number[] = [];
  readonly #kindOf: number[] = [];
  readonly #unitOf: number[] = [];
  readonly #offsets: number[] = [];
  readonly #enumerations: number[] = [];
  /** Units that are read as a whole. */
  #unitsRead = 0;
  /** Several may wait for the same work. */
  #work: Steps<void> | undefined;
  #isComplete = false;
  readonly #absent = new Set<string>();

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[]) {
    this.#sections = sections;
    this.#allUnits = allUnits;
    this.#names = new NameTable(sections);
  }

  /** True if all names are answered at once. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Reads all units that are not read yet. */
  *complete(): Steps<void> {
    while (!this.#isComplete) yield this.#advance();
  }

  /** The DIE of the first unit that has the name as one of these kinds: as the first of them, if it has several. */
  *find(name: string, kinds: readonly NamedKind[]): Steps<NamedDie | undefined> {
    let mayBe: boolean | undefined;
    for (;;) {
      const found = this.#first(name, kinds);
      if (found !== undefined || this.#isComplete) return found;
      mayBe ??= yield* this.#mayBe(name);
      if (!mayBe) return undefined;
      yield this.#advance();
    }
  }

  /** All variables of a name: in the order of the units, at most 64 of them; where none is defined, the first declaration. */
  *variables(name: string): Steps<readonly NamedDie[]> {
    if (!(yield* this.#mayBe(name))) return [];
    yield* this.complete();
    const entries = this.#entries(name);
    const defined = entries.filter((entry) => this.#kindOf[entry] === VARIABLE);
    const chosen =
      defined.length > 0 ? defined : entries.filter((entry) => this.#kindOf[entry] === VARIABLE + 1);
    return chosen.map((entry) => this.#die(entry));
  }

  /** At most `limit` names that begin with a prefix, sorted; those of structures begin with `struct `. */
  *startingWith(prefix: string, limit: number): Steps<readonly string[]> {
    yield* this.complete();
    const tag = /^(?:struct|union|enum) /.exec(prefix)?.[0] ?? '';
    const tags =
      tag === '' ? [...new Set(Object.values(PREFIXES))].filter((one) => one.startsWith(prefix)) : [tag];
    const found: string[] = [];
    for (const each of new Set([...tags, tag])) {
      const rest = new TextEncoder().encode(prefix.slice(Math.min(each.length, prefix.length)));
      const wanted = KINDS.reduce(
        (bits, kind, bit) => (PREFIXES[kind] === each ? bits | (1 << bit) : bits),
        0,
      );
      for (let name = 0; name < this.#last.length; name++) {
        if ((this.#kinds[name]! & wanted) === 0 || !this.#names.startsWith(name, rest)) continue;
        found.push(each + this.#names.text(name));
      }
      yield 1;
    }
    return found.sort().slice(0, limit);
  }

  /** False only if no DIE has the name, as long as that is not known from the index. */
  *#mayBe(name: string): Steps<boolean> {
    if (name === '' || this.#absent.has(name)) return false;
    if (this.#isComplete || this.#names.find(name) >= 0) return true;
    if (yield* occurs(this.#sections, name)) return true;
    if (this.#absent.size < MOST_ABSENT) this.#absent.add(name);
    return false;
  }

  /** Does some of the work; gives which part of it is done. */
  #advance(): number {
    const step = (this.#work ??= this.#readUnits()).next();
    return step.done === true ? 1 : step.value;
  }

  *#readUnits(): Steps<void> {
    const units = this.#allUnits();
    for (const [index, unit] of units.entries()) {
      const visitor = new UnitNames(this.#sections, unit, this.#names, (name, kind, offset, enumeration) =>
        this.#add(name, KINDS.indexOf(kind), index, offset, enumeration),
      );
      for (const part of passSteps(this.#sections, unit, visitor)) yield (index + part) / units.length;
      this.#unitsRead = index + 1;
      yield this.#unitsRead / units.length;
    }
    this.#names.close();
    this.#isComplete = true;
  }

  #add(name: number, kind: number, unit: number, offset: number, enumeration: number): void {
    const kinds = this.#kinds[name] ?? 0;
    if (kind === VARIABLE) {
      if ((this.#variables[name] ?? 0) >= MOST_VARIABLES) return;
    } else if ((kinds & (1 << kind)) !== 0) return;
    if (this.#before.length === MOST_ENTRIES) return;
    // Names are numbered as they come: one that had no entry is at most one behind all others that have.
    while (this.#last.length <= name) {
      this.#last.push(-1);
      this.#kinds.push(0);
      this.#variables.push(0);
    }
    this.#kinds[name] = kinds | (1 << kind);
    if (kind === VARIABLE) this.#variables[name]!++;
    this.#before.push(this.#last[name]!);
    this.#kindOf.push(kind);
    this.#unitOf.push(unit);
    this.#offsets.push(offset);
    this.#last[name] = this.#enumerations.push(enumeration) - 1;
  }

  /** In the order in which they were found. */
  #entries(name: string): readonly number[] {
    const found: number[] = [];
    for (let at = this.#last[this.#names.find(name)] ?? -1; at >= 0; at = this.#before[at]!) found.push(at);
    return found.reverse();
  }

  /** Of a unit that is being read, nothing counts until all is known. */
  #first(name: string, kinds: readonly NamedKind[]): NamedDie | undefined {
    let best: number | undefined;
    const rank = (entry: number) => kinds.indexOf(KINDS[this.#kindOf[entry]!]!);
    for (const entry of this.#entries(name)) {
      if (rank(entry) < 0 || this.#unitOf[entry]! >= this.#unitsRead) continue;
      if (best === undefined) best = entry;
      else if (this.#unitOf[entry] === this.#unitOf[best] && rank(entry) < rank(best)) best = entry;
    }
    return best === undefined ? undefined : this.#die(best);
  }

  #die(entry: number): NamedDie {
    const kind = KINDS[this.#kindOf[entry]!]!;
    const unit = this.#allUnits()[this.#unitOf[entry]!]!;
    const parent = kind === 'enumerator' ? { unit, offset: this.#enumerations[entry]! } : undefined;
    return { kind, unit, offset: this.#offsets[entry]!, parent };
  }
}
