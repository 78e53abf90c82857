/** The programs that are stepped through, compiled once for all tests. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'mocha';
import { skipByName } from '../linux/linux.test-support';

const compiler = 'riscv64-unknown-elf-gcc';
const flags = [
  ...['-g', '-ffreestanding', '-nostdlib', '-static', '-fno-omit-frame-pointer', '-foptimize-sibling-calls'],
  ...['-march=rv64imac_zicsr', '-mabi=lp64', '-mcmodel=medany', '-Wl,-N', '-Wl,-Ttext=0x80000000'],
  // Stores into pages of code are slow.
  ...['-Wl,-Tdata=0x80010000', '-Wl,-Tbss=0x80020000'],
  '-Wl,--no-warn-rwx-segments',
];

const compiled = new Map<string, string>();

/** The path of a program's ELF file; skips the suite or test where there is no compiler (Debian's gcc-riscv64-unknown-elf). */
export function steppingProgram(
  test: Context,
  source: 'statements.S' | 'functions.c' | 'inlined.c',
  optimization: '-Og' | '-O2' = '-Og',
): string {
  const name = `${source}${optimization}`;
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-stepping-'));
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, `${name}.elf`);
  const { status, error, stderr } = spawnSync(compiler, [
    ...flags,
    optimization,
    join(import.meta.dirname, source),
    '-o',
    path,
  ]);
  if (error) return skipByName(test, `${compiler} is not installed`);
  if (status !== 0) throw new Error(stderr.toString());
  compiled.set(name, path);
  return path;
}
