import { BuiltCli } from '../test/built-cli.test-support';
import { measureBreakpointHits } from './breakpoint-hits';
import { measureDap } from './dap-latency';
import { measureDistribution } from './distribution';
import { measureKernelStart } from './kernel-start';
import { measureLinux } from './linux';
import { measureCosts } from './machine-costs';
import { measurePrograms, programs } from './programs';
import type { Section } from './section';
import { measureUnwinding } from './unwind';
import { measureWatchCosts } from './watch-costs';

/** A part of the benchmark, by the name that the command line has for it. */
export interface Part {
  readonly name: string;
  /** Unless told otherwise. */
  readonly rounds: number;
  readonly measure: (rounds: number) => Promise<Section>;
}

const allPrograms: Part = {
  name: 'programs',
  rounds: 5,
  measure: (rounds) => measurePrograms(programs, rounds),
};

const parts: readonly Part[] = [
  allPrograms,
  { name: 'linux', rounds: 5, measure: (rounds) => withCli((cli) => measureLinux(cli, rounds)) },
  {
    name: 'distribution',
    rounds: 2,
    measure: (rounds) => withCli((cli) => measureDistribution(cli, rounds)),
  },
  { name: 'dap', rounds: 120, measure: measureDap },
  { name: 'hits', rounds: 5, measure: measureBreakpointHits },
  { name: 'watch', rounds: 5, measure: measureWatchCosts },
  { name: 'unwind', rounds: 5, measure: measureUnwinding },
  { name: 'start', rounds: 7, measure: measureKernelStart },
  { name: 'costs', rounds: 3, measure: measureCosts },
];

/** The parts, and each program alone. */
export const partNames = [...parts, ...programs].map(({ name }) => name);

/** Those of the given names, all for none; programs come first and together. `undefined` for a name that there is not. */
export function chooseParts(names: readonly string[]): readonly Part[] | undefined {
  if (names.length === 0) return parts;
  if (!names.every((name) => partNames.includes(name))) return undefined;
  const chosen = programs.filter(({ name }) => names.includes(name));
  return [
    ...(chosen.length > 0
      ? [{ ...allPrograms, measure: (rounds: number) => measurePrograms(chosen, rounds) }]
      : []),
    ...parts.filter(({ name }) => names.includes(name)),
  ];
}

async function withCli(measure: (cli: BuiltCli) => Promise<Section>): Promise<Section> {
  const cli = await BuiltCli.buildInPlace();
  try {
    return await measure(cli);
  } finally {
    await cli.remove();
  }
}
