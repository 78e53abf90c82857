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
import { LaunchFiles, parsing } from './launch-files';
import { atOnce } from './perform';
import { createSourceMap } from './sources';

/** Rejects with `UserError` for everything that the user can mend. */
export async function launch(
  options: LaunchOptions,
  files: FileSystem,
  host: LaunchHost = {},
): Promise<Debuggee> {
  const machine = await boot(options, files, host);
  const { path } = machine;
  const named = await nameImage(machine, options, new LaunchFiles(files, host));
  const { program } = named;
  const { perform = atOnce } = host;
  await perform('Reading debug information', program.prepare(kernelTypes(program)));
  host.signal?.throwIfAborted();
  const kernel = createKernel(program);
  const watched = new BootWatch(machine.target, kernel);
  return {
    path,
    program,
    perform,
    kernel,
    target: watched,
    boot: watched,
    sources: createSourceMap(program, options, files),
    get warnings() {
      return [...machine.warnings, ...named.warnings, ...program.warnings, ...kernel.warnings];
    },
  };
}

interface NamedImage {
  /** Its segments are where the machine has them. */
  readonly program: Program;
  readonly warnings: readonly string[];
}

/** The symbols for what the machine has in memory: the kernel's own, or those of the file that was named for it. */
async function nameImage(
  { path, kernel: { image, elf } }: BootedMachine,
  { symbols }: LaunchOptions,
  files: LaunchFiles,
): Promise<NamedImage> {
  if (symbols === undefined) {
    if (!elf) return { program: rawProgram(image), warnings: [noSymbols(path)] };
    const program = await parsing({ role: 'kernel', path }, () => programOf(elf));
    return { program: withSegments(program, image.segments), warnings: [] };
  }
  const file = await files.open('symbols', symbols);
  const { fit, program } = await parsing(file, () => {
    const named = readElf(file.source);
    return { fit: fitSymbols(image, named), program: programOf(named) };
  });
  return {
    program: withSegments(program, fit.segments),
    warnings: fit.belongs === false ? [otherSymbols(file.path, path)] : [],
  };
}

/** The same program elsewhere in memory. What it reads when asked stays unread. */
function withSegments(program: Program, segments: readonly ProgramSegment[]): Program {
  return Object.create(program, { segments: { value: segments, enumerable: true } }) as Program;
}
