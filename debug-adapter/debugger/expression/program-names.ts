/** The names that expressions have at one pc: the program's, the machine's registers, and the helpers. */
import type { CType, CVariable } from '../../symbols/c-types';
import type { Helper, NamedRegister, Names } from '../../symbols/expression/names';
import type { Debuggee } from '../api';
import { csrNamed, registerIndex } from '../registers';
import { standpointOf, writerOf } from './frame-machine';

export class ProgramNames implements Names {
  readonly #debuggee: Debuggee;
  readonly #pc: bigint;
  readonly #inlined: number;
  readonly #helpers: ReadonlyMap<string, Helper>;

  /**
   * @param pc link-time address
   * @param inlined how many of the functions inlined there are left out
   */
  constructor(debuggee: Debuggee, pc: bigint, inlined: number, helpers: ReadonlyMap<string, Helper>) {
    this.#debuggee = debuggee;
    this.#pc = pc;
    this.#inlined = inlined;
    this.#helpers = helpers;
  }

  type(name: string): CType | undefined {
    return this.#debuggee.program.debug?.type(name);
  }

  variable(name: string): CVariable | undefined {
    const { debug, symbols } = this.#debuggee.program;
    if (!debug) return undefined;
    const scope = debug.functionsAt(this.#pc)[this.#inlined];
    for (const { variables } of scope?.blocks ?? []) {
      const local = variables.find((variable) => variable.name === name);
      if (local) return local;
    }
    // All that is not in a function has a symbol, which is found much quicker than a name in debug information.
    const isSymbol = symbols.named(name).some(({ kind }) => kind !== 'function');
    return isSymbol ? debug.variables(name, this.#pc)[0] : undefined;
  }

  enumerator(name: string): { readonly value: bigint; readonly type: CType } | undefined {
    return this.#debuggee.program.debug?.enumerator(name);
  }

  register(name: string): NamedRegister | undefined {
    return name === 'pc' ? pcRegister : (this.#integerRegister(name) ?? this.#csr(name));
  }

  symbol(name: string): ReturnType<Names['symbol']> {
    const { program } = this.#debuggee;
    const [symbol] = program.symbols.named(name);
    if (!symbol) return undefined;
    const type = symbol.kind === 'function' ? program.debug?.functionType(name) : undefined;
    return { address: ({ frame }) => frame.runAddress(symbol.address), ...(type && { type }) };
  }

  helper(name: string): Helper | undefined {
    return this.#helpers.get(name);
  }

  #integerRegister(name: string): NamedRegister | undefined {
    const { target } = this.#debuggee;
    const index = registerIndex(name, (i) => target.registerName(i));
    if (index === undefined) return undefined;
    return {
      name,
      read: ({ frame }) => (index === 0 ? 0n : frame.register(index)),
      write: (machine, value) =>
        index === 0 ? 'it is always 0' : writerOf(standpointOf(machine, 0)).register(index, value),
    };
  }

  /** Harts may differ in their CSRs. */
  #csr(name: string): NamedRegister | undefined {
    const { target } = this.#debuggee;
    if (!target.harts.some((hart) => csrNamed(name, hart, target))) return undefined;
    const address = target.csrs.find((csr) => csr.name === name)!.address;
    return {
      name,
      read: ({ hart }) => target.harts[hart]?.getCsr(address),
      write({ hart }, value) {
        // The two highest bits of a CSR's number are set if it is read-only (priv 1.13 §2.1).
        if (address >> 10 === 3) return 'the register is read-only';
        return target.harts[hart]?.setCsr(address, value) === true
          ? undefined
          : 'this machine does not let it be written';
      },
    };
  }
}

const pcRegister: NamedRegister = {
  name: 'pc',
  read: ({ pc }) => pc,
  write(machine, value) {
    const { hart, live } = standpointOf(machine, 0);
    if (!live) return 'only the innermost frame has its registers in the machine; select that frame';
    hart.pc = value;
    return undefined;
  },
};
