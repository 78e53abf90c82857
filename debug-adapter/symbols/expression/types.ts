/** Questions about C types. */
import type { CAggregate, CType } from '../c-types';
import { integerOf, UNSIGNED_LONG, typeOfWords } from './basic-types';
import type { TypeName } from './syntax';
import { ExpressionError } from './tokens';

/** A type without its names and qualifiers. */
export type PlainType = Exclude<CType, { kind: 'typedef' | 'qualified' }>;

/** Debug information may name a type by itself; no program nests so many names. */
const MAX_NAMES = 64;
const POINTER_SIZE = 8;

export function plain(type: CType): PlainType {
  let inner = type;
  for (let n = 0; n < MAX_NAMES; n++) {
    if (inner.kind !== 'typedef' && inner.kind !== 'qualified') return inner;
    inner = inner.type;
  }
  return { kind: 'unknown', reason: 'its debug information names it by itself' };
}

export function pointerTo(target: CType): CType {
  return { kind: 'pointer', size: POINTER_SIZE, target };
}

export function arrayOf(element: CType, count: number): CType {
  return { kind: 'array', element, count, size: count * (sizeOf(element) ?? 0) };
}

/** Bytes; `undefined` if nothing says. `void` and functions count as one (GNU C, "Arithmetic on void- and Function-Pointers"). */
export function sizeOf(type: CType): number | undefined {
  const inner = plain(type);
  switch (inner.kind) {
    case 'void':
    case 'function':
      return 1;
    case 'unknown':
      return undefined;
    case 'struct':
    case 'union':
      return inner.complete ? inner.size : undefined;
    case 'array':
      return inner.count === undefined ? undefined : inner.size;
    default:
      return inner.size;
  }
}

export function isAggregate(type: PlainType): type is CAggregate {
  return type.kind === 'struct' || type.kind === 'union';
}

/** What has one value: a number, an address. */
export function isScalar(type: PlainType): boolean {
  return type.kind === 'integer' || type.kind === 'float' || type.kind === 'pointer' || type.kind === 'enum';
}

export function isCharacter(type: CType): boolean {
  const inner = plain(type);
  return inner.kind === 'integer' && inner.size === 1 && inner.as !== 'boolean';
}

/** The integer type that a scalar's value has in memory; `undefined` for floats and what is no scalar. */
export function integerForm(
  type: PlainType,
): { readonly size: number; readonly signed: boolean } | undefined {
  switch (type.kind) {
    case 'integer':
    case 'enum':
      return type;
    case 'pointer':
      return UNSIGNED_LONG;
    default:
      return undefined;
  }
}

/** What a pointer to an element would be, of an array; a pointer to itself of a function; any other type as it is (C17 6.3.2.1). */
export function decayed(type: CType): CType {
  const inner = plain(type);
  if (inner.kind === 'array') return pointerTo(inner.element);
  return inner.kind === 'function' ? pointerTo(type) : type;
}

/** The integer type in which arithmetic is done with an operand (C17 6.3.1.1). */
export function promoted(type: PlainType, bits?: number): CType {
  const form = integerForm(type);
  if (!form) return type;
  if (bits !== undefined ? bits < 32 : form.size < 4) return integerOf(4, true);
  if (bits === 32 && form.size === 4) return integerOf(4, form.signed);
  return integerOf(form.size, form.signed);
}

/** The type that is named by what is written. @throws ExpressionError */
export function typeNamed(name: TypeName, find: (words: string) => CType | undefined): CType {
  const found = typeOfWords(name.words) ?? find(name.words);
  if (!found) {
    throw new ExpressionError(
      name.at,
      `There is no type "${name.words}" in the program's debug information.`,
    );
  }
  return name.derived.reduce<CType>((type, derivation) => {
    if (derivation === '*') return pointerTo(type);
    if (derivation === 'function') return { kind: 'function', result: type, parameters: [], variadic: true };
    return arrayOf(type, derivation);
  }, found);
}
