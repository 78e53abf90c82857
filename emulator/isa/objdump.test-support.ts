import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OBJDUMP = 'riscv64-unknown-elf-objdump';

export const hasObjdump = spawnSync(OBJDUMP, ['--version']).status === 0;

/** Disassembles words at address 0, each padded to 4 bytes if it is compressed. Text by address. */
export function objdump(bytes: Uint8Array): Map<number, string> {
  const folder = mkdtempSync(join(tmpdir(), 'objdump-'));
  try {
    const file = join(folder, 'code.bin');
    writeFileSync(file, bytes);
    const { stdout } = spawnSync(OBJDUMP, ['-D', '-b', 'binary', '-m', 'riscv:rv64', '-z', file], {
      maxBuffer: 1 << 28,
    });
    const lines = stdout.toString().matchAll(/^\s*([\da-f]+):\t[\da-f ]+\t(.*)$/gm);
    return new Map([...lines].map(([, address = '', text = '']) => [parseInt(address, 16), clean(text)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Tabs become spaces; comments and symbols go. */
const clean = (text: string): string =>
  text
    .replace(/\s*(#|<).*$/, '')
    .replace('\t', ' ')
    .trim();
