// Bundles the three programs into dist/: the extension, the debug adapter and the command line with its launcher and its compile cache.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const production = process.argv.includes('--production');
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  // Less to read at each start. Names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: production,
  minifyIdentifiers: production,
  keepNames: production,
  legalComments: 'none',
  logLevel: 'warning',
};

await Promise.all([
  build({ ...common, entryPoints: { extension: 'extension/main.ts' }, external: ['vscode'], outdir: 'dist' }),
  build({
    ...common,
    entryPoints: { 'debug-adapter': 'debug-adapter/cli/debug-adapter.ts' },
    outdir: 'dist',
  }),
  build({ ...common, entryPoints: { 'command-line': 'debug-adapter/cli/main.ts' }, outdir: 'dist' }),
  build({
    ...common,
    entryPoints: { cli: 'debug-adapter/cli/launcher.ts' },
    banner: { js: '#!/usr/bin/env node' },
    outdir: 'dist',
  }),
]);

// The guest's console is of no interest; where something fails there is no cache, and all works without.
const script = fileURLToPath(new URL('compile-cache.mjs', import.meta.url));
spawnSync(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'], timeout: 60_000 });
