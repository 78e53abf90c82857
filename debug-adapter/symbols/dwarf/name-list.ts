/** All names of types, enumerators and variables outside of functions, for completions. */
import type { ByteReader } from '../bytes/byte-reader';
import type { Steps } from '../steps';
import type { AttributeShape } from './abbreviations';
import { AT, TAG } from './constants';
import { readForm } from './forms';
import type { DwarfSections } from './sections';
import { passOver, type UnitVisitor } from './unit-pass';
import type { Unit } from './units';

const PREFIX_OF: ReadonlyMap<number, string> = new Map([
  [TAG.structure_type, 'struct '],
  [TAG.class_type, 'struct '],
  [TAG.union_type, 'union '],
  [TAG.enumeration_type, 'enum '],
  [TAG.typedef, ''],
  [TAG.enumerator, ''],
  [TAG.variable, ''],
]);

/** A kernel has some hundred thousand. */
const MOST_NAMES = 2_000_000;

export class NameList {
  readonly #sections: DwarfSections;
  readonly #allUnits: () => readonly Unit[];
  #sorted: readonly string[] | undefined;

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[]) {
    this.#sections = sections;
    this.#allUnits = allUnits;
  }

  /** At most `limit` that begin with a prefix, sorted; those of structures begin with `struct `. */
  *startingWith(prefix: string, limit: number): Steps<readonly string[]> {
    const names = (this.#sorted ??= yield* this.#collect());
    let [low, high] = [0, names.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (names[middle]! < prefix) low = middle + 1;
      else high = middle;
    }
    const found: string[] = [];
    for (let i = low; i < names.length && found.length < limit && names[i]!.startsWith(prefix); i++) {
      found.push(names[i]!);
    }
    return found;
  }

  *#collect(): Steps<readonly string[]> {
    const units = this.#allUnits();
    const names = new Set<string>();
    for (const [index, unit] of units.entries()) {
      passOver(this.#sections, unit, new NameCollector(this.#sections, unit, names));
      yield (index + 1) / units.length;
    }
    return [...names].sort();
  }
}

class NameCollector implements UnitVisitor {
  readonly #sections: DwarfSections;
  readonly #unit: Unit;
  readonly #names: Set<string>;
  #name: string | undefined;

  constructor(sections: DwarfSections, unit: Unit, names: Set<string>) {
    this.#sections = sections;
    this.#unit = unit;
    this.#names = names;
  }

  attributesOf(tag: number): readonly number[] | undefined {
    return PREFIX_OF.has(tag) ? [AT.name] : undefined;
  }

  attribute(reader: ByteReader, { form, implicit }: AttributeShape): void {
    const value = readForm(reader, form, implicit, this.#unit, this.#sections);
    if (value.kind === 'string') this.#name = value.value;
  }

  die(tag: number): void {
    if (this.#name !== undefined && this.#names.size < MOST_NAMES) {
      this.#names.add(PREFIX_OF.get(tag)! + this.#name);
    }
    this.#name = undefined;
  }
}
