/** Evaluates DWARF expressions (DWARF 5 §2.5), as call frame information and variables use them: over registers and memory, and bounded. */
import { ByteReader } from '../bytes/byte-reader';
import type { ExpressionContext } from './expression-context';
import { StackMachine } from './stack-machine';

/** Expressions may loop; those of compilers have about ten operations. */
export const MOST_OPERATIONS = 1000;

/**
 * The value on top of the stack in the end, as an unsigned 64-bit number. `undefined` if that needs an unknown register,
 * memory that cannot be read or an operation that call frame information may not use, or if it takes too long.
 * @param initial what is on the stack to begin with: the CFA for the rules of registers
 */
export function evaluateExpression(
  expression: Uint8Array,
  initial: readonly bigint[],
  context: ExpressionContext,
): bigint | undefined {
  const reader = new ByteReader(expression);
  const machine = new StackMachine(initial, context);
  for (let left = MOST_OPERATIONS; reader.more(); left--) {
    if (left === 0 || !machine.execute(reader.u8(), reader)) return undefined;
  }
  return reader.failed() ? undefined : machine.top?.bits;
}
