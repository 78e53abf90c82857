/** A structure or union from its DIE. */
import type { CAggregate, CMember, CType } from '../c-types';
import type { TypeSource } from './type-source';
import { AT, TAG } from './constants';
import { constantOf, nameOf, type Die } from './die';
import { locationOf, MAX_DEPTH, sizeOf } from './member-layout';

/** Linux's largest structures have some hundred members of their own. */
const MOST_MEMBERS = 50_000;

export class Aggregate implements CAggregate {
  readonly kind: 'struct' | 'union';
  readonly #declared: Die;
  readonly #types: TypeSource;
  #definition: Die | undefined | null = null;
  #members: readonly CMember[] | undefined;
  #byName: ReadonlyMap<string, CMember> | undefined;

  constructor(die: Die, types: TypeSource) {
    this.kind = die.tag === TAG.union_type ? 'union' : 'struct';
    this.#declared = die;
    this.#types = types;
  }

  /** Where a type unit has the type, it has its name, too. */
  get name(): string | undefined {
    return (
      nameOf(this.#declared) ??
      (this.#declared.attributes.has(AT.signature) ? nameOf(this.#defined ?? this.#declared) : undefined)
    );
  }

  get complete(): boolean {
    return this.#defined !== undefined;
  }

  get size(): number {
    return sizeOf(this.#defined, this.#types.reader());
  }

  get members(): readonly CMember[] {
    return (this.#members ??= this.#read());
  }

  member(name: string): CMember | undefined {
    return (this.#byName ??= byName(this)).get(name);
  }

  /** The DIE that has the members: in another unit, if this one only declares the type. */
  get #defined(): Die | undefined {
    if (this.#definition === null) {
      const { attributes } = this.#declared;
      const isDefined = !attributes.has(AT.declaration) && !attributes.has(AT.signature);
      this.#definition = isDefined ? this.#declared : this.#types.definition(this.#declared);
    }
    return this.#definition;
  }

  #read(): readonly CMember[] {
    const die = this.#defined;
    if (die === undefined) return [];
    const members: CMember[] = [];
    for (const child of this.#types.reader().children(die)) {
      if (child.tag === TAG.member) members.push(memberOf(child, this.#types));
      if (members.length === MOST_MEMBERS) break;
    }
    return members;
  }
}

function memberOf(die: Die, types: TypeSource): CMember {
  const name = nameOf(die);
  const place = placeOf(die, types);
  let known: CType | undefined;
  return {
    name,
    ...place,
    get type() {
      return (known ??= types.typeOf(die));
    },
  };
}

/** DWARF 5 §5.7.6; DW_AT_bit_offset of DWARF 2 and 3 counts from the storage unit's most significant bit. */
function placeOf(die: Die, types: TypeSource): Pick<CMember, 'offset' | 'bits'> {
  const offset = locationOf(die);
  const bitSize = constantOf(die, AT.bit_size);
  if (bitSize === undefined) return { offset, bits: undefined };
  const reader = types.reader();
  const size = sizeOf(reader.follow(die, AT.type), reader);
  const width = Number(bitSize);
  let first = offset * 8 + Number(constantOf(die, AT.data_bit_offset) ?? 0n);
  const fromTop = constantOf(die, AT.bit_offset);
  if (fromTop !== undefined) {
    const storage = Number(constantOf(die, AT.byte_size) ?? BigInt(size));
    first += storage * 8 - Number(BigInt.asIntN(64, fromTop)) - width;
  }
  const bits = size * 8 || 8;
  let shift = ((first % bits) + bits) % bits;
  // A packed one may lie across two such units.
  if (shift + width > bits) shift = first & 7;
  return { offset: (first - shift) / 8, bits: { shift, width } };
}

/** Members by name, those of anonymous structures and unions inside with their offset in the outer one. */
function byName(aggregate: CAggregate): ReadonlyMap<string, CMember> {
  const found = new Map<string, CMember>();
  let visited = 0;
  const add = (inner: CAggregate, base: number, depth: number): void => {
    for (const member of inner.members) {
      if (++visited > MOST_MEMBERS) return;
      if (member.name !== undefined) {
        if (!found.has(member.name)) found.set(member.name, base === 0 ? member : moved(member, base));
      } else if (depth < MAX_DEPTH) {
        const type = unqualified(member.type);
        if (type.kind === 'struct' || type.kind === 'union') add(type, base + member.offset, depth + 1);
      }
    }
  };
  add(aggregate, 0, 0);
  return found;
}

function unqualified(type: CType): CType {
  let inner = type;
  while (inner.kind === 'qualified' || inner.kind === 'typedef') inner = inner.type;
  return inner;
}

function moved(member: CMember, base: number): CMember {
  return {
    name: member.name,
    offset: base + member.offset,
    bits: member.bits,
    get type() {
      return member.type;
    },
  };
}
