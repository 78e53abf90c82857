import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readElf } from '../debug-adapter/symbols/elf/elf-file';
import type { BuiltCli } from '../test/built-cli.test-support';
import { measureBoot } from './boot';
import { requirements } from './requirements';
import { skipped, type Section } from './section';

const title = 'A small Linux, from start to power-off';
const folder = process.env['RISCV_UNWIND_LINUX'] ?? '';

/** The kernel with its debug information and its initramfs, which forks, faults, sleeps and powers off. */
export async function measureLinux(cli: BuiltCli, rounds: number): Promise<Section> {
  const packed = join(folder, 'vmlinux-metadata.gz');
  if (folder === '' || !existsSync(packed)) {
    return skipped(title, 'RISCV_UNWIND_LINUX names no folder with vmlinux-metadata.gz');
  }
  const vmlinux = gunzipSync(readFileSync(packed));
  return measureBoot(
    cli,
    {
      title,
      name: 'small Linux',
      ourKernel: await cli.file('vmlinux', vmlinux),
      kernel: await cli.file('Image', flatImage(vmlinux)),
      initrd: join(folder, 'init.cpio'),
      append: 'console=ttyS0',
      memoryMegabytes: 128,
      time: requirements.smallLinux,
    },
    rounds,
  );
}

/** As `objcopy -O binary` makes it: what is loaded, at its distance from the lowest address. */
function flatImage(vmlinux: Uint8Array): Uint8Array {
  const { segments } = readElf(vmlinux);
  const base = segments.reduce(
    (lowest, { physicalAddress }) => (physicalAddress < lowest ? physicalAddress : lowest),
    segments[0]!.physicalAddress,
  );
  const placed = segments.map(({ physicalAddress, data }) => ({ at: Number(physicalAddress - base), data }));
  const image = new Uint8Array(Math.max(...placed.map(({ at, data }) => at + data.length)));
  for (const { at, data } of placed) image.set(data, at);
  return image;
}
