/** A variable as the variables view shows it, before it has an id. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { ValueBytes } from '../../debugger/watch-target';

/** What has variables in it: a scope, a CSR, a pt_regs. Lives as long as the stop at which it was made. */
export interface VariableContainer {
  list(): readonly Variable[];
  /** One of those that are listed, where there may be too many to list them all. */
  find?(name: string): Variable | undefined;
  /** The definition of a type may be in any unit: all names are to be read before it is listed. */
  readonly needsNames?: true;
  /** Of an array: its elements, which are listed a page at a time. */
  readonly elements?: Elements;
  /** Changes a variable; throws a `RequestError` if it cannot. */
  assign(name: string, text: string): Variable;
}

export interface Elements {
  readonly count: number;
  readonly page: (start: number, count: number) => readonly Variable[];
}

/** Bytes of memory, or a sentence that says why there are none. */
export type VariablePlace =
  ({ readonly kind: 'memory' } & ValueBytes) | { readonly kind: 'none'; readonly message: string };

export interface Variable {
  readonly name: string;
  readonly value: string;
  /** What it is, for the hover. */
  readonly type?: string;
  readonly children?: VariableContainer;
  /** An expression for watches and "Copy as Expression". */
  readonly evaluateName?: string;
  /** Address to open the memory view at. */
  readonly memoryReference?: string;
  /** Where its value is, for data breakpoints. Default: eight bytes at `memoryReference`, as of registers, which point to them. */
  readonly place?: VariablePlace;
  readonly readOnly?: boolean;
  /** The user may choose how it is written. */
  readonly isRegister?: boolean;
}

/** By this VS Code knows that the commands for registers belong into its context menu. */
const registerMenu = { __vscodeVariableMenuContext: 'register' };

/** @param refer gives what has variables in it its reference */
export function toDap(variable: Variable, refer: (children: VariableContainer) => number): Dap.Variable {
  const { name, value, type, children, evaluateName, memoryReference, readOnly, isRegister } = variable;
  return {
    name,
    value,
    variablesReference: children ? refer(children) : 0,
    ...(children?.elements && { indexedVariables: children.elements.count }),
    ...(type !== undefined && { type }),
    ...(evaluateName !== undefined && { evaluateName }),
    ...(memoryReference !== undefined && { memoryReference }),
    ...(isRegister === true && registerMenu),
    ...(readOnly === true && { presentationHint: { attributes: ['readOnly'] } }),
  };
}
