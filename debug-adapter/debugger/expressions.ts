/** Expressions over the program under debug: C's, with registers, CSRs, symbols and helpers. */
import type { FrameContext } from '../symbols/c-types';
import {
  attempt,
  bindExpression,
  evaluate as evaluateBound,
  type BindResult,
  type ExpressionFailure,
  type ExpressionResult,
  type ExpressionValue,
} from '../symbols/expression/evaluate';
import { truth } from '../symbols/expression/arithmetic';
import { parseExpression } from '../symbols/expression/parser';
import type { Helper } from '../symbols/expression/names';
import type { Node } from '../symbols/expression/syntax';
import { ExpressionError } from '../symbols/expression/tokens';
import type { TargetHart } from '../target/target';
import type { Debuggee } from './api';
import { FrameMachine, hartStandpoint, writerOf, type Standpoint } from './expression/frame-machine';
import { createHelpers } from './expression/helpers';
import { ProgramNames } from './expression/program-names';
import { symbolOf } from './symbolic';
import { valueText, type TextOptions } from './values/text';

export type Compilation = CompiledExpression | NoExpression;

/** An expression that is read once to be evaluated often. */
export interface CompiledExpression {
  readonly ok: true;
  /**
   * Never throws and writes nothing.
   * @param frame whose variables and registers are meant; the hart's innermost one, without a walk of its stack, if not given
   */
  evaluate(hart: TargetHart, frame?: FrameContext): Evaluation;
}

export interface NoExpression {
  readonly ok: false;
  /** A sentence that says what is wrong with the text. */
  readonly message: string;
  /** 0-based position in the text. */
  readonly position: number;
}

export type Evaluation =
  | {
      readonly ok: true;
      /** As in `if`: what is not zero. */
      readonly isTrue: boolean;
      /** 64 of them, sign-extended if the value is signed; `undefined` for what is no number or address. */
      readonly bits: bigint | undefined;
      /** The value as a person reads it, for as long as the machine stands where it was evaluated. */
      readonly text: () => string;
    }
  /** A sentence that says why there is no value. */
  | { readonly ok: false; readonly message: string };

/** A condition is evaluated at few places: those of its breakpoint. */
const mostPlaces = 64;

/**
 * Reads an expression. What its names mean is looked up when it is evaluated, as that depends on the place; what has been found for a
 * place is kept.
 */
export function compile(text: string, debuggee: Debuggee): Compilation {
  const parsed = parse(text, debuggee, false);
  if (!parsed.ok) return parsed;
  const places = new Map<bigint, BindResult>();
  const bindAt = (standpoint: Standpoint): BindResult => {
    const { pc } = standpoint.frame;
    let found = places.get(pc);
    if (!found) {
      if (places.size === mostPlaces) places.clear();
      places.set(pc, (found = bindExpression(parsed.node, namesAt(standpoint, debuggee))));
    }
    return found;
  };
  return {
    ok: true,
    evaluate(hart, frame) {
      const live = hartStandpoint(hart, debuggee);
      const standpoint = frame ? { ...live, frame, pc: frame.runAddress(frame.pc), live: false } : live;
      const bound = bindAt(standpoint);
      if (!bound.ok) return bound;
      const machine = new FrameMachine(standpoint);
      const value = evaluateBound(bound.bound, machine);
      if (!value.ok) return value;
      return {
        ok: true,
        isTrue: isTrue(value),
        bits: typeof value.scalar === 'bigint' ? BigInt.asUintN(64, value.scalar) : undefined,
        text: () => valueText(value, textOptions(standpoint, debuggee, machine)),
      };
    },
  };
}

/** A text is true, and so is what is somewhere, as in C. */
function isTrue({ scalar }: ExpressionValue): boolean {
  return scalar === undefined || truth(scalar);
}

/** Evaluates an expression once. Never throws. Assignments change the machine where they are allowed. */
export function evaluateAt(
  text: string,
  standpoint: Standpoint,
  debuggee: Debuggee,
  options: { readonly assignments?: boolean } = {},
): ExpressionResult {
  const parsed = parse(text, debuggee, options.assignments === true);
  if (!parsed.ok) return parsed;
  const bound = bindExpression(parsed.node, namesAt(standpoint, debuggee));
  if (!bound.ok) return bound;
  const writer = options.assignments === true ? writerOf(standpoint) : undefined;
  return evaluateBound(bound.bound, new FrameMachine(standpoint, writer));
}

/** On a hart as it is, without a walk of its stack. */
export function evaluateOn(text: string, hart: TargetHart, debuggee: Debuggee): ExpressionResult {
  return evaluateAt(text, hartStandpoint(hart, debuggee), debuggee);
}

/** The meaning of names where an expression is evaluated. */
export function namesAt({ frame, inlined }: Standpoint, debuggee: Debuggee): ProgramNames {
  return new ProgramNames(debuggee, frame.pc, inlined ?? 0, helpersOf(debuggee));
}

const helpers = new WeakMap<Debuggee, ReadonlyMap<string, Helper>>();

function helpersOf(debuggee: Debuggee): ReadonlyMap<string, Helper> {
  let found = helpers.get(debuggee);
  if (!found) helpers.set(debuggee, (found = createHelpers(debuggee)));
  return found;
}

function parse(
  text: string,
  debuggee: Debuggee,
  assignments: boolean,
): { readonly ok: true; readonly node: Node } | ExpressionFailure {
  const isType = (name: string) => isTypeName(name, debuggee);
  return attempt(() => ({ ok: true as const, node: parseExpression(text, { isType, assignments }) }));
}

/** Names of values are asked first: that is quicker than to find that debug information has no such type. */
export function isTypeName(name: string, { program, target }: Debuggee): boolean {
  if (name.startsWith('$') || program.symbols.named(name).length > 0) return false;
  if (target.csrs.some((csr) => csr.name === name)) return false;
  return program.debug?.type(name) !== undefined;
}

/** What is wrong with the form of an expression; `undefined` if nothing is. Names may still turn out to be unknown. */
export function syntaxError(text: string): string | undefined {
  try {
    parseExpression(text);
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
}

/**
 * Whether the condition of a stop is true. One that cannot be evaluated holds, better one stop too many than none, and
 * `complain` is told why.
 */
export function holds(
  condition: string,
  hart: TargetHart,
  debuggee: Debuggee,
  complain: (sentence: string) => void,
): boolean {
  const result = evaluateOn(condition, hart, debuggee);
  if (result.ok) return isTrue(result);
  complain(`The condition '${condition}' could not be evaluated, so the machine stopped: ${result.message}`);
  return true;
}

/** How values are read and shown there. */
export function textOptions(
  standpoint: Standpoint,
  debuggee: Debuggee,
  machine = new FrameMachine(standpoint),
): TextOptions {
  return { machine, symbol: (address) => symbolOf(address, standpoint.hart, debuggee) };
}

/** A value in one line. */
export function describeValue(value: ExpressionValue, hart: TargetHart, debuggee: Debuggee): string {
  return valueText(value, textOptions(hartStandpoint(hart, debuggee), debuggee));
}
