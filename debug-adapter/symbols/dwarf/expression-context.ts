/** What a DWARF expression is evaluated in. */
import type { ValueType } from './typed-values';

/** x1 to x31 by number, where known. */
export interface RegisterValues {
  get(register: number): bigint | undefined;
}

export interface ExpressionContext {
  readonly registers: RegisterValues;
  /** All of the range or nothing. */
  readonly memory: (address: bigint, length: number) => Uint8Array | undefined;
  /** What expressions of variables may use besides; `undefined` for those of call frame information. */
  readonly variable?: VariableOperations;
}

/** Each gives `undefined` for what is not known; `entryValue` then says why. */
export interface VariableOperations {
  /** Bytes of an offset in the unit's format. */
  readonly offsetSize: number;
  /** What DW_OP_fbreg counts from. */
  frameBase(): bigint | undefined;
  cfa(): bigint | undefined;
  /** Address at which the program has what it was linked to have at another one. */
  runAddress(linked: bigint): bigint;
  /** An entry of the unit's part of `.debug_addr`. */
  indexedAddress(index: number): bigint | undefined;
  /** What an expression was when the function was entered. */
  entryValue(expression: Uint8Array): bigint | { readonly unknown: string };
  /** A base type by its position in the unit. */
  baseType(offset: number): ValueType | undefined;
}
