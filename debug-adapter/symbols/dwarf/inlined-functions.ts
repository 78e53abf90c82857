/** Where functions are inlined, by name: from one pass over all DIEs, made when somebody asks first. */
import type { ByteReader } from '../bytes/byte-reader';
import type { Steps } from '../steps';
import type { AttributeShape } from './abbreviations';
import { AT, TAG } from './constants';
import type { Die, DieReader } from './die';
import { readForm } from './forms';
import { nameOf } from './name-form';
import { NameTable, NO_NAME } from './name-table';
import { entryOf, RangeReader } from './ranges';
import type { DwarfSections } from './sections';
import { passSteps, type UnitVisitor, type WantedAttributes } from './unit-pass';
import type { Unit } from './units';

/** Copies that are known. Linux has some hundred thousand. */
const MOST_COPIES = 4_000_000;

const WANTED: WantedAttributes = new Map([
  [TAG.subprogram, [AT.name, AT.inline]],
  [TAG.inlined_subroutine, [AT.abstract_origin]],
]);

export class InlinedFunctions {
  readonly #sections: DwarfSections;
  readonly #allUnits: () => readonly Unit[];
  readonly #names: NameTable;
  /** Abstract instances (DWARF 5 §3.3.8.1): of each the name and the position. */
  readonly #nameOf: number[] = [];
  readonly #abstract: number[] = [];
  /** Copies: of each the position of the abstract instance, the unit, and its own position. */
  readonly #origins: number[] = [];
  readonly #units: number[] = [];
  readonly #offsets: number[] = [];
  /** Several may wait for the same work. */
  #work: Steps<void> | undefined;
  #isComplete = false;

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[]) {
    this.#sections = sections;
    this.#allUnits = allUnits;
    this.#names = new NameTable(sections);
  }

  /** Link-time addresses of the first instructions of all copies of a function, as they come, at most `limit`. */
  *entries(name: string, limit: number, reader: DieReader): Steps<readonly bigint[]> {
    while (!this.#isComplete) {
      const step = (this.#work ??= this.#read()).next();
      yield step.done === true ? 1 : step.value;
    }
    const wanted = this.#names.find(name);
    const instances = new Set(this.#abstract.filter((_, at) => wanted >= 0 && this.#nameOf[at] === wanted));
    if (instances.size === 0) return [];
    const ranges = new RangeReader(this.#sections);
    const found = new Set<bigint>();
    for (let copy = 0; copy < this.#origins.length && found.size < limit; copy++) {
      if (!instances.has(this.#origins[copy]!)) continue;
      const unit = this.#allUnits()[this.#units[copy]!]!;
      const die = reader.read({ unit, offset: this.#offsets[copy]! });
      const entry = die && startOf(die, ranges);
      // The linker has discarded what is at 0.
      if (entry !== undefined && entry !== 0n) found.add(entry);
    }
    return [...found];
  }

  *#read(): Steps<void> {
    const units = this.#allUnits();
    for (const [index, unit] of units.entries()) {
      if (unit.section !== 'info') continue;
      const visitor = new InlinedVisitor(this.#sections, unit, this.#names);
      for (const part of passSteps(this.#sections, unit, visitor)) yield (index + part) / units.length;
      for (const { name, offset } of visitor.abstract) {
        this.#nameOf.push(name);
        this.#abstract.push(offset);
      }
      for (const { origin, offset } of visitor.copies) {
        if (this.#origins.length === MOST_COPIES) break;
        this.#origins.push(origin);
        this.#units.push(index);
        this.#offsets.push(offset);
      }
      yield (index + 1) / units.length;
    }
    this.#names.close();
    this.#isComplete = true;
  }
}

/** Its entry, or its first instruction where the compiler has left none at the entry. */
function startOf(die: Die, ranges: RangeReader): bigint | undefined {
  const entry = entryOf(die, ranges);
  const covered = (ranges.of(die.unit, die.attributes) ?? []).filter(({ start, end }) => start < end);
  if (entry === undefined || covered.some(({ start, end }) => entry >= start && entry < end)) return entry;
  const starts = covered.map(({ start }) => start);
  return starts.length === 0 ? undefined : starts.reduce((low, start) => (start < low ? start : low));
}

class InlinedVisitor implements UnitVisitor {
  readonly wanted = WANTED;
  readonly everywhere = true;
  readonly abstract: { readonly name: number; readonly offset: number }[] = [];
  readonly copies: { readonly origin: number; readonly offset: number }[] = [];
  readonly #sections: DwarfSections;
  readonly #unit: Unit;
  readonly #names: NameTable;
  #name = NO_NAME;
  #isInlined = false;
  #origin = -1;

  constructor(sections: DwarfSections, unit: Unit, names: NameTable) {
    this.#sections = sections;
    this.#unit = unit;
    this.#names = names;
  }

  attribute(reader: ByteReader, shape: AttributeShape): void {
    if (shape.name === AT.name) {
      this.#name = nameOf(reader, shape, { unit: this.#unit, sections: this.#sections, names: this.#names });
      return;
    }
    const value = readForm(reader, shape.form, shape.implicit, this.#unit, this.#sections);
    if (value.kind === 'reference') this.#origin = value.value;
    else if (value.kind === 'constant') this.#isInlined = true;
  }

  die(tag: number, offset: number): void {
    if (tag === TAG.inlined_subroutine) {
      if (this.#origin >= 0) this.copies.push({ origin: this.#origin, offset });
    } else if (this.#isInlined && this.#name !== NO_NAME) this.abstract.push({ name: this.#name, offset });
    this.#name = NO_NAME;
    this.#isInlined = false;
    this.#origin = -1;
  }
}
