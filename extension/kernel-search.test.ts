import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { elfFile } from './kernel-image.test-support';
import { findKernels, kernelAt } from './kernel-search';

describe('the search for kernels in a folder', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'kernel-search-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const put = async (path: string, bytes: Uint8Array | string, mode = 0o644) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes, { mode });
  };
  const found = async () => (await findKernels(folder)).map((kernel) => relative(folder, kernel.path));

  it('puts vmlinux before *.elf, and both before other executables, upper folders first', async () => {
    await put('deep/er/other.elf', elfFile());
    await put('kernel/kernel', elfFile(), 0o755);
    await put('build/vmlinux', elfFile());
    await put('a.elf', elfFile());
    assert.deepEqual(await found(), ['build/vmlinux', 'a.elf', 'deep/er/other.elf', 'kernel/kernel']);
  });

  it('looks into the files: names prove nothing', async () => {
    await put('vmlinux', elfFile({ machine: 62 }));
    await put('notes.elf', 'not an ELF file');
    await put('empty.elf', '');
    await put('script', '#!/bin/sh\n', 0o755);
    assert.deepEqual(await found(), []);
  });

  it('does not open object files, hidden folders and installed packages', async () => {
    await put('entry.o', elfFile());
    await put('.git/kernel.elf', elfFile());
    await put('node_modules/x/kernel.elf', elfFile());
    assert.deepEqual(await found(), []);
  });

  it('finds nothing in a folder that does not exist', async () => {
    assert.deepEqual(await findKernels(join(folder, 'missing')), []);
    assert.equal(await kernelAt(join(folder, 'missing')), undefined);
  });
});
