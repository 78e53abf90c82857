/** Expressions over a hart: its registers, CSRs and memory, the program's symbols. */
import {
  evaluateExpression,
  evaluateParsed,
  type ExpressionEnvironment,
  type ExpressionResult,
} from '../symbols/expression/evaluate';
import type { FrameContext } from '../symbols/c-types';
import { parseExpression, type Node } from '../symbols/expression/parser';
import { ExpressionError } from '../symbols/expression/tokens';
import type { TargetHart } from '../target/target';
import { hex } from '../unwind/hex';
import type { Debuggee } from './api';
import { memoryOf } from './harts';
import { csrNamed, registerIndex } from './registers';
import { describeWord } from './symbolic';
import { valueOfTrap } from './trap-values';

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

/**
 * Reads an expression. What its names mean is looked up when it is evaluated, as that depends on the place; what has been found for a
 * place is kept.
 */
export function compile(text: string, debuggee: Debuggee): Compilation {
  let node: Node;
  try {
    node = parseExpression(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { ok: false, message: error.message, position: error.at };
  }
  return {
    ok: true,
    evaluate(hart, frame = hartFrame(hart, debuggee)) {
      const result = evaluateParsed(node, environment(hart, debuggee, frame));
      if (!result.ok) return { ok: false, message: result.message };
      const { bits } = result;
      return { ok: true, isTrue: bits !== 0n, bits, text: () => describeValue(result, hart, debuggee) };
    },
  };
}

function hartFrame(hart: TargetHart, { kernel }: Debuggee): FrameContext {
  return {
    pc: kernel.linkAddress(hart.pc, hart.bare).address,
    register: (index) => hart.getX(index),
    memory: memoryOf(hart),
    cfa: () => undefined,
    caller: () => undefined,
    runAddress: (linked) => kernel.runAddresses(linked).at(hart.bare ? -1 : 0) ?? linked,
  };
}

/** The integer registers in force: a frame's, or those of a hart. */
export interface Registers {
  readonly pc: bigint;
  /** x0 to x31; `undefined` for what is not known. */
  readonly register: (index: number) => bigint | undefined;
}

/** On a hart as it is, without a walk of its stack, unless other registers are given. */
export function evaluateOn(
  text: string,
  hart: TargetHart,
  debuggee: Debuggee,
  registers: Registers = { pc: hart.pc, register: (index) => hart.getX(index) },
): ExpressionResult {
  return evaluateExpression(text, environment(hart, debuggee, registers));
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
  if (result.ok) return result.bits !== 0n;
  complain(`The condition '${condition}' could not be evaluated, so the machine stopped: ${result.message}`);
  return true;
}

function environment(hart: TargetHart, debuggee: Debuggee, registers: Registers): ExpressionEnvironment {
  const { program, kernel, target } = debuggee;
  return {
    register(name) {
      if (name === 'pc') return registers.pc;
      const index = registerIndex(name, (i) => target.registerName(i));
      if (index !== undefined) return registers.register(index);
      const trapValue = valueOfTrap(name, hart);
      if (trapValue !== undefined) return trapValue;
      const csr = csrNamed(name, hart, target);
      return csr && hart.getCsr(csr.address);
    },
    symbol(name) {
      const [symbol] = program.symbols.named(name);
      if (!symbol) return undefined;
      // As this hart would have to use it: before the MMU is on, memory is at its physical address.
      const addresses = kernel.runAddresses(symbol.address);
      return hart.bare ? addresses.at(-1) : addresses[0];
    },
    readMemory: memoryOf(hart),
  };
}

/** `0xffffffff80001234 <schedule+0x12>` for addresses, `-1 (0xffffffffffffffff)` for signed values, `0x41` for the rest. */
export function describeValue(
  { bits, value, type }: Extract<ExpressionResult, { ok: true }>,
  hart: TargetHart,
  debuggee: Debuggee,
): string {
  if (type.signed) return `${value} (${hex(bits)})`;
  return type.size === 8 ? describeWord(bits, hart, debuggee) : hex(bits);
}
