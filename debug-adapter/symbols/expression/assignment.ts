/** `a = b`. */
import { convert } from './arithmetic';
import { rvalue, type Bound } from './bound';
import { storeScalar } from './load';
import type { Machine } from './names';
import { readBytes, writeBytes, type Place } from './place';
import { ExpressionError } from './tokens';
import { isCharacter, isScalar, plain, sizeOf } from './types';
import { typeText } from './type-text';

/** Changes the target each time it is evaluated. @throws ExpressionError for what cannot be assigned, or not to this. */
export function assignment(target: Bound, value: Bound, at: number): Bound {
  const { place } = target;
  if (!place)
    throw new ExpressionError(at, 'What is left of "=" is a value and no place that could be changed.');
  const store = storing(target, value, at);
  const scalar = (machine: Machine) => {
    store(place(machine), machine);
    return target.scalar(machine);
  };
  const result = rvalue(at, target.type, scalar);
  if (isScalar(plain(target.type))) return result;
  return {
    ...result,
    place: (machine) => {
      const where = place(machine);
      store(where, machine);
      return where;
    },
  };
}

function storing(target: Bound, value: Bound, at: number): (place: Place, machine: Machine) => void {
  const type = plain(target.type);
  if (value.text) return storingText(target, value.text, at);
  if (isScalar(type)) {
    return (place, machine) =>
      storeScalar(target.type, place, convert(value.scalar(machine), type), machine, at);
  }
  const size = sizeOf(type);
  if (size === undefined || !value.place || typeText(type) !== typeText(plain(value.type)))
    throw new ExpressionError(at, `This is no value for a ${typeText(target.type)}.`);
  const from = value.place;
  return (place, machine) =>
    writeBytes(place, readBytes(from(machine), size, machine, value.at), machine, at);
}

function storingText(
  target: Bound,
  text: (machine: Machine) => string,
  at: number,
): (place: Place, machine: Machine) => void {
  const type = plain(target.type);
  if (type.kind !== 'array' || !isCharacter(type.element))
    throw new ExpressionError(at, 'A text can be assigned to an array of characters only.');
  return (place, machine) => {
    const bytes = new Uint8Array(type.size);
    const encoded = new TextEncoder().encode(text(machine));
    if (encoded.length >= type.size)
      throw new ExpressionError(at, `The text is too long: with its zero it may have ${type.size} bytes.`);
    bytes.set(encoded);
    writeBytes(place, bytes, machine, at);
  };
}
