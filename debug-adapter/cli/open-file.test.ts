import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFile } from './open-file';

describe('disk image in a file', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-'));
    path = join(folder, 'disk.img');
    writeFileSync(
      path,
      Uint8Array.from({ length: 2000 }, (_, index) => index),
    );
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads what is asked for, and nothing beyond its end', () => {
    const disk = openFile(path, false)!;
    assert.equal(disk.size, 2000);
    const bytes = new Uint8Array(3);
    assert.equal(disk.read(1000, bytes), true);
    assert.deepEqual(bytes, Uint8Array.of(1000, 1001, 1002));
    assert.equal(disk.read(1998, bytes), false);
  });

  it('cannot be written unless it is opened so', () => {
    assert.equal('write' in openFile(path, false)!, false);
    const disk = openFile(path, true)!;
    assert.equal(disk.write?.(1, Uint8Array.of(77, 78)), true);
    assert.equal(disk.flush?.(), true);
    assert.deepEqual([...readFileSync(path).subarray(0, 4)], [0, 77, 78, 3]);
  });

  it('is as large as a disk, and costs no memory', () => {
    truncateSync(path, 2 ** 41);
    const disk = openFile(path, false)!;
    assert.equal(disk.size, 2 ** 41);
    const bytes = new Uint8Array(512).fill(1);
    assert.equal(disk.read(2 ** 41 - 512, bytes), true);
    assert.deepEqual(bytes, new Uint8Array(512));
    assert.ok(statSync(path).blocks < 100);
  });

  it('is nothing where no file is', () => {
    assert.equal(openFile(join(folder, 'nothing'), false), undefined);
  });
});
