/** Breakpoint places in the kernel's modules: they have addresses once they are loaded. */
import type { BreakpointSpec } from '../symbols/spec';
import { hex } from '../unwind/hex';
import type { Debuggee, Resolution, UnresolvedSpec } from './api';
import { moduleSymbolsNamed } from './modules';
import { afterPrologue } from './prologue';

type SymbolSpec = Extract<BreakpointSpec, { kind: 'symbol' }>;

/** Functions of loaded modules with that name; `undefined` if there are none. */
export function resolveInModules(debuggee: Debuggee, spec: SymbolSpec): Resolution | undefined {
  const { name, offset = 0n, size, module } = spec;
  const named = moduleSymbolsNamed(debuggee, name).filter(
    (symbol) => symbol.kind === 'function' && (module === undefined || symbol.module === module),
  );
  const [first] = named;
  if (!first) return undefined;
  const sized = named.filter((symbol) => size === undefined || BigInt(symbol.size) === size);
  if (sized.length === 0) {
    return unresolved(
      `'${name}' is ${hex(BigInt(first.size))} bytes long in module ${first.module}, not ${hex(size!)}: the trace comes from another build.`,
    );
  }
  const inside = sized.filter((symbol) => offset < BigInt(symbol.size));
  if (inside.length === 0) {
    return unresolved(
      `'${name}' is only ${hex(BigInt(first.size))} bytes long: ${hex(offset)} lies beyond its end.`,
    );
  }
  const found = inside.map(({ address, module: home }) => ({
    home,
    at:
      spec.offset === undefined
        ? afterPrologue(debuggee.program, debuggee.target, address)
        : address + offset,
  }));
  const addresses = found.map(({ at }) => at).sort((a, b) => (a < b ? -1 : 1));
  const places = found.map(({ at, home }) => `${hex(at)} in module ${home}`);
  const text = spec.offset === undefined ? name : `${name}+${hex(offset)}`;
  return {
    kind: 'resolved',
    addresses,
    armed: addresses,
    description: `${text} at ${places.join(', ')}`,
    source: debuggee.program.lines?.at(addresses[0]!),
  };
}

/** For a place that names its module, as kernel traces do: `foo+0x10/0x40 [bar]`. */
export function notInModule(name: string, module: string): UnresolvedSpec {
  return unresolved(
    `There is no function '${name}' in a loaded module '${module}'. The breakpoint is set when the module is loaded.`,
  );
}

/** What to add to a sentence about a name that is nowhere, in a kernel that can load modules. */
export function mayComeLater({ kernel }: Debuggee): string {
  return kernel.views.hasModules
    ? ' If it is a function of a module, the breakpoint is set when the module is loaded.'
    : '';
}

/** The same of a line of a source. */
export function lineMayComeLater({ kernel }: Debuggee): string {
  return kernel.views.hasModules
    ? ' If it is of a module whose file can be found ("modulePaths"), the breakpoint is set when the module is loaded.'
    : '';
}

function unresolved(reason: string): UnresolvedSpec {
  return { kind: 'unresolved', reason };
}
