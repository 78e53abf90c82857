import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess, type ProcessRun } from './process-run';
import { interleave } from './rounds';
import { median } from './statistics';

const qemu = 'qemu-system-riscv64';
const STARTS = 5;

/** `li t0,0x100000; li t1,0x5555; sw t1,(t0)`: powers off at once, to know what QEMU needs to start. */
const POWER_OFF = Uint32Array.of(0x0010_02b7, 0x0000_5337, 0x5553_0313, 0x0062_a023);

/** Such as `10.0.2`; `undefined` if it is not installed. */
export const qemuVersion = /version (\S+)/.exec(
  spawnSync(qemu, ['--version'], { encoding: 'utf8' }).stdout,
)?.[1];

export const noQemu = `${qemu} is not installed`;

export interface QemuKernel {
  readonly kernel: string;
  readonly initrd: string;
  readonly append: string;
  readonly memoryMegabytes: number;
}

/** A kernel from the start of QEMU's process, with its own firmware, to the power-off. */
export function bootOnQemu({ kernel, initrd, append, memoryMegabytes }: QemuKernel): Promise<ProcessRun> {
  const board = ['-M', 'virt', '-m', `${memoryMegabytes}M`, '-nographic', '-no-reboot', '-nic', 'none'];
  return runProcess(qemu, [...board, '-kernel', kernel, '-initrd', initrd, '-append', append]);
}

export type QemuTime = Pick<ProcessRun, 'seconds' | 'cpuSeconds'>;

/** What QEMU takes for a flat image in M-mode, without its own start. */
export async function timeOnQemu(path: string): Promise<QemuTime> {
  const start = await (knownStart ??= timeOfStart());
  const whole = await timeWithStart(path);
  return {
    seconds: Math.max(whole.seconds - start.seconds, 0),
    cpuSeconds: Math.max(whole.cpuSeconds - start.cpuSeconds, 0),
  };
}

let knownStart: Promise<QemuTime> | undefined;

async function timeOfStart(): Promise<QemuTime> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const path = join(folder, 'power-off.bin');
    writeFileSync(path, POWER_OFF);
    const { starts } = await interleave(STARTS, { starts: () => timeWithStart(path) });
    return {
      seconds: median(starts.map(({ seconds }) => seconds)),
      cpuSeconds: median(starts.map(({ cpuSeconds }) => cpuSeconds)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function timeWithStart(path: string): Promise<QemuTime> {
  const board = ['-M', 'virt', '-m', '128M', '-bios', 'none', '-kernel', path];
  return runProcess(qemu, [...board, '-display', 'none', '-serial', 'none']);
}
