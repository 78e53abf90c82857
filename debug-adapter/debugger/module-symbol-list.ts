/** All symbols of the kernel and of its modules, by address. */
import type { ModuleSymbol } from '../kernel/module-symbols';
import type { ProgramSymbol, SymbolTable } from '../symbols/api';
import type { Debuggee } from './api';
import { loadedModules } from './modules';

interface Joined {
  readonly parts: readonly (readonly ModuleSymbol[])[];
  readonly symbols: readonly ProgramSymbol[];
}

/** The last list of each kernel: modules come and go seldom. */
const known = new WeakMap<SymbolTable, Joined>();

export function moduleSymbols(
  kernel: SymbolTable,
  machine: Pick<Debuggee, 'kernel' | 'target'>,
): readonly ProgramSymbol[] {
  const parts = loadedModules(machine).map((module) => module.symbols());
  if (parts.length === 0) return kernel.symbols;
  let joined = known.get(kernel);
  if (joined?.parts.length !== parts.length || !parts.every((part, n) => part === joined!.parts[n])) {
    joined = { parts, symbols: join(kernel.symbols, parts.flat()) };
    known.set(kernel, joined);
  }
  return joined.symbols;
}

function join(kernel: readonly ProgramSymbol[], modules: readonly ModuleSymbol[]): readonly ProgramSymbol[] {
  const sorted = modules
    .map((symbol): ProgramSymbol => ({ ...symbol, global: false }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  const all: ProgramSymbol[] = [];
  let next = 0;
  for (const symbol of kernel) {
    while (next < sorted.length && sorted[next]!.address < symbol.address) all.push(sorted[next++]!);
    all.push(symbol);
  }
  return [...all, ...sorted.slice(next)];
}
