/**
 * The kernel's program joined with those of its modules: what is asked by address goes to the one that has it there now, what is
 * asked by name to the kernel first.
 */
import type {
  CallFrameRow,
  CallFrameTable,
  LineRange,
  LineTable,
  Program,
  ProgramSymbol,
  SymbolTable,
} from '../symbols/api';
import type { CallSite, CType, CVariable, DebugInformation, FunctionScope } from '../symbols/c-types';
import type { Steps } from '../symbols/steps';
import type { Debuggee } from './api';
import { moduleSymbols } from './module-symbol-list';
import type { ModulePrograms } from './module-programs';
import { moduleSymbolAt, moduleSymbolsNamed, type SymbolOfModule } from './modules';

type Machine = Pick<Debuggee, 'kernel' | 'target'>;

export function programWithModules(kernel: Program, machine: Machine, modules: ModulePrograms): Program {
  const parts = new Parts(kernel, machine, modules);
  const symbols = new JoinedSymbols(parts);
  const lines = new JoinedLines(parts);
  const debug = new JoinedDebugInformation(parts);
  const callFrames: CallFrameTable = { at: (address) => parts.at(address).callFrames?.at(address) };
  return {
    entry: kernel.entry,
    segments: kernel.segments,
    types: kernel.types,
    symbols,
    callFrames: kernel.callFrames && callFrames,
    get lines() {
      return parts.all.some((part) => part.lines) ? lines : undefined;
    },
    get debug() {
      return parts.all.some((part) => part.debug) ? debug : undefined;
    },
    get text() {
      return parts.all.flatMap(({ text }) => text);
    },
    get warnings() {
      return kernel.warnings;
    },
    prepare: (structures) => kernel.prepare(structures),
  };
}

class Parts {
  readonly kernel: Program;
  readonly machine: Machine;
  readonly #modules: ModulePrograms;

  constructor(kernel: Program, machine: Machine, modules: ModulePrograms) {
    this.kernel = kernel;
    this.machine = machine;
    this.#modules = modules;
  }

  /** The kernel first. */
  get all(): readonly Program[] {
    return [this.kernel, ...this.modules];
  }

  get modules(): readonly Program[] {
    return this.#modules.programs.flatMap(({ program }) => program ?? []);
  }

  at(address: bigint): Program {
    return this.#modules.at(address) ?? this.kernel;
  }
}

class JoinedLines implements LineTable {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get files(): readonly string[] {
    const [kernel, ...modules] = this.#parts.all.map(({ lines }) => lines?.files ?? []);
    return modules.length === 0 ? kernel! : [...new Set([kernel!, ...modules].flat())];
  }

  get assemblyFiles(): readonly string[] {
    return this.#parts.kernel.lines?.assemblyFiles ?? [];
  }

  at(address: bigint): LineRange | undefined {
    return this.#parts.at(address).lines?.at(address);
  }

  addresses(file: string, line: number): readonly bigint[] {
    const { kernel, modules } = this.#parts;
    const ofKernel = kernel.lines?.addresses(file, line) ?? [];
    const ofModules = modules.flatMap((module) =>
      (module.lines?.addresses(file, line) ?? []).filter((address) => this.#parts.at(address) === module),
    );
    return ofModules.length === 0
      ? ofKernel
      : [...ofKernel, ...ofModules].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  lines(file: string): readonly number[] {
    const [kernel, ...modules] = this.#parts.all.map(({ lines }) => lines?.lines(file) ?? []);
    return modules.every((lines) => lines.length === 0)
      ? kernel!
      : [...new Set([kernel!, ...modules].flat())].sort((a, b) => a - b);
  }

  *search(file: string): Steps<void> {
    for (const { lines } of this.#parts.all) if (lines) yield* lines.search(file);
  }
}

class JoinedSymbols implements SymbolTable {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#parts.kernel.symbols.count;
  }

  get symbols(): readonly ProgramSymbol[] {
    const { kernel, machine } = this.#parts;
    return moduleSymbols(kernel.symbols, machine);
  }

  /** What the kernel keeps of a module, and what only the file has: without CONFIG_KALLSYMS_ALL it keeps functions alone. */
  named(name: string): readonly ProgramSymbol[] {
    const { kernel, modules, machine } = this.#parts;
    const ofKernel = kernel.symbols.named(name);
    if (ofKernel.length > 0 || !machine.kernel.views.hasModules) return ofKernel;
    const kept = moduleSymbolsNamed(machine, name).map(symbolOf);
    return kept.length > 0 ? kept : modules.flatMap(({ symbols }) => symbols.named(name));
  }

  at(address: bigint): ProgramSymbol | undefined {
    const { kernel, machine } = this.#parts;
    if (machine.kernel.isKernelText(address)) return kernel.symbols.at(address);
    const ofModule = moduleSymbolAt(machine, address);
    return ofModule ? symbolOf(ofModule) : kernel.symbols.at(address);
  }
}

function symbolOf({ name, address, size, kind }: SymbolOfModule): ProgramSymbol {
  return { name, address, size, kind, global: false };
}

class JoinedDebugInformation implements DebugInformation {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  type(name: string): CType | undefined {
    return this.#first((debug) => debug.type(name));
  }

  enumerator(name: string): ReturnType<DebugInformation['enumerator']> {
    return this.#first((debug) => debug.enumerator(name));
  }

  *inlinedEntries(name: string, limit: number): Steps<readonly bigint[]> {
    const entries: bigint[] = [];
    for (const debug of this.#all) {
      entries.push(...(yield* debug.inlinedEntries(name, limit - entries.length)));
    }
    return entries;
  }

  functionType(name: string): CType | undefined {
    return this.#first((debug) => debug.functionType(name));
  }

  variables(name: string, pc?: bigint): readonly CVariable[] {
    const here = pc === undefined ? undefined : this.#at(pc);
    const all = this.#all;
    const ordered = here ? [here, ...all.filter((debug) => debug !== here)] : all;
    return ordered.flatMap((debug) => debug.variables(name, pc));
  }

  functionsAt(pc: bigint): readonly FunctionScope[] {
    return this.#at(pc)?.functionsAt(pc) ?? [];
  }

  callSites(start: bigint, end: bigint): readonly CallSite[] {
    return this.#at(start)?.callSites(start, end) ?? [];
  }

  unitVariables(pc: bigint): readonly CVariable[] {
    return this.#at(pc)?.unitVariables(pc) ?? [];
  }

  callFrame(pc: bigint): CallFrameRow | undefined {
    return this.#at(pc)?.callFrame(pc);
  }

  get knowsNames(): boolean {
    return this.#all.every((debug) => debug.knowsNames);
  }

  *readNames(): Steps<void> {
    for (const debug of this.#all) yield* debug.readNames();
  }

  *names(prefix: string, limit: number): Steps<readonly string[]> {
    const found = new Set<string>();
    for (const debug of this.#all) for (const name of yield* debug.names(prefix, limit)) found.add(name);
    return [...found].sort().slice(0, limit);
  }

  get #all(): readonly DebugInformation[] {
    return this.#parts.all.flatMap(({ debug }) => debug ?? []);
  }

  #at(pc: bigint): DebugInformation | undefined {
    return this.#parts.at(pc).debug;
  }

  #first<T>(ask: (debug: DebugInformation) => T | undefined): T | undefined {
    for (const debug of this.#all) {
      const found = ask(debug);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
