/** What the files of loaded modules say of them: lines, types and variables, at the addresses where the kernel has put them. */
import { belongTogether } from '../image/build-id';
import type { KernelModule } from '../kernel/module-list';
import { sectionTypes } from '../kernel/module-sections';
import type { Program } from '../symbols/api';
import { readObject, type ElfFile } from '../symbols/elf/elf-file';
import { objectProgram, placeObject } from '../symbols/object-program';
import { UserError, type Debuggee, type Perform } from './api';
import { hartOfKernel, memoryOf } from './harts';
import type { LaunchFiles } from './launch-files';
import { parsing } from './launch-files';
import type { ModuleFiles } from './module-files';
import { isIn, loadedModules } from './modules';

interface ModuleProgram {
  readonly module: KernelModule;
  /** `undefined` if there is no file that fits: `status` says why. */
  readonly program: Program | undefined;
  /** Absolute. */
  readonly path: string | undefined;
  /** For the user: what is known of the module, and what is missing. */
  readonly status: string;
  /** Nothing is missing. */
  readonly isComplete: boolean;
}

/** What a debugger asks of the files of modules. */
export interface ModulePrograms {
  /** Reads the files of modules that have come, and forgets those that have gone. Never rejects. */
  follow(): Promise<void>;
  /** `undefined` for a module that has come and was not yet followed. */
  of(module: KernelModule): ModuleProgram | undefined;
  /** Of the modules that have a file. */
  readonly programs: readonly ModuleProgram[];
  /** That of the module which has an address in its memory now. */
  at(address: bigint): Program | undefined;
}

type Machine = Pick<Debuggee, 'kernel' | 'target'> & { readonly kernelProgram: Program };

/** Apart far enough for the positions in the debug information of one module. */
const scopesOfModule = 2 ** 36;
/** Functions that are compared where there is no build id. */
const mostCompared = 1000;
/** Bytes of a note that are read from the kernel's memory; a build id's has 36. */
const mostNotes = 4096;
const symbolsOnly = "Symbols from the kernel's memory only:";

export class ModuleProgramList implements ModulePrograms {
  readonly #machine: Machine;
  readonly #files: ModuleFiles;
  readonly #open: LaunchFiles;
  readonly #perform: Perform;
  #known: ReadonlyMap<string, ModuleProgram> = new Map();
  #programs: readonly ModuleProgram[] = [];
  #count = 0;
  #hasLayout = false;

  constructor(machine: Machine, files: ModuleFiles, open: LaunchFiles, perform: Perform) {
    this.#machine = machine;
    this.#files = files;
    this.#open = open;
    this.#perform = perform;
  }

  get programs(): readonly ModuleProgram[] {
    return this.#programs;
  }

  of(module: KernelModule): ModuleProgram | undefined {
    return this.#known.get(idOf(module));
  }

  at(address: bigint): Program | undefined {
    if (this.#programs.length === 0) return undefined;
    const { kernel } = this.#machine;
    if (!kernel.isKernelAddress(address) || kernel.isKernelText(address)) return undefined;
    // What a module has for its initialization is given back, and may be another's by now.
    const module = loadedModules(this.#machine).find((module) => isIn(module, address));
    return module && this.of(module)?.program;
  }

  async follow(): Promise<void> {
    const next = new Map<string, ModuleProgram>();
    for (const module of loadedModules(this.#machine)) {
      next.set(idOf(module), this.of(module) ?? (await this.#read(module)));
    }
    this.#known = next;
    this.#programs = [...next.values()].filter(({ program }) => program !== undefined);
  }

  async #read(module: KernelModule): Promise<ModuleProgram> {
    const missing = (why: string): ModuleProgram => ({
      module,
      program: undefined,
      path: undefined,
      isComplete: false,
      status: `${symbolsOnly} ${why}`,
    });
    try {
      await this.#prepareLayout();
      if (module.sections().size === 0) {
        return missing('the kernel does not say where its sections are (CONFIG_SYSFS, CONFIG_KALLSYMS).');
      }
      const paths = await this.#files.of(module.name);
      const problems: string[] = [];
      for (const path of paths) {
        const read = await this.#fit(module, path);
        if (typeof read !== 'string') return read;
        problems.push(read);
      }
      return missing(problems[0] ?? this.#nowhere(module));
    } catch (error) {
      if (error instanceof UserError) return missing(error.message);
      throw error;
    }
  }

  /** Once, and only for a kernel that loads modules: debug information is searched for it. */
  async #prepareLayout(): Promise<void> {
    if (this.#hasLayout) return;
    this.#hasLayout = true;
    const { kernelProgram } = this.#machine;
    await this.#perform('Reading debug information', kernelProgram.prepare(sectionTypes));
  }

  /** What a file has of a module, or why it is not its file. */
  async #fit(module: KernelModule, path: string): Promise<ModuleProgram | string> {
    try {
      const file = await this.#open.open('module', path);
      const object = await parsing(file, () => placeObject(readObject(file.source), module.sections()));
      if (object.isCut) return `${path} is damaged: it ends before its sections do. Build or copy it again.`;
      const program = objectProgram(object, scopesOfModule * (1 + this.#count++));
      if (!(this.#hasSameBuildId(object) ?? hasSameSymbols(module, program))) {
        return `${path} is of another build than the module that is loaded. Load the module again, or name the folder of its build ("modulePaths").`;
      }
      if (!program.debug && !program.lines) {
        return `there is no debug information in ${path}. Build it with CONFIG_DEBUG_INFO, and do not strip it.`;
      }
      await this.#perform(`Reading ${path}`, program.prepare([]));
      const status = ['Symbols and debug information loaded.', ...program.warnings].join(' ');
      return { module, program, path, status, isComplete: program.warnings.length === 0 };
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  }

  /** The notes of a module are in its memory: `undefined` if there is no build id in the file, or none can be read. */
  #hasSameBuildId(object: ElfFile): boolean | undefined {
    const memory = memoryOf(hartOfKernel(this.#machine));
    const notes = object.sections
      .filter(({ name, allocated }) => allocated && name.startsWith('.note'))
      .flatMap(({ address, size }) => {
        const data = memory(address, Math.min(size, mostNotes));
        return data ? [{ virtualAddress: address, data }] : [];
      });
    return belongTogether(object, notes);
  }

  #nowhere({ name }: KernelModule): string {
    return `there is no ${name}.ko in ${this.#files.folders.join(', ')}. Name its folder in "modulePaths" (--module-path).`;
  }
}

/** The same as long as a module is loaded, whatever it gives back of its memory. */
function idOf({ address, name, regions }: KernelModule): string {
  return `${name} ${address} ${regions.find((region) => region.name === 'text')?.start ?? 0n}`;
}

/** Whether the functions that the kernel knows of a module are where the file has them. */
function hasSameSymbols(module: KernelModule, { symbols }: Program): boolean {
  return module
    .symbols()
    .filter(({ kind }) => kind === 'function')
    .slice(0, mostCompared)
    .every(({ name, address }) => symbols.named(name).some((symbol) => symbol.address === address));
}
