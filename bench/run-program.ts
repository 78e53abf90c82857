import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BootImage, MachineApi } from '../emulator/api';
import { Machine } from '../emulator/machine';

export const LOAD_ADDRESS = 0x8000_0000;

/** Steps in one call: about what a debugger runs between two looks at the clock. */
const SLICE = 500_000;

export interface ProgramRun {
  readonly instructions: number;
  readonly seconds: number;
  /** User and system time of all threads of this process meanwhile. */
  readonly cpuSeconds: number;
}

interface RunOptions {
  /** As the machine's configuration has it. */
  readonly translate?: boolean;
  /** Instructions after which to leave off; the result is not known then. */
  readonly limit?: number;
  readonly prepare?: (machine: MachineApi) => void;
}

/** Path of a program's flat image. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(`programs/prebuilt/${name}.bin`, import.meta.url));
}

export function programImage(name: string): BootImage {
  const data = readFileSync(programPath(name));
  return { segments: [{ address: LOAD_ADDRESS, data, memorySize: data.length }], entry: LOAD_ADDRESS };
}

/** Runs a program on a new machine; throws if it ends with a wrong result. */
export async function runProgram(
  image: BootImage,
  { translate = true, limit = Infinity, prepare = () => undefined }: RunOptions = {},
): Promise<ProgramRun> {
  const machine = new Machine({ image, firmware: 'none', translate });
  prepare(machine);
  const run = await runMachine(machine, limit);
  if (machine.exit && machine.exit.kind !== 'power-off') {
    throw new Error('The program computed a wrong result.');
  }
  return run;
}

/**
 * Runs a machine to its end, or to so many instructions. The event loop gets its turns as in a debugger: what the host compiles in
 * the background comes in through it.
 */
export async function runMachine(machine: MachineApi, limit = Infinity): Promise<ProgramRun> {
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  while (!machine.exit && machine.instructions < limit) {
    if (machine.run({ budget: SLICE }).kind === 'waiting') throw new Error('The guest waits for ever.');
    await turn();
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuStart);
  return { instructions: machine.instructions, seconds, cpuSeconds: (user + system) / 1e6 };
}

export function mips({ instructions, seconds }: Pick<ProgramRun, 'instructions' | 'seconds'>): number {
  return instructions / seconds / 1e6;
}
