/** Scalars from and to bytes. */
import type { CType } from '../c-types';
import type { Bound, Scalar } from './bound';
import type { Machine } from './names';
import {
  fromLittleEndian,
  littleEndian,
  partOf,
  readBytes,
  readRegister,
  writeBytes,
  type Place,
} from './place';
import { ExpressionError } from './tokens';
import { integerForm, plain, type PlainType } from './types';
import { typeText } from './type-text';

/** What stands at a place. */
export function lvalue(at: number, type: CType, place: (machine: Machine) => Place, bits?: number): Bound {
  return {
    at,
    type,
    bits,
    small: undefined,
    place,
    scalar: scalarAt(at, type, place),
    text: undefined,
    elements: undefined,
    named: undefined,
  };
}

/** The value at a place; arrays and functions are their addresses. */
function scalarAt(at: number, type: CType, place: (machine: Machine) => Place): (machine: Machine) => Scalar {
  const inner = plain(type);
  if (inner.kind === 'array' || inner.kind === 'function') return (machine) => addressOf(place(machine), at);
  if (inner.kind === 'float')
    return (machine) => readFloat(readBytes(place(machine), inner.size, machine, at));
  const form = integerForm(inner);
  if (!form) {
    return () => {
      throw new ExpressionError(at, noScalar(inner));
    };
  }
  const { size, signed } = form;
  const width = size * 8;
  const sign = (value: bigint) => (signed ? BigInt.asIntN(width, value) : value);
  return (machine) => {
    const where = place(machine);
    if (where.kind === 'register')
      return sign(BigInt.asUintN(width, readRegister(where.register, machine, at)));
    const value = fromLittleEndian(readBytes(where, size, machine, at));
    if (where.bits === undefined) return sign(value);
    const { shift, width: bits } = where.bits;
    const field = BigInt.asUintN(bits, value >> BigInt(shift));
    return signed ? BigInt.asIntN(bits, field) : field;
  };
}

function noScalar(type: PlainType): string {
  if (type.kind === 'unknown') return `The type is not known: ${type.reason}.`;
  if (type.kind === 'void')
    return 'What void is cannot be read: cast the pointer first, as in *(u32 *)pointer.';
  return `A ${typeText(type)} is no number: choose one of its members.`;
}

/** @throws ExpressionError for what is not in memory. */
export function addressOf(place: Place, at: number): bigint {
  if (place.kind === 'memory') {
    if (place.bits !== undefined) throw new ExpressionError(at, 'A bit-field has no address.');
    return place.address;
  }
  throw new ExpressionError(at, 'Only memory and symbols have an address.');
}

/** The bytes of the host's number for 4 and 8, and of what is no C float of that size: not a number. */
function readFloat(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) return view.getFloat32(0, true);
  if (bytes.length === 8) return view.getFloat64(0, true);
  return bytes.length === 16 ? quad(fromLittleEndian(bytes)) : NaN;
}

/** IEEE 754 binary128, `long double` on RISC-V, as near as a double comes. */
function quad(bits: bigint): number {
  const sign = bits >> 127n ? -1 : 1;
  const exponent = Number((bits >> 112n) & 0x7fffn);
  const fraction = Number((bits & ((1n << 112n) - 1n)) >> 60n) / 2 ** 52;
  if (exponent === 0x7fff) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * 0 : sign * (1 + fraction) * 2 ** (exponent - 16383);
}

function floatBytes(value: number, size: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return new Uint8Array(view.buffer);
}

/** Writes a value that has the type already. @throws ExpressionError if it cannot. */
export function storeScalar(type: CType, place: Place, value: Scalar, machine: Machine, at: number): void {
  const inner = plain(type);
  if (inner.kind === 'float') {
    if (inner.size > 8) throw new ExpressionError(at, 'A long double cannot be changed.');
    writeBytes(place, floatBytes(Number(value), inner.size), machine, at);
    return;
  }
  const form = integerForm(inner);
  if (!form) throw new ExpressionError(at, `${noScalar(inner)} Only numbers and pointers can be assigned.`);
  const { bits } = place;
  const whole = BigInt(value);
  if (bits === undefined) {
    writeBytes(place, littleEndian(whole, form.size), machine, at);
    return;
  }
  const unit = partOf(place, 0);
  const old = fromLittleEndian(readBytes(unit, form.size, machine, at));
  const mask = ((1n << BigInt(bits.width)) - 1n) << BigInt(bits.shift);
  const changed = (old & ~mask) | ((whole << BigInt(bits.shift)) & mask);
  writeBytes(unit, littleEndian(changed, form.size), machine, at);
}
