import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExtensionSet } from '../isa/extensions';
import { extensionNames, implementedExtensions } from '../isa/extensions';

const QEMU = 'qemu-system-riscv64';
const MIB = 1 << 20;

/** The test device at which both machines end. */
export const TEST_DEVICE = 0x10_0000;
export const POWER_OFF = 0x5555;

/** True if there is a QEMU whose harts can be put together from extensions: younger than Debian 12's 7.2 (its backports have one). */
export const hasQemu = ((): boolean => {
  const { status, stdout } = spawnSync(QEMU, ['-M', 'virt', '-cpu', 'help']);
  return status === 0 && /\brv64i\b/.test(stdout.toString());
})();

/** What our machine lacks or has beside extensions: no debug triggers, all 29 programmable counters. */
const OTHER_PROPERTIES = ['debug=off', 'pmu-mask=0xfffffff8'];

/** QEMU's `-cpu` with these extensions and no others. */
function cpuWith(extensions: ExtensionSet): string {
  const properties = ['s', 'u', 'mmu', 'pmp', ...extensionNames(extensions).filter((name) => name !== 'i')];
  return ['rv64i', ...properties.map((name) => `${name}=on`), ...OTHER_PROPERTIES].join(',');
}

/**
 * Starts QEMU's `virt` board in M-mode at the first byte of RAM, which holds `image`, until the guest powers off; gives what is
 * in RAM then. RAM is a file that QEMU maps, so results of any size cost the guest no output.
 * @param ramSize bytes, a multiple of 1 MiB
 */
export function runOnQemu(
  image: Uint8Array,
  ramSize: number,
  extensions: ExtensionSet = implementedExtensions,
): Uint8Array {
  return runWithRam(ramSize, (ram) => {
    writeFileSync(ram, image, { flag: 'r+' });
    return ['-cpu', cpuWith(extensions), '-bios', 'none', '-serial', 'none'];
  }).ram;
}

/** QEMU's default firmware for this board, if it is installed. */
export const hasOpenSbi = existsSync('/usr/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin');

/** Starts a flat payload in S-mode under OpenSBI, at 0x80200000, until the board powers off; gives RAM and what the UART wrote. */
export function runUnderOpenSbi(
  payload: Uint8Array,
  options: { readonly ramSize: number; readonly harts: number; readonly extensions: ExtensionSet },
): { readonly ram: Uint8Array; readonly console: string } {
  return runWithRam(options.ramSize, (_, folder) => {
    const kernel = join(folder, 'payload');
    writeFileSync(kernel, payload);
    const cpu = ['-cpu', cpuWith(options.extensions), '-smp', String(options.harts)];
    return [...cpu, '-bios', 'default', '-kernel', kernel, '-serial', 'stdio'];
  });
}

/** Runs QEMU until it ends, with RAM in a file that `prepare` may write to before; `prepare` gives the options beside. */
function runWithRam(
  ramSize: number,
  prepare: (ram: string, folder: string) => readonly string[],
): { readonly ram: Uint8Array; readonly console: string } {
  const folder = mkdtempSync(join(tmpdir(), 'qemu-'));
  try {
    const file = join(folder, 'ram');
    writeFileSync(file, '');
    truncateSync(file, ramSize);
    const size = `${ramSize / MIB}M`;
    const options = [
      ...['-M', 'virt,memory-backend=ram', '-m', size, '-display', 'none', '-monitor', 'none'],
      ...['-object', `memory-backend-file,id=ram,size=${size},mem-path=${file},share=on`],
      ...prepare(file, folder),
    ];
    const { status, stdout, stderr, signal } = spawnSync(QEMU, options, { timeout: 120_000 });
    if (status !== 0) throw new Error(`QEMU ended with ${signal ?? status}: ${stderr.toString()}`);
    return { ram: readFileSync(file), console: stdout.toString() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
