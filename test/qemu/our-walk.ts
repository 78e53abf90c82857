/** The chain that our own command line prints: `node dist/cli.js stack … --json`. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { elfPath, type Situation } from './situations';

const cli = join(import.meta.dirname, '../../dist/cli.js');

/** The part of `stack --json` (ARCHITECTURE.md, "Contracts") that is compared. */
export interface OurWalk {
  readonly kind: string;
  readonly frames: readonly {
    readonly symbol: string | null;
    readonly mark: string;
    readonly stack: string | null;
  }[];
  readonly end: { readonly kind: 'final' | 'error'; readonly rule: string; readonly reason: string };
  readonly reliable: boolean;
}

export function missingCli(): string | undefined {
  return existsSync(cli) ? undefined : 'dist/cli.js is not built: npm run build';
}

export async function ourWalk(situation: Situation): Promise<OurWalk> {
  const { firmware, smp, append, break: spec, hit } = situation;
  const output = await run([
    ...['stack', elfPath(situation), '--break', spec, '--hit', `${hit}`, '--walk', 'metadata', '--json'],
    ...['--firmware', firmware, '--smp', `${smp}`, '--max-instructions', '100000000'],
    ...(append === '' ? [] : ['--append', append]),
  ]);
  const { walks } = JSON.parse(output) as { walks: readonly OurWalk[] };
  const walk = walks.find(({ kind }) => kind === 'metadata');
  if (walk === undefined) throw new Error(`no metadata walk in ${output}`);
  return walk;
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [cli, ...args], { timeout: 30_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`riscv-unwind ${args.join(' ')}: ${error.message}\n${stderr}`));
    });
  });
}
