/**
 * What a register was when its function was entered (DW_OP_entry_value, DWARF 5 §2.5.1.7): the caller's call site says what it had
 * put there, as an expression over what the caller still knows.
 */
import type { FrameContext } from '../c-types';
import { calleeOf, callsIn, returnAddressOf } from './calls';
import { AT, TAG } from './constants';
import type { DebugData } from './debug-data';
import type { Die, DieReader } from './die';
import { inheritedName, originOf } from './origins';
import { registerName } from './register-names';
import type { Unit } from './units';

const DW_OP_reg0 = 0x50;

interface Unknown {
  readonly unknown: string;
}

/** Computes an expression of a unit in a frame of a function. */
export type CallerValue = (
  expression: Uint8Array,
  unit: Unit,
  caller: FrameContext,
  subprogram: Die,
) => bigint | undefined;

/** The value, or why nobody knows it any more. */
export function entryValue(
  expression: Uint8Array,
  context: FrameContext,
  data: DebugData,
  callerValue: CallerValue,
): bigint | Unknown {
  const register = (expression[0] ?? 0) - DW_OP_reg0;
  if (expression.length !== 1 || register < 0 || register > 31)
    return { unknown: 'it depends on what memory held when the function was entered' };
  const unknown = (why: string): Unknown => ({
    unknown: `it depends on ${registerName(register)} as the function was entered, and ${why}`,
  });
  const reader = data.types.reader();
  const callee = functionAt(context.pc, data, reader);
  if (callee === undefined) return unknown('the function has no debug information');
  // At its first instruction a function has changed nothing.
  if (entryOf(callee) === context.pc) return context.register(register) ?? unknown('that is not known');

  const caller = context.caller();
  const subprogram = caller && functionAt(caller.pc, data, reader);
  if (caller === undefined || subprogram === undefined) return unknown('the caller is not known');
  const call = callAt(caller.pc + 1n, subprogram, reader);
  if (call === undefined) return unknown('the caller does not say what it passed');
  const target = (block: Uint8Array) => callerValue(block, call.unit, caller, subprogram);
  if (!isCallOf(callee, call, context, target, reader))
    return unknown('the caller does not say that it called this function');
  for (const parameter of reader.children(call)) {
    if (parameter.tag !== TAG.call_site_parameter && parameter.tag !== TAG.GNU_call_site_parameter) continue;
    const location = blockOf(parameter, AT.location);
    if (location?.length !== 1 || location[0] !== expression[0]) continue;
    const passed = blockOf(parameter, AT.call_value) ?? blockOf(parameter, AT.GNU_call_site_value);
    const value = passed && callerValue(passed, call.unit, caller, subprogram);
    return value ?? unknown('what the caller passed is not known any more');
  }
  return unknown('the caller does not say what it passed');
}

function functionAt(pc: bigint, { functions }: DebugData, reader: DieReader): Die | undefined {
  const place = functions.at(pc);
  return place && reader.read(place);
}

function entryOf({ attributes }: Die): bigint | undefined {
  const low = attributes.get(AT.low_pc);
  return low?.kind === 'address' ? low.value : undefined;
}

function callAt(returnAddress: bigint, subprogram: Die, reader: DieReader): Die | undefined {
  for (const call of callsIn(subprogram, reader)) {
    if (returnAddressOf(call) === returnAddress) return call;
  }
  return undefined;
}

/** A function that jumped on to this one would have left other parameters than the call had. */
function isCallOf(
  callee: Die,
  call: Die,
  { runAddress }: FrameContext,
  callerValue: (expression: Uint8Array) => bigint | undefined,
  reader: DieReader,
): boolean {
  const named = calleeOf(call, reader);
  if (named !== undefined) {
    const origin = originOf(callee, reader);
    if (isSame(named, callee) || (origin !== undefined && isSame(named, origin))) return true;
    const name = inheritedName(callee, reader);
    return name !== undefined && inheritedName(named, reader) === name;
  }
  const target = blockOf(call, AT.call_target) ?? blockOf(call, AT.GNU_call_site_target);
  const entry = entryOf(callee);
  return target !== undefined && entry !== undefined && callerValue(target) === runAddress(entry);
}

const isSame = (a: Die, b: Die) => a.unit === b.unit && a.offset === b.offset;

function blockOf({ attributes }: Die, attribute: number): Uint8Array | undefined {
  const value = attributes.get(attribute);
  return value?.kind === 'block' ? value.value : undefined;
}
