/** The real kernels that RISCV_UNWIND_LINUX names: unpacked once for all tests, and removed with the process. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Context } from 'mocha';

export const linuxFolder = process.env['RISCV_UNWIND_LINUX'] ?? '';
export const linuxInitrd = join(linuxFolder, 'init.cpio');
/** Sources below this prefix of the debug information are in `src`. */
export const linuxSourceMap = { '/usr/src/linux-7.3': join(linuxFolder, 'src') };

/** `modules` is Linux 6.12 as `modules/build.sh` builds it, with its own initramfs. */
export type LinuxBuild = 'metadata' | 'stock' | 'modules';
export const modulesInitrd = join(linuxFolder, 'modules.cpio');
/** The modules of that build with their debug information, which those in the initramfs do not have. */
export const moduleFiles = join(linuxFolder, 'modules');

const unpacked = new Map<LinuxBuild, string>();

/** The path of a vmlinux; skips the suite or test, by name, where there is none. */
export function linuxKernel(test: Context, build: LinuxBuild): string {
  const packed = join(linuxFolder, `vmlinux-${build}.gz`);
  if (linuxFolder === '' || !existsSync(packed)) {
    return skipByName(test, `RISCV_UNWIND_LINUX names no folder with vmlinux-${build}.gz`);
  }
  let path = unpacked.get(build);
  if (path === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-linux-'));
    process.on('exit', () => {
      rmSync(folder, { recursive: true, force: true });
    });
    path = join(folder, 'vmlinux');
    writeFileSync(path, gunzipSync(readFileSync(packed)));
    unpacked.set(build, path);
  }
  return path;
}

/** Skips a test, or from `before` all tests of its suite, and says why in their titles. */
export function skipByName(test: Context, why: string): never {
  const { test: running } = test;
  const isHook = running !== undefined && 'type' in running && running.type === 'hook';
  const skipped = isHook ? (running.parent?.tests ?? []) : [running];
  for (const one of skipped) if (one) one.title += ` (skipped: ${why})`;
  return test.skip();
}
