/** Kernels of Debian's suites, as `fetch.sh` leaves them, and the initramfs that the tests boot them with. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpio, type CpioEntry } from './cpio.test-support';

const cache = join(__dirname, 'cache');

/** trixie is a release, sid what comes after it. */
export const suites = ['trixie', 'sid'] as const;
export type Suite = (typeof suites)[number];

/** Path of the suite's kernel; `undefined` if it is not fetched. */
export function kernelOf(suite: Suite): string | undefined {
  const path = join(cache, suite, 'Image');
  return existsSync(path) ? path : undefined;
}

/** File types of `st_mode`. */
const FOLDER = 0o40755;
const PROGRAM = 0o100755;
const FILE = 0o100644;
const LINK = 0o120777;
const TERMINAL = 0o20600;

export const PROMPT = 'guest# ';

/** Brings up what a shell needs, and the modules' devices. */
const start = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in /modules/*; do insmod $module; done
`;

/**
 * Leaves the user at the prompt, with job control as on a real console. From there on the console shows of the kernel's messages
 * only its last words, so that they do not mix with a command's output.
 */
const shell = `dmesg -n 1
export PS1='${PROMPT}'
exec setsid cttyhack sh
`;

/** What is left to do for an init that no one watches. */
export const POWER_OFF = 'poweroff -f\n';

/** The initramfs: busybox, the suite's modules, and an init that ends at busybox's prompt, or with other commands. */
export function initramfsOf(suite: Suite, end = shell): Uint8Array {
  const folder = join(cache, suite);
  const modules = readdirSync(join(folder, 'modules')).toSorted();
  return cpio([
    ...['bin', 'dev', 'proc', 'sys', 'mnt', 'modules'].map((name): CpioEntry => ({ name, mode: FOLDER })),
    { name: 'dev/console', mode: TERMINAL, device: [5, 1] },
    { name: 'bin/busybox', mode: PROGRAM, data: readFileSync(join(folder, 'busybox')) },
    { name: 'bin/sh', mode: LINK, data: 'busybox' },
    { name: 'init', mode: PROGRAM, data: start + end },
    ...modules.map((name): CpioEntry => ({
      name: `modules/${name}`,
      mode: FILE,
      data: readFileSync(join(folder, 'modules', name)),
    })),
  ]);
}
