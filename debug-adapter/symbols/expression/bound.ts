/** An expression whose names are known: it has a type, and is evaluated by calling it. */
import type { CType } from '../c-types';
import type { Machine } from './names';
import type { Place } from './place';
import { ExpressionError } from './tokens';
import { typeText } from './type-text';

/** An integer type's value is the number that it stands for, a pointer's its address; a float's is a number. */
export type Scalar = bigint | number;

/** What is not side by side in memory: the elements of a kernel's list. */
export interface Elements {
  readonly addresses: readonly bigint[];
  /** Why there may be more; a clause. */
  readonly cut: string | undefined;
}

/** All functions throw an `ExpressionError` if there is no value. */
export interface Bound {
  /** Where it is written, for errors. */
  readonly at: number;
  readonly type: CType;
  /** Of a bit-field: its width. */
  readonly bits: number | undefined;
  /** Of a number as written, or its negative: the narrower type that C gives it. It has that beside values of the program. */
  readonly small: CType | undefined;
  /** Of what is somewhere. */
  readonly place: ((machine: Machine) => Place) | undefined;
  readonly scalar: (machine: Machine) => Scalar;
  /** Of a text that is nowhere in the machine: a literal, `$priv`. */
  readonly text: ((machine: Machine) => string) | undefined;
  /** Of an array whose elements are not side by side. */
  readonly elements: ((machine: Machine) => Elements) | undefined;
  /** The register or symbol that it is, and nothing else. */
  readonly named: { readonly kind: 'register' | 'symbol' | 'variable'; readonly name: string } | undefined;
}

/** What is computed. */
export function rvalue(at: number, type: CType, scalar: (machine: Machine) => Scalar): Bound {
  return {
    at,
    type,
    bits: undefined,
    small: undefined,
    place: undefined,
    scalar,
    text: undefined,
    elements: undefined,
    named: undefined,
  };
}

export function textValue(at: number, type: CType, text: (machine: Machine) => string): Bound {
  const scalar = () => {
    throw new ExpressionError(at, 'A text can only be compared, with == and !=.');
  };
  return { ...rvalue(at, type, scalar), text };
}

export function elementsValue(at: number, element: CType, elements: (machine: Machine) => Elements): Bound {
  const type: CType = { kind: 'array', element, count: undefined, size: 0 };
  const scalar = () => {
    throw new ExpressionError(at, `A list of ${typeText(element)} has no address: index it, as in list[0].`);
  };
  return { ...rvalue(at, type, scalar), elements };
}
