/** The sample kernel with its symbols and sources, without a machine to run it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeFiles } from '../cli/node-files';
import { createKernel } from '../kernel/kernel';
import { loadProgram } from '../symbols/program';
import { architecture } from '../target/architecture';
import { EmulatorTarget } from '../target/emulator-target';
import { FakeMachine } from '../target/fake-machine.test-support';
import type { Debuggee } from './api';
import type { ModulePrograms } from './module-programs';
import { createSourceMap } from './sources';
import { atOnce } from './perform';

export const sampleFolder = join(__dirname, '..', '..', 'sample-kernel');

/** Of a kernel without modules. */
export const noModules: ModulePrograms = {
  programs: [],
  follow: () => Promise.resolve(),
  of: () => undefined,
  at: () => undefined,
};

export function sampleProgram(name = 'sample-metadata.elf'): Debuggee {
  const path = join(sampleFolder, 'prebuilt', name);
  const program = loadProgram(readFileSync(path));
  const machine = new FakeMachine(() => ({ kind: 'budget' }));
  return {
    path,
    program,
    modules: noModules,
    perform: atOnce,
    kernel: createKernel(program),
    target: new EmulatorTarget(machine, architecture),
    boot: { onChange: () => undefined },
    sources: createSourceMap(program, { program: path }, createNodeFiles()),
    files: [],
    firmware: [],
    warnings: [],
  };
}
