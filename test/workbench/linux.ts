/** A workspace as a kernel developer has one: a vmlinux, the sources that it was built from elsewhere, and a launch.json. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { out } from './server';

const folder = process.env['RISCV_UNWIND_LINUX'] ?? '';
const vmlinux = join(folder, 'vmlinux-metadata.gz');

export const hasLinux = folder !== '' && existsSync(vmlinux);

/** Makes the workspace; the result is its path. */
export function linuxTree(name: string): string {
  const tree = join(out, 'workspaces', name, 'linux-7.3');
  cpSync(join(folder, 'src'), tree, { recursive: true });
  writeFileSync(join(tree, 'vmlinux'), gunzipSync(readFileSync(vmlinux)));
  cpSync(join(folder, 'init.cpio'), join(tree, 'init.cpio'));
  const configuration = {
    type: 'riscv-unwind',
    request: 'launch',
    name: 'Linux',
    program: '${workspaceFolder}/vmlinux',
    initrd: '${workspaceFolder}/init.cpio',
    append: 'console=ttyS0',
  };
  mkdirSync(join(tree, '.vscode'));
  writeFileSync(
    join(tree, '.vscode/launch.json'),
    JSON.stringify({ version: '0.2.0', configurations: [configuration] }, undefined, 2),
  );
  return tree;
}
