// Keeps what V8 has compiled of the command line once it has booted the sample kernel, for `debug-adapter/cli/launcher.ts`.
// It is right for the very bundle and the version of V8 that it was made from, and is refused by other versions.
import { readFileSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const bundle = fileURLToPath(new URL('../dist/command-line.js', import.meta.url));
const kernel = fileURLToPath(new URL('../sample-kernel/prebuilt/sample-metadata.elf', import.meta.url));

const script = new Script(Module.wrap(readFileSync(bundle, 'utf8')), { filename: bundle });
process.on('exit', () => writeFileSync(`${bundle}.cache`, script.createCachedData()));
process.argv = [process.execPath, bundle, 'run', kernel];
script.runInThisContext()({}, createRequire(bundle), {}, bundle, dirname(bundle));
