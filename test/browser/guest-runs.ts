/** What the tests run in a browser and in Node alike: guests on a machine, told by its digest. */
import type { BootImage } from '../../emulator/api';
import { Machine } from '../../emulator/machine';
import { modes, randomProgram } from '../../emulator/random-program.test-support';

export interface GuestRun {
  /** What ran. */
  readonly name: string;
  /** Of the machine after all its steps. */
  readonly digest: string;
  readonly instructions: number;
  /** Regions that were translated. */
  readonly translated: number;
}

/** All that is executed is translated as soon as it is seen. */
const EAGER = 0;
const STEPS = 40_000;
const seeds = [1, 0x1234_5678, 0x7eed_1e55];

/** Programs that are hard on translated code, then a kernel to its power-off. */
export function runGuests(kernel: BootImage, translate: boolean): GuestRun[] {
  const programs = modes.flatMap((mode) =>
    seeds.map((seed) => {
      const { image } = randomProgram({ seed, mode, guarded: false });
      const machine = new Machine({ image, harts: 2, firmware: 'none', memory: 1 << 20, translate }, EAGER);
      while (machine.instructions < STEPS) machine.run({ budget: 997 });
      return told(`program ${seed} in ${mode} mode`, machine);
    }),
  );
  const machine = new Machine({ image: kernel, harts: 2, translate });
  while (!machine.exit) machine.run({ budget: 100_000 });
  return [...programs, told('sample kernel', machine)];
}

function told(name: string, machine: Machine): GuestRun {
  const { instructions, translation } = machine;
  return { name, digest: machine.digest(), instructions, translated: translation?.translated ?? 0 };
}
