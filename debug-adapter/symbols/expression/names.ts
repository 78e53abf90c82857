/** What an expression needs of the program and the machine: where its names come from, and what a place is read from. */
import type { CType, CVariable, FrameContext } from '../c-types';
import type { Bound } from './bound';
import type { Argument } from './syntax';

/** Where an expression is evaluated. */
export interface Machine {
  readonly frame: FrameContext;
  /** As the hart or a frame record holds it: a running address, that of the next instruction. */
  readonly pc: bigint;
  /** Index of the hart whose CSRs and address space are meant. */
  readonly hart: number;
  /** `undefined` where an expression may change nothing. */
  readonly writer: Writer | undefined;
}

/** Both give a reason, a clause, if nothing was written. */
export interface Writer {
  /** x1 to x31. */
  register(index: number, value: bigint): string | undefined;
  memory(address: bigint, bytes: Uint8Array): string | undefined;
}

/** A register or CSR of 64 bits that an expression names. */
export interface NamedRegister {
  readonly name: string;
  /** `undefined` if it is not known in this frame. */
  read(machine: Machine): bigint | undefined;
  /** A reason, a clause, if it was not written. */
  write(machine: Machine, value: bigint): string | undefined;
}

/**
 * The meaning of names at one place of the program. All are asked when an expression is bound, not when it is evaluated. A plain
 * name is a variable, a register, a function or other symbol, an enumerator: the first of these that has it. With `$` it is a
 * helper, else a register.
 */
export interface Names {
  /** `struct page`, `pid_t`: what is no basic type. */
  type(name: string): CType | undefined;
  /** In scope there: locals from the innermost block on, then statics of the file and globals. */
  variable(name: string): CVariable | undefined;
  enumerator(name: string): { readonly value: bigint; readonly type: CType } | undefined;
  register(name: string): NamedRegister | undefined;
  /** Of a function, object or label; `type` if debug information has it. */
  symbol(name: string): { readonly address: (machine: Machine) => bigint; readonly type?: CType } | undefined;
  /** `$task`, `$list(…)`. */
  helper(name: string): Helper | undefined;
}

/**
 * A value or function that expressions have beside C's.
 * @throws ExpressionError for arguments that it cannot do with.
 */
export type Helper = (call: Call) => Bound;

/** A use of a helper. */
export interface Call {
  readonly at: number;
  /** `undefined` for a name without parentheses. */
  readonly arguments: readonly Argument[] | undefined;
  readonly names: Names;
  /** The value of an argument; throws an `ExpressionError` if it is missing or none. */
  value(index: number): Bound;
  /** The type that an argument names. */
  type(index: number): CType;
  /** The members that an argument names: `thread.s`. */
  members(index: number): readonly string[];
}
