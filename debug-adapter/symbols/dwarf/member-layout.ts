/** What a member of a structure comes to: where it is and how large its type is. */
import type { MemberLayout } from '../api';
import { ByteReader } from '../bytes/byte-reader';
import { AT, TAG } from './constants';
import { constantOf, type Die, type DieReader } from './die';

/** Linux's deepest structures nest about ten levels; a cycle in damaged data ends here. */
export const MAX_DEPTH = 24;
const DW_OP_plus_uconst = 0x23;

export const isAggregate = ({ tag }: Die) =>
  tag === TAG.structure_type || tag === TAG.union_type || tag === TAG.class_type;

/** The type itself behind typedefs, qualifiers, and declarations of what a type unit defines. */
export function strip(die: Die | undefined, reader: DieReader): Die | undefined {
  let type = die;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    switch (type?.tag) {
      case TAG.typedef:
      case TAG.const_type:
      case TAG.volatile_type:
      case TAG.restrict_type:
      case TAG.atomic_type:
        type = reader.follow(type, AT.type);
        break;
      case TAG.structure_type:
      case TAG.union_type:
      case TAG.class_type:
      case TAG.enumeration_type:
        if (!type.attributes.has(AT.signature)) return type;
        type = reader.follow(type, AT.signature);
        break;
      default:
        return type;
    }
  }
  return undefined;
}

/** Number of elements of an array, all dimensions together; 0 for a flexible one. */
function elementCount(array: Die, reader: DieReader): number {
  let count = 1;
  for (const dimension of reader.children(array)) {
    if (dimension.tag !== TAG.subrange_type) continue;
    const upper = constantOf(dimension, AT.upper_bound);
    const elements = constantOf(dimension, AT.count) ?? (upper === undefined ? 0n : upper + 1n);
    count *= Number(BigInt.asUintN(64, elements));
  }
  return count;
}

/** Size of a type in bytes, 0 where it has none (void, functions, incomplete types). */
export function sizeOf(die: Die | undefined, reader: DieReader, depth = 0): number {
  const type = strip(die, reader);
  if (type === undefined || depth > MAX_DEPTH) return 0;
  const size = constantOf(type, AT.byte_size);
  if (size !== undefined) return Number(size);
  if (type.tag === TAG.pointer_type || type.tag === TAG.reference_type) return type.unit.addressSize;
  if (type.tag !== TAG.array_type) return 0;
  return elementCount(type, reader) * sizeOf(reader.follow(type, AT.type), reader, depth + 1);
}

/** Offset of a member in bytes: a constant, or in DWARF 2 the expression "plus". Members of a union have none. */
export function locationOf(member: Die): number {
  const location = member.attributes.get(AT.data_member_location);
  if (location?.kind === 'constant') return Number(location.value);
  if (location?.kind !== 'block' || location.value[0] !== DW_OP_plus_uconst) return 0;
  return new ByteReader(location.value, 1).uleb();
}

export function layoutOf(member: Die, base: number, type: Die | undefined, reader: DieReader): MemberLayout {
  const offset = base + locationOf(member);
  const size = sizeOf(type, reader);
  const width = constantOf(member, AT.bit_size);
  if (width === undefined) return { offset, size };
  const bitSize = Number(width);
  let bitOffset = Number(constantOf(member, AT.data_bit_offset) ?? 0n);
  const fromTop = constantOf(member, AT.bit_offset);
  if (fromTop !== undefined) {
    // DWARF 2 and 3 count from the storage unit's most significant bit.
    const storage = Number(constantOf(member, AT.byte_size) ?? BigInt(size));
    bitOffset = storage * 8 - Number(fromTop) - bitSize;
  }
  const shift = bitOffset & 7;
  return {
    offset: offset + ((bitOffset - shift) >> 3),
    size: Math.ceil((shift + bitSize) / 8),
    bits: { shift, width: bitSize },
  };
}
