/** Values and their parts. */
import type { CType } from '../../symbols/c-types';
import { evaluate, type ExpressionResult, type ExpressionValue } from '../../symbols/expression/evaluate';
import { lvalue } from '../../symbols/expression/load';
import type { Machine } from '../../symbols/expression/names';
import { partOf, type Place } from '../../symbols/expression/place';
import { isAggregate, plain, sizeOf } from '../../symbols/expression/types';

/** A part of a value: a member, an element, what a pointer points to. */
export interface Part {
  /** `next`, `[3]`, `*list`; that of an anonymous structure is undefined. */
  readonly name: string | undefined;
  readonly value: ExpressionResult;
}

/** The value of that type at a place. */
function valueAt(type: CType, place: Place, machine: Machine): ExpressionResult {
  return evaluate(
    lvalue(0, type, () => place, place.bits?.width),
    machine,
  );
}

/** How many elements an array has, those of a list too; `undefined` for what is no array, or of unknown length. */
export function elementCount({ type, elements }: ExpressionValue): number | undefined {
  if (elements) return elements.addresses.length;
  const inner = plain(type);
  return inner.kind === 'array' ? inner.count : undefined;
}

/** Elements `[start, end)` of an array. */
export function elementsOf(
  value: ExpressionValue,
  start: number,
  end: number,
  machine: Machine,
): readonly ExpressionResult[] {
  const type = plain(value.type);
  if (type.kind !== 'array') return [];
  const { element } = type;
  const size = sizeOf(element) ?? 0;
  const { place, elements } = value;
  const indices = Array.from({ length: Math.max(0, end - start) }, (_, n) => start + n);
  return indices.flatMap((index) => {
    const address = elements?.addresses[index];
    if (address !== undefined) return [valueAt(element, { kind: 'memory', address }, machine)];
    return place ? [valueAt(element, partOf(place, index * size), machine)] : [];
  });
}

/** No structure of a program has more. */
const mostMembers = 4096;

/** Members in order, each read when it is asked for. */
export function* membersOf(value: ExpressionValue, machine: Machine): Iterable<Part> {
  const type = plain(value.type);
  const { place } = value;
  if (!isAggregate(type) || !place) return;
  for (const { name, offset, type: memberType, bits } of type.members.slice(0, mostMembers)) {
    const part = partOf(place, offset);
    yield { name, value: valueAt(memberType, bits ? { ...part, bits } : part, machine) };
  }
}

/** What a pointer points to, where there can be something. */
export function pointedTo(value: ExpressionValue, machine: Machine): ExpressionResult | undefined {
  const type = plain(value.type);
  if (type.kind !== 'pointer' || typeof value.scalar !== 'bigint' || value.scalar === 0n) return undefined;
  const target = plain(type.target);
  if (target.kind === 'void' || target.kind === 'function' || target.kind === 'unknown') return undefined;
  return valueAt(type.target, { kind: 'memory', address: value.scalar }, machine);
}
