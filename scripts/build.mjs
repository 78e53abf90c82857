// Bundles the three programs into dist/: the extension, the debug adapter and the command line.
import { build } from 'esbuild';
import { rmSync } from 'node:fs';

const production = process.argv.includes('--production');
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  minify: production,
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
  build({
    ...common,
    entryPoints: { cli: 'debug-adapter/cli/main.ts' },
    banner: { js: '#!/usr/bin/env node' },
    outdir: 'dist',
  }),
]);
