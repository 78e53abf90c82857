/** initramfs.ts ARCHIVE INIT MODULE…: writes an initramfs whose first process is INIT, with modules in /m. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { cpio, type CpioEntry } from '../../distribution/cpio.test-support';

const [archive, init, ...modules] = process.argv.slice(2);
const folder = (name: string): CpioEntry => ({ name, mode: 0o40755 });
writeFileSync(
  archive!,
  cpio([
    ...['dev', 'm'].map(folder),
    { name: 'dev/console', mode: 0o20600, device: [5, 1] },
    { name: 'init', mode: 0o100755, data: readFileSync(init!) },
    ...modules.map((path): CpioEntry => ({
      name: `m/${basename(path)}`,
      mode: 0o100644,
      data: readFileSync(path),
    })),
  ]),
);
