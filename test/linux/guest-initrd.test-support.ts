/** An initramfs whose init is `guest-init.c`, a program of our own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { skipByName } from './linux.test-support';

/** Debian's gcc-riscv64-linux-gnu. */
const compiler = 'riscv64-linux-gnu-gcc';
const freestanding = ['-O1', '-static', '-nostdlib', '-ffreestanding', '-fno-stack-protector'];

/** A cpio archive; skips the suite or test, by name, without the compiler. */
export function guestInitrd(test: Context): Uint8Array {
  if (spawnSync(compiler, ['--version']).status !== 0) return skipByName(test, `there is no ${compiler}`);
  const folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-init-'));
  try {
    const init = join(folder, 'init');
    const source = join(__dirname, 'guest-init.c');
    const { status, stderr } = spawnSync(compiler, [...freestanding, '-o', init, source]);
    assert.equal(status, 0, stderr.toString());
    return archive('init', readFileSync(init));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A cpio archive ("newc") with one executable and a console. */
function archive(name: string, contents: Uint8Array): Uint8Array {
  const device = { major: 5, minor: 1 };
  return Buffer.concat([
    entry('dev', 0o040755, new Uint8Array()),
    entry('dev/console', 0o020600, new Uint8Array(), device),
    entry(name, 0o100755, contents),
    entry('TRAILER!!!', 0, new Uint8Array()),
  ]);
}

/** Linux Documentation/driver-api/early-userspace/buffer-format.rst. */
function entry(
  name: string,
  mode: number,
  contents: Uint8Array,
  device: { readonly major: number; readonly minor: number } = { major: 0, minor: 0 },
): Uint8Array {
  const { major, minor } = device;
  const fields = [1, mode, 0, 0, 1, 0, contents.length, 0, 0, major, minor, name.length + 1, 0];
  const header = `070701${fields.map((value) => value.toString(16).padStart(8, '0')).join('')}${name}\0`;
  const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return Buffer.concat([padded(Buffer.from(header)), padded(contents)]);
}
