/** Expressions over the program under debug: C's, with registers, CSRs, symbols and helpers. */
import type { CType, CVariable, FrameContext } from '../symbols/c-types';
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
import { assignment } from '../symbols/expression/assignment';
import { bind } from '../symbols/expression/bind';
import { lvalue } from '../symbols/expression/load';
import { parseUpToComma } from '../symbols/expression/parse';
import { placeOf } from '../symbols/expression/place';
import type { Node } from '../symbols/expression/syntax';
import { ExpressionError } from '../symbols/expression/tokens';
import type { TargetHart } from '../target/target';
import type { Debuggee } from './api';
import { FrameMachine, hartStandpoint, writerOf, type Standpoint } from './expression/frame-machine';
import { namesAt } from './expression/names-at';
import { parseText, type ParsedText } from './expression/parse-text';
import { symbolOf } from './symbolic';
import { withCount } from './values/format';
import { valueText, type TextOptions } from './values/text';

type Compilation = CompiledExpression | NoExpression;

/** An expression that is read once to be evaluated often. */
export interface CompiledExpression {
  readonly ok: true;
  /**
   * Never throws and writes nothing.
   * @param frame whose variables and registers are meant; the hart's innermost one, without a walk of its stack, if not given
   */
  evaluate(hart: TargetHart, frame?: FrameContext): Evaluation;
}

interface NoExpression {
  readonly ok: false;
  /** A sentence that says what is wrong with the text. */
  readonly message: string;
  /** 0-based position in the text. */
  readonly position: number;
}

type Evaluation =
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
  const parsed = parseText(text, debuggee, false);
  if (!parsed.ok) return parsed;
  const places = new Map<bigint, BindResult>();
  const bindAt = (standpoint: Standpoint): BindResult => {
    const { pc } = standpoint;
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
      const { format } = parsed;
      return {
        ok: true,
        isTrue: isTrue(value),
        bits: typeof value.scalar === 'bigint' ? BigInt.asUintN(64, value.scalar) : undefined,
        text: () =>
          valueText(withCount(value, format), {
            ...textOptions(standpoint, debuggee, machine),
            format: format.number,
          }),
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
  return evaluateShown(text, standpoint, debuggee, options).result;
}

function evaluateNode(
  node: Node,
  standpoint: Standpoint,
  debuggee: Debuggee,
  options: { readonly assignments?: boolean },
): ExpressionResult {
  const bound = bindExpression(node, namesAt(standpoint, debuggee));
  if (!bound.ok) return bound;
  const writer = options.assignments === true ? writerOf(standpoint) : undefined;
  return evaluateBound(bound.bound, new FrameMachine(standpoint, writer));
}

/** A value, and how it is written. */
interface ShownResult extends Omit<ParsedText, 'ok' | 'node'> {
  readonly result: ExpressionResult;
}

/** As {@link evaluateAt}, of what may end in a format: `flags,x`. */
export function evaluateShown(
  text: string,
  standpoint: Standpoint,
  debuggee: Debuggee,
  options: { readonly assignments?: boolean } = {},
): ShownResult {
  const parsed = parseText(text, debuggee, options.assignments === true);
  if (!parsed.ok) return { result: parsed, format: {}, expression: text, assigns: false };
  const { node, format, expression, assigns } = parsed;
  const result = evaluateNode(node, standpoint, debuggee, options);
  return { result: result.ok ? withCount(result, format) : result, format, expression, assigns };
}

/** The type of an expression, which need not have a value here. Never throws. */
export function typeAt(
  text: string,
  standpoint: Standpoint,
  debuggee: Debuggee,
): { readonly ok: true; readonly type: CType } | ExpressionFailure {
  const parsed = parseText(text, debuggee, false);
  if (!parsed.ok) return parsed;
  const bound = bindExpression(parsed.node, namesAt(standpoint, debuggee));
  return bound.ok ? { ok: true, type: bound.bound.type } : bound;
}

/** The value of a variable, or why there is none. */
export function variableValue(variable: CVariable, machine: FrameMachine): ExpressionResult {
  return attempt(() =>
    evaluateBound(
      lvalue(0, variable.type, () => placeOf(variable.locate(machine.frame), variable.name, 0)),
      machine,
    ),
  );
}

/** Writes the value of an expression to where another value is; gives what is there then. Never throws. */
export function assignAt(
  target: ExpressionValue,
  text: string,
  standpoint: Standpoint,
  debuggee: Debuggee,
): ExpressionResult {
  const { place, type } = target;
  const parsed = parseText(text, debuggee, false);
  if (!parsed.ok) return parsed;
  return attempt(() => {
    const value = bind(parsed.node, namesAt(standpoint, debuggee));
    const where = place && lvalue(0, type, () => place, place.bits?.width);
    if (!where)
      return {
        ok: false as const,
        message: 'It is a value and no place that could be changed.',
        position: 0,
      };
    const machine = new FrameMachine(standpoint, writerOf(standpoint));
    const result = evaluateBound(assignment(where, value, 0), machine);
    return result.ok ? evaluateBound(where, machine) : result;
  });
}

/** On a hart as it is, without a walk of its stack. */
function evaluateOn(text: string, hart: TargetHart, debuggee: Debuggee): ExpressionResult {
  return evaluateAt(text, hartStandpoint(hart, debuggee), debuggee);
}

/** What is wrong with the form of an expression; `undefined` if nothing is. Names may still turn out to be unknown. */
export function syntaxError(text: string): string | undefined {
  try {
    const { comma } = parseUpToComma(text);
    return comma === undefined ? undefined : '"," is not expected here: an operator is missing.';
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
