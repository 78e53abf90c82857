/** Expressions over a hart: its registers, CSRs and memory, the program's symbols. */
import {
  evaluateExpression,
  type ExpressionEnvironment,
  type ExpressionResult,
} from '../symbols/expression/evaluate';
import { parseExpression } from '../symbols/expression/parser';
import { ExpressionError } from '../symbols/expression/tokens';
import type { TargetHart } from '../target/target';
import type { Debuggee } from './api';
import { memoryOf } from './harts';
import { csrNamed, registerIndex } from './registers';

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
