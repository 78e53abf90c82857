/** What a machine costs beside the instructions of a program: its start, breakpoints, what kernels do often. */
import { performance } from 'node:perf_hooks';
import type { BootImage } from '../emulator/api';
import { Machine } from '../emulator/machine';
import { privilegedCosts } from './privileged';
import { interleave } from './rounds';
import { LOAD_ADDRESS, mips, programImage, runProgram } from './run-program';
import type { Section } from './section';
import { median } from './statistics';
import { figure, table } from './table';

const STARTS = 5;

/** Addresses that no program executes. */
const elsewhere = Array.from({ length: 100 }, (_, index) => BigInt(LOAD_ADDRESS + 0x40_0000 + index * 64));

export async function measureCosts(rounds: number): Promise<Section> {
  const image = programImage('sieve');
  const { plain, withBreakpoints } = await interleave(rounds, {
    plain: () => runProgram(image),
    withBreakpoints: () => runProgram(image, { prepare: (machine) => machine.setBreakpoints(elsewhere) }),
  });
  const slowdown = median(plain.map((run, round) => mips(withBreakpoints[round]!) / mips(run)));
  const start = median(Array.from({ length: STARTS }, () => startTime(image)));
  return {
    title: 'What else a machine costs',
    blocks: [
      table(
        ['what kernels do often', 'microseconds'],
        privilegedCosts().map(({ name, microseconds }) => [name, figure(microseconds, 2)]),
      ),
      `A machine starts in ${figure(start, 1)} ms. With 100 breakpoints elsewhere the sieve has ${figure(slowdown, 2)} of its speed.`,
    ],
    findings: [],
  };
}

/** Milliseconds to build a machine, ready for its first instruction. */
function startTime(image: BootImage): number {
  const start = performance.now();
  new Machine({ image, firmware: 'none' }).run({ budget: 1 });
  return performance.now() - start;
}
