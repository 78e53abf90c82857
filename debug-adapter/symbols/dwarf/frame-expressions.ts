/** What the expressions of variables are computed from: a frame, and what debug information says of its function. */
import type { FrameContext } from '../c-types';
import { AT, ATE, TAG } from './constants';
import type { DebugData } from './debug-data';
import { constantOf, type Die } from './die';
import { entryValue, type CallerValue } from './entry-values';
import { indexedAddress } from './forms';
import { locationOf } from './location-description';
import type { ExpressionContext, VariableOperations } from './expression-context';
import { evaluateExpression } from './location-expression';
import { expressionAt } from './location-lists';
import type { ValueType } from './typed-values';
import type { Unit } from './units';

/** Values at entry may depend on those of callers, and so on. */
const MOST_ENTRY_VALUES = 256;

interface Budget {
  entryValues: number;
}

/** What the expressions of a unit are computed from in a frame. */
export function expressionContext(
  unit: Unit,
  context: FrameContext,
  data: DebugData,
  inside: Die | undefined,
  budget: Budget = { entryValues: MOST_ENTRY_VALUES },
): ExpressionContext {
  const callerValue: CallerValue = (block, owner, caller, function_) =>
    evaluateExpression(block, [], expressionContext(owner, caller, data, function_, budget));
  const variable: VariableOperations = {
    offsetSize: unit.offsetSize,
    frameBase: () => inside && frameBase(inside, context, data),
    cfa: context.cfa,
    runAddress: context.runAddress,
    indexedAddress: (index) => indexedAddress(data.sections, unit, index),
    entryValue: (expression) =>
      budget.entryValues-- > 0
        ? entryValue(expression, context, data, callerValue)
        : { unknown: 'its value at entry takes too long to find' },
    baseType: (offset) => baseType(unit, offset, data),
  };
  return { registers: { get: context.register }, memory: context.memory, variable };
}

/** DW_AT_frame_base: a register that holds it, or an expression that computes it (DWARF 5 §3.3.5). */
function frameBase(subprogram: Die, context: FrameContext, data: DebugData): bigint | undefined {
  const { unit, attributes } = subprogram;
  const expression = expressionAt(data.sections, unit, attributes.get(AT.frame_base), context.pc);
  if (expression === undefined) return undefined;
  // Without a function there is no frame base, so that one cannot be its own.
  const location = locationOf(expression, expressionContext(unit, context, data, undefined));
  const piece = location.kind === 'pieces' ? location.pieces[0] : undefined;
  if (piece?.kind === 'memory') return piece.address;
  return piece?.kind === 'register' ? context.register(piece.register) : undefined;
}

function baseType(unit: Unit, offset: number, { types }: DebugData): ValueType | undefined {
  const die = types.reader().read({ unit, offset: unit.offset + offset });
  const size = Number((die && constantOf(die, AT.byte_size)) ?? 0n);
  if (die?.tag !== TAG.base_type || !(size >= 1 && size <= 8)) return undefined;
  const encoding = Number(constantOf(die, AT.encoding) ?? 0n);
  if (encoding === ATE.float) return size === 4 || size === 8 ? { kind: 'float', size } : undefined;
  const isSigned = encoding === ATE.signed || encoding === ATE.signed_char;
  return { kind: isSigned ? 'signed' : 'unsigned', size };
}
