/** The chain that our own command line prints: `riscv-unwind stack … --json`. */
import type { BuiltCli } from '../built-cli.test-support';
import { elfPath, type Situation } from './situations';

/** The part of `stack --json` (ARCHITECTURE.md, "Contracts") that is compared. */
interface OurWalk {
  readonly kind: string;
  readonly frames: readonly {
    readonly symbol: string | null;
    readonly mark: string;
    readonly stack: string | null;
  }[];
  readonly end: { readonly kind: 'final' | 'error'; readonly rule: string; readonly reason: string };
  readonly reliable: boolean;
}

export async function ourWalk(cli: BuiltCli, situation: Situation): Promise<OurWalk> {
  const { firmware, smp, append, break: spec, hit } = situation;
  const { stdout, stderr } = await cli.run([
    ...['stack', elfPath(situation), '--break', spec, '--hit', `${hit}`, '--walk', 'metadata', '--json'],
    ...['--firmware', firmware, '--smp', `${smp}`, '--max-instructions', '100000000'],
    ...(append === '' ? [] : ['--append', append]),
  ]);
  if (stdout === '') throw new Error(stderr);
  const { walks } = JSON.parse(stdout) as { walks: readonly OurWalk[] };
  const walk = walks.find(({ kind }) => kind === 'metadata');
  if (walk === undefined) throw new Error(`no metadata walk in ${stdout}`);
  return walk;
}
