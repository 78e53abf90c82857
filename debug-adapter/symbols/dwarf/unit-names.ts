/** What of a unit's outermost DIEs, and of enumerators, has a name. */
import type { ByteReader } from '../bytes/byte-reader';
import type { AttributeShape } from './abbreviations';
import { AT, FORM, TAG } from './constants';
import { readForm } from './forms';
import { nameOf } from './name-form';
import { NO_NAME, type NameTable } from './name-table';
import type { DwarfSections } from './sections';
import type { UnitVisitor, WantedAttributes } from './unit-pass';
import type { Unit } from './units';

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

const ATTRIBUTES = [AT.name, AT.declaration];
const WANTED: WantedAttributes = new Map(
  [...KIND_OF.keys()].map((tag) => [
    tag,
    tag === TAG.variable ? [...ATTRIBUTES, AT.specification] : ATTRIBUTES,
  ]),
);

/**
 * Takes one name.
 * @param offset of the DIE
 * @param enumeration offset of the DIE that an enumerator is in
 */
type TakeName = (name: number, kind: NamedKind, offset: number, enumeration: number) => void;

/** Gives all names of one unit in its order. */
export class UnitNames implements UnitVisitor {
  readonly wanted = WANTED;
  readonly #sections: DwarfSections;
  readonly #unit: Unit;
  readonly #names: NameTable;
  readonly #take: TakeName;
  /** Names of declared variables by their position: what defines one refers to it and has no name itself. */
  readonly #declared = new Map<number, number>();
  #name = NO_NAME;
  #isDeclaration = false;
  #specifies = -1;
  #enumeration = 0;

  constructor(sections: DwarfSections, unit: Unit, names: NameTable, take: TakeName) {
    this.#sections = sections;
    this.#unit = unit;
    this.#names = names;
    this.#take = take;
  }

  attribute(reader: ByteReader, shape: AttributeShape): void {
    if (shape.name === AT.name) {
      this.#name = nameOf(reader, shape, { unit: this.#unit, sections: this.#sections, names: this.#names });
      return;
    }
    if (shape.form === FORM.flag_present) {
      this.#isDeclaration = true;
      return;
    }
    const value = readForm(reader, shape.form, shape.implicit, this.#unit, this.#sections);
    if (value.kind === 'flag') this.#isDeclaration = value.value;
    else if (value.kind === 'reference') this.#specifies = value.value;
  }

  die(tag: number, offset: number): void {
    if (tag === TAG.enumeration_type) this.#enumeration = offset;
    if (this.#name === NO_NAME) this.#name = this.#declared.get(this.#specifies) ?? NO_NAME;
    if (this.#name !== NO_NAME) this.#add(KIND_OF.get(tag)!, offset);
    this.#name = NO_NAME;
    this.#isDeclaration = false;
    this.#specifies = -1;
  }

  #add(kind: NamedKind, offset: number): void {
    if (kind === 'variable' && this.#isDeclaration) {
      this.#declared.set(offset, this.#name);
      this.#take(this.#name, 'declared variable', offset, 0);
    } else if (kind === 'function' || !this.#isDeclaration) {
      this.#take(this.#name, kind, offset, kind === 'enumerator' ? this.#enumeration : 0);
    }
  }
}
