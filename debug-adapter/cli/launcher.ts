/**
 * Starts the command line from what V8 had compiled when it was built (`scripts/compile-cache.mjs`): parsing and compiling the
 * bundle again takes longer than all else up to the guest's first instruction. Node 20 has no such cache of its own.
 */
import { readFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

const bundle = join(__dirname, 'command-line.js');
const require = createRequire(bundle);
const cachedData = read(`${bundle}.cache`);

if (cachedData) {
  // Another version of V8, or one with other flags, refuses the cache and compiles the source.
  const script = new Script(wrap(readFileSync(bundle, 'utf8')), { filename: bundle, cachedData });
  const main = script.runInThisContext() as (...scope: unknown[]) => void;
  main(exports, require, module, bundle, __dirname);
} else {
  require(bundle);
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
