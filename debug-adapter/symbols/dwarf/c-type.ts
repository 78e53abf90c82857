/** Types of C from their DIEs. What a type refers to is read when it is asked for, and kept while it is used. */
import type { CType } from '../c-types';
import { finish } from '../steps';
import { Aggregate } from './c-aggregate';
import { Enumeration } from './c-enumeration';
import { AT, ATE, TAG } from './constants';
import { constantOf, DieReader, nameOf, type Die, type DiePlace } from './die';
import { MAX_DEPTH, sizeOf } from './member-layout';
import type { NamedKind, NameIndex } from './name-index';
import { ownerOf } from './origins';
import { Recent } from './recent';
import type { DwarfSections } from './sections';
import type { TypeSource } from './type-source';
import type { Unit } from './units';

/** Types that are kept. A structure of Linux's refers to a hundred. */
const MOST_TYPES = 20_000;
/** Of a function; also of an array's dimensions. */
const MOST_PARAMETERS = 1000;

const VOID: CType = { kind: 'void' };
const unknownType = (reason: string): CType => ({ kind: 'unknown', reason });

const QUALIFIERS = new Map([
  [TAG.const_type, 'const'],
  [TAG.volatile_type, 'volatile'],
  [TAG.restrict_type, 'restrict'],
  [TAG.atomic_type, '_Atomic'],
] as const) as ReadonlyMap<number, 'const' | 'volatile' | 'restrict' | '_Atomic'>;

export class CTypeReader implements TypeSource {
  readonly #sections: DwarfSections;
  readonly #allUnits: () => readonly Unit[];
  readonly #named: NameIndex;
  /** By position, which is negative in `.debug_types`. */
  readonly #types = new Recent<number, CType>(MOST_TYPES);

  constructor(sections: DwarfSections, allUnits: () => readonly Unit[], named: NameIndex) {
    this.#sections = sections;
    this.#allUnits = allUnits;
    this.#named = named;
  }

  reader(): DieReader {
    return new DieReader(this.#sections, this.#allUnits());
  }

  at(place: DiePlace): CType {
    const die = this.reader().read(place);
    return die === undefined ? unknownType('its debug information is damaged') : this.of(die);
  }

  typeOf(die: Die): CType {
    if (!die.attributes.has(AT.type)) return VOID;
    const type = this.reader().follow(die, AT.type);
    return type === undefined ? unknownType('its debug information is damaged') : this.of(type);
  }

  /** The type that a DIE is. */
  of(die: Die): CType {
    const key = die.unit.section === 'types' ? -1 - die.offset : die.offset;
    let type = this.#types.get(key);
    if (type === undefined) this.#types.set(key, (type = this.#make(die)), 1);
    return type;
  }

  definition(declaration: Die): Die | undefined {
    const reader = this.reader();
    if (declaration.attributes.has(AT.signature)) return reader.follow(declaration, AT.signature);
    const name = nameOf(declaration);
    const kinds: readonly NamedKind[] =
      declaration.tag === TAG.enumeration_type
        ? ['enum']
        : declaration.tag === TAG.union_type
          ? ['union']
          : ['struct'];
    const place = name === undefined ? undefined : finish(this.#named.find(name, kinds));
    return place && reader.read(place);
  }

  #make(die: Die): CType {
    switch (die.tag) {
      case TAG.base_type:
        return baseType(die);
      case TAG.pointer_type:
      case TAG.reference_type:
        return this.#pointer(die);
      case TAG.array_type:
        return this.#array(die);
      case TAG.structure_type:
      case TAG.class_type:
      case TAG.union_type:
        return new Aggregate(die, this);
      case TAG.enumeration_type:
        return new Enumeration(die, this);
      case TAG.subroutine_type:
      case TAG.subprogram:
        return this.#function(die);
      case TAG.unspecified_type:
        return VOID;
      case TAG.typedef:
      case TAG.const_type:
      case TAG.volatile_type:
      case TAG.restrict_type:
      case TAG.atomic_type:
        return this.#alias(die);
      default:
        return unknownType(`it is described as 0x${die.tag.toString(16)}, which is no type of C`);
    }
  }

  #pointer(die: Die): CType {
    const typeOf = () => this.typeOf(die);
    const size = Number(constantOf(die, AT.byte_size) ?? BigInt(die.unit.addressSize));
    return {
      kind: 'pointer',
      size,
      get target() {
        return typeOf();
      },
    };
  }

  #alias(die: Die): CType {
    if (!this.#endsSomewhere(die)) return unknownType('its debug information goes round in a circle');
    const typeOf = () => this.typeOf(die);
    const size = sizeOf(die, this.reader());
    const qualifier = QUALIFIERS.get(die.tag);
    if (qualifier === undefined) {
      return {
        kind: 'typedef',
        name: nameOf(die) ?? '',
        size,
        get type() {
          return typeOf();
        },
      };
    }
    return {
      kind: 'qualified',
      qualifier,
      size,
      get type() {
        return typeOf();
      },
    };
  }

  /** False for typedefs, qualifiers and arrays that are made of themselves. */
  #endsSomewhere(die: Die): boolean {
    const reader = this.reader();
    let type: Die | undefined = die;
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      if (type === undefined) return true;
      if (type.tag !== TAG.typedef && type.tag !== TAG.array_type && !QUALIFIERS.has(type.tag)) return true;
      type = reader.follow(type, AT.type);
    }
    return false;
  }

  /** One type for each dimension, the outermost first. */
  #array(die: Die): CType {
    if (!this.#endsSomewhere(die)) return unknownType('its debug information goes round in a circle');
    const dimensions: (number | undefined)[] = [];
    for (const child of this.reader().children(die)) {
      if (child.tag === TAG.subrange_type || child.tag === TAG.enumeration_type)
        dimensions.push(countOf(child));
      if (dimensions.length === MAX_DEPTH) break;
    }
    const element = () => this.typeOf(die);
    const elementSize = sizeOf(this.reader().follow(die, AT.type), this.reader());
    return arrayOf(dimensions.length > 0 ? dimensions : [undefined], elementSize, element);
  }

  /** An instance of an inlined function, or a clone, is of the type that its abstract one has. */
  #function(instance: Die): CType {
    const die = this.reader().follow(instance, AT.abstract_origin) ?? instance;
    const typeOf = () => this.typeOf(ownerOf(die, AT.type, this.reader()) ?? die);
    const parameters = () => this.#parameters(die);
    let known: ReturnType<typeof parameters> | undefined;
    return {
      kind: 'function',
      get result() {
        return typeOf();
      },
      get parameters() {
        return (known ??= parameters()).types;
      },
      get variadic() {
        return (known ??= parameters()).variadic;
      },
    };
  }

  #parameters(die: Die): { readonly types: readonly CType[]; readonly variadic: boolean } {
    const reader = this.reader();
    const types: CType[] = [];
    let variadic = false;
    for (const child of reader.children(die)) {
      if (child.tag === TAG.formal_parameter) {
        types.push(this.typeOf(ownerOf(child, AT.type, reader) ?? child));
      }
      if (child.tag === TAG.unspecified_parameters) variadic = true;
      if (types.length === MOST_PARAMETERS) break;
    }
    return { types, variadic };
  }
}

function baseType(die: Die): CType {
  const name = nameOf(die) ?? '';
  const size = Number(constantOf(die, AT.byte_size) ?? 0n);
  const integer = (signed: boolean, as: 'number' | 'character' | 'boolean'): CType => ({
    kind: 'integer',
    name,
    size,
    signed,
    as,
  });
  switch (Number(constantOf(die, AT.encoding) ?? 0n)) {
    case ATE.boolean:
      return integer(false, 'boolean');
    case ATE.signed:
      return integer(true, 'number');
    case ATE.unsigned:
      return integer(false, 'number');
    case ATE.signed_char:
      return integer(true, 'character');
    case ATE.unsigned_char:
    case ATE.UTF:
      return integer(false, 'character');
    case ATE.float:
      return { kind: 'float', name, size };
    default:
      return unknownType(`${name} is of a kind that is not supported: neither integer nor floating point`);
  }
}

/** Elements of a dimension; `undefined` for a flexible one, and where they are counted at run time (DWARF 5 §5.13). */
function countOf(dimension: Die): number | undefined {
  const count = constantOf(dimension, AT.count);
  if (count !== undefined) return Number(BigInt.asUintN(64, count));
  const upper = constantOf(dimension, AT.upper_bound);
  if (upper === undefined) return undefined;
  const lower = constantOf(dimension, AT.lower_bound) ?? 0n;
  return Number(BigInt.asUintN(64, upper - lower + 1n));
}

function arrayOf(
  dimensions: readonly (number | undefined)[],
  elementSize: number,
  element: () => CType,
): CType {
  const [count, ...inner] = dimensions;
  const innerSize = inner.reduce<number>((size, dimension) => size * (dimension ?? 0), elementSize);
  let known: CType | undefined;
  const make = () => (inner.length > 0 ? arrayOf(inner, elementSize, element) : element());
  return {
    kind: 'array',
    count,
    size: (count ?? 0) * innerSize,
    get element() {
      return (known ??= make());
    },
  };
}
