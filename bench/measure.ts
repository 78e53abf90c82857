import { performance } from 'node:perf_hooks';
import type { BootImage, MachineApi } from '../emulator/api';
import { Machine } from '../emulator/machine';

/** Steps in one call: about what a debugger runs between two looks at the clock. */
const SLICE = 200_000;

export interface ProgramRun {
  readonly instructions: number;
  readonly seconds: number;
}

/** Runs a program to its end; throws unless its result was right. */
export function runProgram(
  image: BootImage,
  prepare: (machine: MachineApi) => void = () => undefined,
): ProgramRun {
  const machine = new Machine({ image, firmware: 'none' });
  prepare(machine);
  const start = performance.now();
  while (!machine.exit) machine.run({ budget: SLICE });
  const seconds = (performance.now() - start) / 1000;
  if (machine.exit.kind !== 'power-off') throw new Error('The program computed a wrong result.');
  return { instructions: machine.instructions, seconds };
}

export function mips(run: ProgramRun): number {
  return run.instructions / run.seconds / 1e6;
}

/** Milliseconds to build a machine, ready for its first instruction. */
export function startTime(image: BootImage): number {
  const start = performance.now();
  new Machine({ image, firmware: 'none' }).run({ budget: 1 });
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
