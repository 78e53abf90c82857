import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

/** QEMU wants a kernel with physical addresses: the image next to its vmlinux. Nothing if there is no objcopy. */
export function linuxImage(vmlinux: string): string | undefined {
  const image = join(dirname(vmlinux), 'Image');
  const { status } = spawnSync('riscv64-linux-gnu-objcopy', ['-O', 'binary', '-S', vmlinux, image]);
  return status === 0 ? image : undefined;
}
