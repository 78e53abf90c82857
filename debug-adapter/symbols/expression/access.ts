/** From one thing to another: `*`, `&`, `[]`, `.` and `->`, casts. */
import type { CAggregate, CType } from '../c-types';
import { convert, operandType, strideOf } from './arithmetic';
import { UNSIGNED_LONG } from './basic-types';
import { rvalue, type Bound } from './bound';
import { addressOf, lvalue } from './load';
import type { Machine } from './names';
import { partOf } from './place';
import { ExpressionError } from './tokens';
import { decayed, isAggregate, isScalar, plain, pointerTo } from './types';
import { typeText } from './type-text';

/** What a pointer points to; what is no pointer is taken for the address of an unsigned long, as registers are. */
function pointee(operand: Bound): CType {
  const type = plain(decayed(operand.type));
  return type.kind === 'pointer' ? type.target : UNSIGNED_LONG;
}

function isPointerLike({ type }: Bound): boolean {
  return plain(decayed(type)).kind === 'pointer';
}

function addressIn(operand: Bound, at: number): (machine: Machine) => bigint {
  if (operandType(operand).kind === 'float') throw new ExpressionError(at, 'A float is no address.');
  return (machine) => BigInt.asUintN(64, operand.scalar(machine) as bigint);
}

/** What is at an address. */
export function at(position: number, type: CType, address: (machine: Machine) => bigint): Bound {
  return lvalue(position, type, (machine) => ({ kind: 'memory', address: address(machine) }));
}

export function dereferenced(operand: Bound, position: number): Bound {
  if (operand.elements)
    return indexed(
      operand,
      rvalue(position, UNSIGNED_LONG, () => 0n),
      position,
    );
  const target = pointee(operand);
  if (plain(target).kind === 'void') {
    throw new ExpressionError(
      position,
      'What void is cannot be read: cast the pointer first, as in *(u32 *)pointer.',
    );
  }
  return at(position, target, addressIn(operand, position));
}

export function addressTaken(operand: Bound, position: number): Bound {
  if (operand.place) {
    if (operand.bits !== undefined) throw new ExpressionError(position, 'A bit-field has no address.');
    const { place } = operand;
    return rvalue(position, pointerTo(operand.type), (machine) => addressOf(place(machine), position));
  }
  if (operand.named?.kind === 'symbol') return { ...operand, at: position, named: undefined };
  throw new ExpressionError(position, 'Only memory and symbols have an address.');
}

export function indexed(operand: Bound, index: Bound, position: number): Bound {
  // `3[array]` is the same as `array[3]` (C17 6.5.2.1).
  if (!isPointerLike(operand) && isPointerLike(index)) return indexed(index, operand, position);
  const number = (machine: Machine) => {
    const value = index.scalar(machine);
    if (typeof value === 'bigint') return value;
    throw new ExpressionError(index.at, 'An index is a whole number.');
  };
  const type = plain(operand.type);
  const { place, elements } = operand;
  if (elements && type.kind === 'array') {
    return at(position, type.element, (machine) => {
      const { addresses } = elements(machine);
      const address = addresses[Number(number(machine))];
      if (address !== undefined) return address;
      throw new ExpressionError(position, `The list has ${addresses.length} elements, counted from 0.`);
    });
  }
  const element = pointee(operand);
  const stride = strideOf(element, position);
  // An array may be in registers.
  if (type.kind === 'array' && place) {
    return lvalue(position, element, (machine) => partOf(place(machine), Number(number(machine) * stride)));
  }
  const address = addressIn(operand, position);
  return at(position, element, (machine) => BigInt.asUintN(64, address(machine) + number(machine) * stride));
}

/** `a.b`, `a->b`: both follow a pointer, and both do without. */
export function member(operand: Bound, name: string, position: number): Bound {
  const type = plain(operand.type);
  const pointer = plain(decayed(operand.type));
  const aggregate = pointer.kind === 'pointer' ? plain(pointer.target) : type;
  if (!isAggregate(aggregate)) {
    throw new ExpressionError(
      position,
      `"${name}" cannot be a member: what is before it is no structure but ${describeType(operand)}. Cast it first, as in ((struct tag *)x)->${name}.`,
    );
  }
  const found = aggregate.member(name);
  if (!found) throw new ExpressionError(position, noMember(aggregate, name));
  const { offset, bits } = found;
  const base = baseOf(operand, pointer.kind === 'pointer', position);
  return lvalue(
    position,
    found.type,
    (machine) => {
      const part = partOf(base(machine), offset);
      return bits ? { ...part, bits } : part;
    },
    bits?.width,
  );
}

function baseOf(operand: Bound, isPointer: boolean, position: number): NonNullable<Bound['place']> {
  const isArray = plain(operand.type).kind === 'array';
  if (!isPointer || isArray) {
    if (operand.place) return operand.place;
    throw new ExpressionError(position, 'What is before the member is nowhere.');
  }
  return (machine) => ({ kind: 'memory', address: operand.scalar(machine) as bigint });
}

function describeType(operand: Bound): string {
  return operand.named?.kind === 'symbol' ? 'a symbol without a type' : typeText(operand.type);
}

function noMember(aggregate: CAggregate, name: string): string {
  const text = typeText(aggregate);
  return aggregate.complete
    ? `${text} has no member "${name}".`
    : `The members of ${text} are not in the program's debug information.`;
}

export function cast(operand: Bound, type: CType, position: number): Bound {
  const target = plain(type);
  const source = operandType(operand);
  if (!isScalar(target) || !isScalar(source)) {
    const what = isScalar(target) ? source : target;
    throw new ExpressionError(
      position,
      `${typeText(what)} is no type to cast from or to: cast a pointer and follow it, as in *(${typeText(what)} *)pointer.`,
    );
  }
  const { scalar } = operand;
  return rvalue(position, type, (machine) => convert(scalar(machine), target));
}
