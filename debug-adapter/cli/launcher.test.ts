import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { wrap } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { buildSync } from 'esbuild';

const bundle = `
  const { basename } = require('node:path');
  console.log('ran', process.argv.slice(2).join(), basename(__filename), __dirname === require('node:path').dirname(__filename));
`;

describe('the launcher of the command line', function () {
  this.timeout(20_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-launcher-'));
    buildSync({
      entryPoints: [join(__dirname, 'launcher.ts')],
      outfile: join(folder, 'cli.js'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
    writeFileSync(join(folder, 'command-line.js'), bundle);
  });
  after(() => rmSync(folder, { recursive: true }));

  const caches: Readonly<Record<string, () => Uint8Array | undefined>> = {
    'without a cache': () => undefined,
    'with the cache of the bundle': () => new Script(wrap(bundle)).createCachedData(),
    'with the cache of another bundle': () => new Script(wrap(`${bundle};;`)).createCachedData(),
    'with a cache that is none': () => Buffer.from('what V8 has not made'),
  };
  for (const [what, make] of Object.entries(caches)) {
    it(`starts it ${what}`, () => {
      const cache = make();
      if (cache) writeFileSync(join(folder, 'command-line.js.cache'), cache);
      const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'cli.js'), 'a', 'b'], {
        encoding: 'utf8',
      });
      assert.deepEqual([stdout, stderr], ['ran a,b command-line.js true\n', '']);
    });
  }
});
