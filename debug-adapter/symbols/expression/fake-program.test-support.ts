/** Names and a machine for tests of expressions, without a program. */
import type { CType, CVariable, FrameContext } from '../c-types';
import { attempt, bindExpression, evaluate, type ExpressionResult } from './evaluate';
import type { Helper, Machine, Names, NamedRegister, Writer } from './names';
import { parseExpression } from './parse';

interface FakeProgram {
  /** By name: `struct point`. */
  readonly types?: Readonly<Record<string, CType>>;
  /** In memory, by address; or with a location of their own. */
  readonly variables?: Readonly<
    Record<string, { readonly type: CType; readonly at: bigint | CVariable['locate'] }>
  >;
  readonly registers?: Readonly<Record<string, bigint | undefined>>;
  readonly symbols?: Readonly<Record<string, bigint>>;
  readonly enumerators?: Readonly<Record<string, { readonly value: bigint; readonly type: CType }>>;
  readonly helpers?: Readonly<Record<string, Helper>>;
}

const own = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record && Object.hasOwn(record, name) ? record[name] : undefined;

export function fakeNames(program: FakeProgram): Names {
  return {
    type: (name) => own(program.types, name),
    variable(name) {
      const variable = own(program.variables, name);
      if (!variable) return undefined;
      const { type, at } = variable;
      const locate: CVariable['locate'] =
        typeof at === 'bigint'
          ? () => ({ kind: 'pieces', pieces: [{ kind: 'memory', address: at, width: undefined }] })
          : at;
      return { name, kind: 'local', type, declaration: undefined, locate };
    },
    enumerator: (name) => own(program.enumerators, name),
    register(name): NamedRegister | undefined {
      if (!program.registers || !Object.hasOwn(program.registers, name)) return undefined;
      return { name, read: () => program.registers?.[name], write: () => 'it is read-only' };
    },
    symbol(name) {
      const address = own(program.symbols, name);
      return address === undefined ? undefined : { address: () => address };
    },
    helper: (name) => own(program.helpers, name),
  };
}

/** Memory from `base` on that is these bytes, and registers that are all unknown but these. */
export function fakeMachine(
  base: bigint,
  bytes: Uint8Array,
  registers: Readonly<Record<number, bigint>> = {},
): Machine & { readonly written: Map<number, bigint> } {
  const written = new Map<number, bigint>();
  const frame: FrameContext = {
    pc: 0n,
    register: (index) => written.get(index) ?? registers[index],
    memory(address, length) {
      const start = address - base;
      return start >= 0n && start + BigInt(length) <= BigInt(bytes.length)
        ? bytes.slice(Number(start), Number(start) + length)
        : undefined;
    },
    cfa: () => undefined,
    caller: () => undefined,
    runAddress: (linked) => linked,
  };
  const writer: Writer = {
    register(index, value) {
      written.set(index, value);
      return undefined;
    },
    memory(address, data) {
      const start = address - base;
      if (start < 0n || start + BigInt(data.length) > BigInt(bytes.length)) return 'it is not RAM';
      bytes.set(data, Number(start));
      return undefined;
    },
  };
  return { frame, pc: 0n, hart: 0, writer, written };
}

/** All steps at once. Assignments are allowed if asked for. */
export function evaluateText(
  text: string,
  names: Names,
  machine: Machine,
  assignments = false,
): ExpressionResult {
  const parsed = attempt(() => ({
    ok: true as const,
    node: parseExpression(text, { isType: (name) => names.type(name) !== undefined, assignments }),
  }));
  if (!parsed.ok) return parsed;
  const bound = bindExpression(parsed.node, names);
  return bound.ok ? evaluate(bound.bound, machine) : bound;
}
