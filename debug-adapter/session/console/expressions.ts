/** Expressions in a frame: its registers, the hart's CSRs and memory, the program's symbols. */
import type { Debuggee } from '../../debugger/api';
import { memoryOf } from '../../debugger/harts';
import {
  evaluateExpression,
  type ExpressionEnvironment,
  type ExpressionResult,
} from '../../symbols/expression/evaluate';
import { parseExpression } from '../../symbols/expression/parser';
import { ExpressionError } from '../../symbols/expression/tokens';
import type { CsrDescription, Target, TargetHart } from '../../target/target';
import { hex } from '../../unwind/hex';
import { badExpression } from '../errors';
import { pcOf, registerIn, registerIndex } from '../variables/frame-registers';
import type { SelectedFrame } from '../state';
import { describeWord } from '../variables/words';

export type ExpressionValue = Extract<ExpressionResult, { ok: true }>;

/** In a frame that the client selected. */
export function evaluateIn(text: string, frame: SelectedFrame, debuggee: Debuggee): ExpressionResult {
  return evaluateExpression(
    text,
    environment(frame.hart, debuggee, {
      pc: pcOf(frame),
      register: (index) => registerIn(frame, index),
    }),
  );
}

/** On a hart as it is, without a walk of its stack: for conditions, which are evaluated very often. */
export function evaluateOn(text: string, hart: TargetHart, debuggee: Debuggee): ExpressionResult {
  return evaluateExpression(
    text,
    environment(hart, debuggee, { pc: hart.pc, register: (index) => hart.getX(index) }),
  );
}

/** The value of what the user typed to be written somewhere. */
export function evaluateOrThrow(text: string, frame: SelectedFrame, debuggee: Debuggee): bigint {
  const result = evaluateIn(text, frame, debuggee);
  if (!result.ok) throw badExpression(result.message);
  return result.bits;
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

/** `0xffffffff80001234 <schedule+0x12>` for addresses, `-1 (0xffffffffffffffff)` for signed values, `0x41` for the rest. */
export function describeValue(
  { bits, value, type }: ExpressionValue,
  hart: TargetHart,
  debuggee: Debuggee,
): string {
  if (type.signed) return `${value} (${hex(bits)})`;
  return type.size === 8 ? describeWord(bits, hart, debuggee) : hex(bits);
}

/** The CSR that a name means on this hart. */
export function csrNamed(name: string, hart: TargetHart, target: Target): CsrDescription | undefined {
  return target.csrs.find((csr) => csr.name === name && hart.getCsr(csr.address) !== undefined);
}

/** The integer registers in force: a frame's, or those of a hart. */
interface Registers {
  readonly pc: bigint;
  readonly register: (index: number) => bigint | undefined;
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
