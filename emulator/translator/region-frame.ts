import type { Fields } from '../isa/encoding';
import type { ValueType } from '../wasm/code';
import { ValueType as Type } from '../wasm/code';
import type { I32, I64, Statement } from '../wasm/expression';
import { i64, Local, nothing, sequence } from '../wasm/expression';
import { localTypes, zero } from '../wasm/frame';
import { State } from '../wasm/layout';
import type { FunctionType } from '../wasm/module';
import { useOf } from './instruction-use';
import type { Placed } from './page-code';

/**
 * A region as a function: from the number of an entry, the steps left and the virtual address of the page to the steps left when it is
 * done, negative if the run is to end. Its pc is in the state then. Locals stand where the interpreter has those of the same purpose.
 */
export const regionType: FunctionType = {
  parameters: [Type.i32, Type.i32, Type.i64],
  results: [Type.i32],
};

/** Which block comes next, where that is not known when the code is written; 0 for none. */
export const selector = new Local<I32>(0);
export const pageAddress = new Local<I64>(2);

/** Number of the first entry. */
export const FIRST_ENTRY = 1;

type Locals = readonly (Local<I64> | undefined)[];

/** The guest's registers in a region: locals for those that it mentions. */
export class RegisterLocals {
  readonly x: Locals;
  readonly f: Locals;
  /** Where the lowest byte of an access group lies, by its index. */
  readonly hosts: readonly Local<I32>[];
  /** Types of the locals after the parameters. */
  readonly types: readonly ValueType[];
  readonly #written: { readonly x: ReadonlySet<number>; readonly f: ReadonlySet<number> };

  /** @param hosts how many host addresses are to be kept */
  constructor(instructions: readonly Placed[], hosts: number) {
    const mentioned = { x: new Set<number>(), f: new Set<number>() };
    const written = { x: new Set<number>(), f: new Set<number>() };
    for (const { decoded } of instructions) {
      for (const use of useOf(decoded.instruction).registers) {
        const register = decoded.fields[use.field]!;
        mentioned[use.file].add(register);
        if (use.written) written[use.file].add(register);
      }
    }
    mentioned.x.delete(0);
    const others = localTypes.slice(regionType.parameters.length);
    let next = localTypes.length;
    const give = (used: ReadonlySet<number>): Locals =>
      Array.from({ length: 32 }, (_, register) => (used.has(register) ? new Local<I64>(next++) : undefined));
    this.x = give(mentioned.x);
    this.f = give(mentioned.f);
    const registers = Array<ValueType>(next - localTypes.length).fill(Type.i64);
    this.hosts = Array.from({ length: hosts }, (_, index) => new Local<I32>(next + index));
    this.types = [...others, ...registers, ...Array<ValueType>(hosts).fill(Type.i32)];
    this.#written = written;
  }

  /** Reads all from the state. */
  get load(): Statement {
    return sequence(
      ...this.x.map((local, register) => fromState(local, xAt(register))),
      ...this.f.map((local, register) => fromState(local, fAt(register))),
    );
  }

  /** Writes back those that the region writes. */
  get store(): Statement {
    return sequence(
      ...this.x.map((local, register) =>
        this.#written.x.has(register) ? toState(local, xAt(register)) : nothing,
      ),
      ...this.f.map((local, register) =>
        this.#written.f.has(register) ? toState(local, fAt(register)) : nothing,
      ),
    );
  }

  /** Writes the operands of one instruction to the state, for TypeScript. */
  spill({ rs1, rs2, frs1, frs2, frs3 }: Fields): Statement {
    return sequence(
      ...[rs1, rs2].map((register = 0) => toState(this.x[register], xAt(register))),
      ...[frs1, frs2, frs3].map((register) =>
        register === undefined ? nothing : toState(this.f[register], fAt(register)),
      ),
    );
  }

  /** Reads the result of one instruction from the state. */
  fill({ rd = 0, frd }: Fields): Statement {
    return sequence(
      fromState(this.x[rd], xAt(rd)),
      frd === undefined ? nothing : fromState(this.f[frd], fAt(frd)),
    );
  }
}

const xAt = (register: number): number => State.x + register * 8;
const fAt = (register: number): number => State.f + register * 8;

const fromState = (local: Local<I64> | undefined, at: number): Statement =>
  local ? local.set(i64.load(zero, at)) : nothing;
const toState = (local: Local<I64> | undefined, at: number): Statement =>
  local ? i64.store(zero, local.get, at) : nothing;
