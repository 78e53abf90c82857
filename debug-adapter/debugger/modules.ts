/** The kernel's modules at this stop, and what is at an address in them. Read when first asked for, and once a stop. */
import type { KernelModule } from '../kernel/module-list';
import type { ModuleSymbol } from '../kernel/module-symbols';
import type { Debuggee } from './api';
import { hartOfKernel, memoryOfWalk } from './harts';

type Machine = Pick<Debuggee, 'kernel' | 'target'>;

/** Those of a machine, for as long as it executes nothing. */
const known = new WeakMap<
  Debuggee['kernel'],
  { readonly instructions: number; readonly modules: readonly KernelModule[] }
>();

/** The youngest first. */
export function loadedModules({ kernel, target }: Machine): readonly KernelModule[] {
  if (!kernel.views.hasModules) return [];
  const { instructions } = target;
  let found = known.get(kernel);
  if (found?.instructions !== instructions) {
    found = { instructions, modules: kernel.views.modules(memoryOfWalk(hartOfKernel({ target }))) };
    known.set(kernel, found);
  }
  return found.modules;
}

export interface SymbolOfModule extends ModuleSymbol {
  readonly module: string;
}

/** The module that has an address in its memory now. */
export function moduleAt(machine: Machine, address: bigint): KernelModule | undefined {
  if (!machine.kernel.views.hasModules || !machine.kernel.isKernelAddress(address)) return undefined;
  return loadedModules(machine).find((module) => isIn(module, address));
}

export function isIn({ regions }: KernelModule, address: bigint): boolean {
  return regions.some(({ start, end }) => address >= start && address < end);
}

/** The last symbol at or before an address in the memory of a module. */
export function moduleSymbolAt(machine: Machine, address: bigint): SymbolOfModule | undefined {
  const module = moduleAt(machine, address);
  const symbol = module && lastBefore(module.symbols(), address);
  return symbol && address - symbol.address < BigInt(symbol.size)
    ? { ...symbol, module: module.name }
    : undefined;
}

/** All of a name, in all modules. */
export function moduleSymbolsNamed(machine: Machine, name: string): readonly SymbolOfModule[] {
  return loadedModules(machine).flatMap((module) =>
    module
      .symbols()
      .filter((symbol) => symbol.name === name)
      .map((symbol) => ({ ...symbol, module: module.name })),
  );
}

function lastBefore(symbols: readonly ModuleSymbol[], address: bigint): ModuleSymbol | undefined {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (symbols[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  return symbols[low - 1];
}
