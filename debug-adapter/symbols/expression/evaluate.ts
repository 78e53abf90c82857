/** Evaluates what is bound. What is wrong, and where, is a result. */
import type { CType } from '../c-types';
import { bind } from './bind';
import type { Bound, Elements, Scalar } from './bound';
import type { Machine, Names } from './names';
import { NoValueError, type Place } from './place';
import type { Node } from './syntax';
import { ExpressionError } from './tokens';
import { isScalar, plain } from './types';

export interface ExpressionFailure {
  readonly ok: false;
  /** A sentence. */
  readonly message: string;
  /** 0-based position in the text. */
  readonly position: number;
  /** What a view shows in place of a value that there is not: `<optimized out>`. */
  readonly shown?: string;
}

/** A value at one moment. */
export interface ExpressionValue {
  readonly ok: true;
  readonly type: CType;
  /** Of numbers and pointers; `undefined` for structures and texts. Of arrays and functions in memory the address. */
  readonly scalar: Scalar | undefined;
  /** Where it is, so that it can be shown in memory, and set. */
  readonly place: Place | undefined;
  /** Of a text that is nowhere in the machine. */
  readonly text: string | undefined;
  /** Of a list. */
  readonly elements: Elements | undefined;
  readonly named: Bound['named'];
}

export type ExpressionResult = ExpressionValue | ExpressionFailure;

export type BindResult = { readonly ok: true; readonly bound: Bound } | ExpressionFailure;

/** Never throws. */
export function bindExpression(node: Node, names: Names): BindResult {
  return attempt(() => ({ ok: true, bound: bind(node, names) }));
}

/** Never throws. */
export function evaluate(bound: Bound, machine: Machine): ExpressionResult {
  return attempt(() => valueOf(bound, machine));
}

function valueOf(bound: Bound, machine: Machine): ExpressionValue {
  const { type, named } = bound;
  const inner = plain(type);
  const value = {
    ok: true,
    type,
    named,
    scalar: undefined,
    place: undefined,
    text: undefined,
    elements: undefined,
  } as const;
  if (bound.text) return { ...value, text: bound.text(machine) };
  if (bound.elements) return { ...value, elements: bound.elements(machine) };
  // Each function is called once: an assignment takes place when it is called.
  if (isScalar(inner) || !bound.place) {
    const scalar = bound.scalar(machine);
    return { ...value, scalar, place: bound.place?.(machine) };
  }
  const place = bound.place(machine);
  const isAddress = (inner.kind === 'array' || inner.kind === 'function') && place.kind === 'memory';
  return { ...value, place, scalar: isAddress ? place.address : undefined };
}

/** Runs what may throw an `ExpressionError`. */
export function attempt<T>(evaluation: () => T): T | ExpressionFailure {
  try {
    return evaluation();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { message, at: position } = error;
    return { ok: false, message, position, ...(error instanceof NoValueError && { shown: error.shown }) };
  }
}
