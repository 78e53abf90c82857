// Installs what package-lock.json asks for when node_modules does not hold it yet, so that every npm script
// works on a fresh clone. Compares the lock file with the copy that npm keeps of what it installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const lock = readFileSync(new URL('package-lock.json', root), 'utf8');
const stamp = new URL('node_modules/.installed-lock.json', root);

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('Installing dependencies (npm ci) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    console.error('npm ci failed. Check that the npm registry is reachable, then run the command again.');
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, lock);
}
