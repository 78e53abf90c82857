import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { FileSystem } from './api';
import { LaunchFiles } from './launch-files';

const content = new Uint8Array(10_000).map((_, index) => index * 7);

/** One file, and what was read of it in pieces, in bytes. */
function host(bytes: Uint8Array, kind: 'file' | 'stream' = 'file', size = bytes.length) {
  const read = { pieces: 0, whole: 0 };
  const files: FileSystem = {
    kind: () => Promise.resolve(kind),
    readFile() {
      read.whole += bytes.length;
      return Promise.resolve(bytes);
    },
    open() {
      assert.equal(kind, 'file', 'a stream is not opened twice');
      return Promise.resolve({
        size,
        read(offset: number, target: Uint8Array) {
          read.pieces += target.length;
          target.set(bytes.subarray(offset, offset + target.length));
          return offset + target.length <= bytes.length;
        },
      });
    },
    resolve: (path) => path,
    findByName: () => Promise.resolve([]),
  };
  return { read, files: new LaunchFiles(files, {}) };
}

describe('a file of a launch', () => {
  it('is read where it is needed only', async () => {
    const { read, files } = host(content);
    const { source } = await files.open('kernel', 'vmlinux');
    assert.equal(source.size, content.length);
    assert.deepEqual(source.read(5000, 100), content.subarray(5000, 5100));
    assert.equal(read.whole, 0);
    assert.ok(read.pieces < 200, `${read.pieces}`);
  });

  it('gives what there is at its end, and nothing beyond it', async () => {
    const { source } = await host(content).files.open('kernel', 'vmlinux');
    assert.deepEqual(source.read(9_990, 100), content.subarray(9_990));
    for (const offset of [10_000, 2 ** 52]) assert.equal(source.read(offset, 100).length, 0);
    assert.equal(source.read(0, 2 ** 52).length, content.length);
  });

  it('gives nothing where it cannot be read, or is larger than memory', async () => {
    const shrunk = await host(content, 'file', 20_000).files.open('kernel', 'vmlinux');
    assert.equal(shrunk.source.read(9_990, 100).length, 0);
    const huge = await host(content, 'file', 2 ** 52).files.open('kernel', 'vmlinux');
    assert.equal(huge.source.read(0, 2 ** 52).length, 0);
  });

  it('is read as a whole if it is compressed, a stream, or has no size', async () => {
    for (const { files } of [
      host(new Uint8Array(gzipSync(content))),
      host(content, 'stream'),
      host(new Uint8Array(gzipSync(content)), 'stream'),
      host(content, 'file', 0),
    ]) {
      const { source } = await files.open('kernel', 'vmlinux');
      assert.deepEqual(source.read(0, source.size), content);
    }
  });
});
