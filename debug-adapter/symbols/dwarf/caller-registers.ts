/** One step from a function to its caller by call frame information (DWARF 5 §6.4.4). */
import type { CallFrameRow, CfaRule, RegisterRule } from '../api';
import type { ExpressionContext, RegisterValues } from './expression-context';
import { evaluateExpression } from './location-expression';

/** What the caller's registers are, or why that cannot be said. */
type CallerRegisters =
  | {
      readonly kind: 'caller';
      /** The caller's sp. */
      readonly cfa: bigint;
      readonly pc: bigint;
      /** Where pc was saved; `undefined` if it is in a register still. */
      readonly pcAt: bigint | undefined;
      /** Of x1 to x31 those that are certain. */
      readonly registers: RegisterValues;
    }
  /** `outermost`: the information says that nothing called this function. */
  | { readonly kind: 'outermost' | 'failed'; readonly reason: string };

/** What a call preserves, of those without a rule: gp and tp, which never change, and s0 to s11 (RISC-V psABI). */
const PRESERVED = [3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27] as const;
const RA = 1;
const SP = 2;
const LAST = 31;

/** By number. Not a `Map`: it is made for each frame of each stack. */
class CallerValues implements RegisterValues {
  private readonly values: readonly (bigint | undefined)[];

  constructor(values: readonly (bigint | undefined)[]) {
    this.values = values;
  }

  get(register: number): bigint | undefined {
    return this.values[register];
  }
}

interface Value {
  readonly value: bigint;
  /** Where it was saved, if it was. */
  readonly at: bigint | undefined;
}

/**
 * The caller of the code that `row` is about. Never throws.
 * @param registers x1 to x31 as far as they are known there
 * @param memory all of the range or nothing
 */
export function callerRegisters(
  row: CallFrameRow,
  registers: RegisterValues,
  memory: ExpressionContext['memory'],
): CallerRegisters {
  const context = { registers, memory };
  const cfa = cfaOf(row.cfa, context);
  if (cfa === undefined)
    return failed(
      row.cfa.kind === 'register'
        ? `the CFA is relative to register ${row.cfa.register}, which is not known here`
        : 'the expression for the CFA cannot be evaluated',
    );
  const link = row.rules.get(row.returnAddressRegister);
  if (link?.kind === 'undefined')
    return { kind: 'outermost', reason: 'call frame information says that nothing called this function' };
  const pc = valueOf(link, row.returnAddressRegister, cfa, context);
  if (pc === undefined)
    return failed(
      link?.kind === 'offset'
        ? `the return address saved at 0x${BigInt.asUintN(64, cfa + link.offset).toString(16)} cannot be read`
        : 'the return address is in a register that is not known here',
    );
  const callers: (bigint | undefined)[] = [];
  for (const register of PRESERVED) callers[register] = valueOf(undefined, register, cfa, context)?.value;
  for (const [register, rule] of row.rules) {
    // The rule for ra finds the return address, which the caller's ra need not be.
    if (register <= RA || register > LAST) continue;
    callers[register] = valueOf(rule, register, cfa, context)?.value;
  }
  callers[SP] ??= cfa;
  return {
    kind: 'caller',
    cfa,
    pc: pc.value,
    pcAt: pc.at,
    registers: new CallerValues(callers),
  };
}

function failed(reason: string): CallerRegisters {
  return { kind: 'failed', reason };
}

/** The canonical frame address; `undefined` if what it is computed from is not known. */
export function cfaOf(rule: CfaRule, context: ExpressionContext): bigint | undefined {
  if (rule.kind === 'expression') return evaluateExpression(rule.expression, [], context);
  const base = registerOf(rule.register, context);
  return base === undefined ? undefined : BigInt.asUintN(64, base + rule.offset);
}

/** A register's value in the caller. Without a rule it is what it is. */
function valueOf(
  rule: RegisterRule | undefined,
  register: number,
  cfa: bigint,
  context: ExpressionContext,
): Value | undefined {
  switch (rule?.kind) {
    case undefined:
    case 'same':
      return unsaved(registerOf(register, context));
    case 'undefined':
      return undefined;
    case 'register':
      return unsaved(registerOf(rule.register, context));
    case 'value offset':
      return unsaved(BigInt.asUintN(64, cfa + rule.offset));
    case 'value expression':
      return unsaved(evaluateExpression(rule.expression, [cfa], context));
    case 'offset':
      return saved(BigInt.asUintN(64, cfa + rule.offset), context);
    case 'expression':
      return saved(evaluateExpression(rule.expression, [cfa], context), context);
  }
}

function registerOf(register: number, { registers }: ExpressionContext): bigint | undefined {
  return register === 0 ? 0n : registers.get(register);
}

function unsaved(value: bigint | undefined): Value | undefined {
  return value === undefined ? undefined : { value, at: undefined };
}

function saved(at: bigint | undefined, { memory }: ExpressionContext): Value | undefined {
  const bytes = at === undefined ? undefined : memory(at, 8);
  return bytes && { value: new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true), at };
}
