/** The debug adapter as the extension starts it: bundled, in a process of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface BuiltAdapter {
  readonly script: string;
  remove(): Promise<void>;
}

export async function buildAdapter(): Promise<BuiltAdapter> {
  const folder = await mkdtemp(join(tmpdir(), 'riscv-unwind-adapter-'));
  const script = join(folder, 'debug-adapter.js');
  await build({
    entryPoints: [join(import.meta.dirname, '../../debug-adapter/cli/debug-adapter.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return { script, remove: () => rm(folder, { recursive: true }) };
}
