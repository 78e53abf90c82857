import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** `li t0,0x100000; li t1,0x5555; sw t1,(t0)`: powers off at once, to know what QEMU needs to start. */
const POWER_OFF = Uint32Array.of(0x0010_02b7, 0x0000_5337, 0x5553_0313, 0x0062_a023);

export const hasQemu = spawnSync('qemu-system-riscv64', ['--version']).status === 0;

/** Seconds that QEMU takes for a flat image in M-mode, without its own start. */
export function timeOnQemu(path: string): number {
  return Math.max(timeWithStart(path) - startTime(), 0);
}

let knownStartTime: number | undefined;

function startTime(): number {
  if (knownStartTime === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const path = join(folder, 'power-off.bin');
    writeFileSync(path, POWER_OFF);
    timeWithStart(path);
    knownStartTime = timeWithStart(path);
    rmSync(folder, { recursive: true });
  }
  return knownStartTime;
}

function timeWithStart(path: string): number {
  const start = performance.now();
  const board = ['-M', 'virt', '-m', '128M', '-bios', 'none', '-kernel', path];
  const { status } = spawnSync('qemu-system-riscv64', [...board, '-display', 'none', '-serial', 'none']);
  if (status !== 0) throw new Error(`QEMU ended with status ${status} on ${path}.`);
  return (performance.now() - start) / 1000;
}
