import { BuiltCli } from '../test/built-cli.test-support';
import { measureDap } from './dap-latency';
import { measureDistribution } from './distribution';
import { measureKernelStart } from './kernel-start';
import { measureLinux } from './linux';
import { measureCosts } from './machine-costs';
import { measurePrograms, programs } from './programs';
import type { Section } from './section';

/** A part of the benchmark, by the name that the command line has for it. */
export interface Part {
  readonly name: string;
  readonly measure: () => Promise<Section>;
}

const parts: readonly Part[] = [
  { name: 'programs', measure: () => measurePrograms(programs, 5) },
  { name: 'linux', measure: () => withCli((cli) => measureLinux(cli, 5)) },
  { name: 'distribution', measure: () => withCli((cli) => measureDistribution(cli, 2)) },
  { name: 'dap', measure: measureDap },
  { name: 'start', measure: measureKernelStart },
  { name: 'costs', measure: measureCosts },
];

/** The parts, and each program alone. */
export const partNames = [...parts, ...programs].map(({ name }) => name);

/** Those of the given names, all for none; programs come first and together. `undefined` for a name that there is not. */
export function chooseParts(names: readonly string[]): readonly Part[] | undefined {
  if (names.length === 0) return parts;
  if (!names.every((name) => partNames.includes(name))) return undefined;
  const chosen = programs.filter(({ name }) => names.includes(name));
  return [
    ...(chosen.length > 0 ? [{ name: 'programs', measure: () => measurePrograms(chosen, 5) }] : []),
    ...parts.filter(({ name }) => names.includes(name)),
  ];
}

async function withCli(measure: (cli: BuiltCli) => Promise<Section>): Promise<Section> {
  const cli = await BuiltCli.build();
  try {
    return await measure(cli);
  } finally {
    await cli.remove();
  }
}
