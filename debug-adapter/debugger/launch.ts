/** From the options of a launch to a debuggee: the machine with the kernel in memory, and what is known of the kernel. */
import { readElf } from '../symbols/elf/elf-file';
import { rawProgram } from '../image/raw-program';
import { fitSymbols } from '../image/symbol-file';
import { createKernel, kernelTypes } from '../kernel/kernel';
import type { Program, ProgramSegment } from '../symbols/api';
import { programOf } from '../symbols/program';
import type { Debuggee, FileSystem, LaunchHost, LaunchOptions } from './api';
import { boot, type BootedMachine } from './boot';
import { BootWatch } from './boot-watch';
import { noSymbols, otherSymbols } from './errors';
import { KeptFiles, type OpenFile } from './kept-files';
import { ModuleFiles } from './module-files';
import { ModuleProgramList } from './module-programs';
import { programWithModules } from './program-with-modules';
import { LaunchFiles, parsing } from './launch-files';
import { atOnce } from './perform';
import { createSourceMap } from './sources';

/**
 * Rejects with `UserError` for everything that the user can mend.
 * @param kept what earlier launches have read: symbols of files that are the same are not read again
 */
export async function launch(
  options: LaunchOptions,
  files: FileSystem,
  host: LaunchHost = {},
  kept = new KeptFiles(),
): Promise<Debuggee> {
  const machine = await boot(options, files, host, kept);
  const { perform = atOnce } = host;
  const launchFiles = new LaunchFiles(files, host, kept);
  const symbols =
    options.symbols === undefined ? undefined : await launchFiles.open('symbols', options.symbols);
  const read = symbols ? [machine.file, symbols] : [machine.file];
  const known = kept.program(read);
  const named = await nameImage(machine, symbols, known);
  const { program } = named;
  if (!known) {
    await perform('Reading debug information', program.prepare(kernelTypes(program)));
    kept.keepProgram(read, program);
  }
  host.signal?.throwIfAborted();
  const kernel = createKernel(program);
  const watched = new BootWatch(machine.target, kernel);
  const modules = new ModuleProgramList(
    { kernel, target: watched, kernelProgram: program },
    new ModuleFiles(files, moduleFolders(options)),
    // Files of modules are read when the modules come, and not again for the next ones.
    new LaunchFiles(files, { perform }),
    perform,
  );
  watched.onModules = () => modules.follow();
  const joined = kernel.views.hasModules
    ? programWithModules(program, { kernel, target: watched }, modules)
    : program;
  return {
    path: machine.file.path,
    files: read.flatMap(({ path, version }) => (version === undefined ? [] : [{ path, version }])),
    program: joined,
    modules,
    perform,
    kernel,
    target: watched,
    boot: watched,
    firmware: machine.firmware,
    sources: createSourceMap(joined, options, files),
    get warnings() {
      return [...machine.warnings, ...named.warnings, ...program.warnings, ...kernel.warnings];
    },
  };
}

/** The build of a kernel has its modules below its vmlinux. */
function moduleFolders({ modulePaths = [], symbols, program }: LaunchOptions): readonly string[] {
  const kernel = symbols ?? program;
  return [...modulePaths, kernel.replace(/[^/\\]*$/, '') || '.'];
}

interface NamedImage {
  /** Its segments are where the machine has them. */
  readonly program: Program;
  readonly warnings: readonly string[];
}

/**
 * The symbols for what the machine has in memory: the kernel's own, or those of the file that was named for it.
 * @param known what an earlier launch has made of the same files
 */
async function nameImage(
  { file, kernel: { image, elf } }: BootedMachine,
  symbols: OpenFile | undefined,
  known: Program | undefined,
): Promise<NamedImage> {
  if (symbols === undefined) {
    if (!elf) return { program: known ?? rawProgram(image), warnings: [noSymbols(file.path)] };
    const program = known ?? withSegments(await parsing(file, () => programOf(elf)), image.segments);
    return { program, warnings: [] };
  }
  const { fit, named } = await parsing(symbols, () => {
    const named = readElf(symbols.source);
    return { fit: fitSymbols(image, named), named };
  });
  const program = known ?? withSegments(await parsing(symbols, () => programOf(named)), fit.segments);
  return {
    program,
    warnings: fit.belongs === false ? [otherSymbols(symbols.path, file.path)] : [],
  };
}

/** The same program elsewhere in memory. What it reads when asked stays unread. */
function withSegments(program: Program, segments: readonly ProgramSegment[]): Program {
  return Object.create(program, { segments: { value: segments, enumerable: true } }) as Program;
}
