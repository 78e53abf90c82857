import assert from 'node:assert/strict';
import type { BlockStore } from '../target/create-target';
import { UserError, type DiskOption, type FileSystem } from './api';
import { openDisks } from './disks';
import { LaunchFiles } from './launch-files';

const storeOf = (text: string, write: boolean): BlockStore => {
  const bytes = Buffer.from(text, 'latin1');
  return {
    size: bytes.length,
    read: (offset, target) => bytes.copy(target, 0, offset) === target.length,
    ...(write && { write: () => true }),
  };
};

/** Files by path; those whose content begins with `read-only` cannot be written. */
const filesOf = (contents: Readonly<Record<string, string>>): FileSystem => ({
  readFile: () => Promise.reject(new Error('A disk image is not read as a whole.')),
  kind: (path) => Promise.resolve(path in contents ? 'file' : path === '/' ? 'directory' : undefined),
  open: (path, write) =>
    Promise.resolve(
      write && contents[path]!.startsWith('read-only') ? undefined : storeOf(contents[path]!, write),
    ),
  resolve: (path) => `/${path}`,
  findByName: () => Promise.resolve([]),
});

const open = async (disk: string | DiskOption | (string | DiskOption)[], contents: Record<string, string>) =>
  (await openDisks({ program: '', disk }, new LaunchFiles(filesOf(contents), {}))).disks!;

describe('disks of a launch', () => {
  it('are one or several, by path or as an object', async () => {
    const contents = { '/a': 'a', '/b': 'bb' };
    const sizes = async (disk: Parameters<typeof open>[0]) =>
      (await open(disk, contents)).map(({ store, write }) => [store.size, write]);
    assert.deepEqual(await sizes('a'), [[1, false]]);
    assert.deepEqual(await sizes({ file: 'b', write: true }), [[2, true]]);
    assert.deepEqual(await sizes([{ file: 'b' }, 'a']), [
      [2, false],
      [1, false],
    ]);
    assert.deepEqual(await sizes([]), []);
  });

  for (const [what, disk, content, message] of [
    ['does not exist', 'b', '', /There is no disk image '\/b': check/],
    ['is a directory', '', 'x', /The disk image '\/' is a directory/],
    ['is empty', 'a', '', /The disk image '\/a' is empty: .*truncate/],
    ['is of another machine', 'a', 'QFI\xfb...', /qcow2 format: .*qemu-img convert -O raw/],
    ['cannot be written as asked', { file: 'a', write: true }, 'read-only', /cannot be written: .*"write"/],
  ] as const) {
    it(`say what to do when an image ${what}`, async () => {
      await assert.rejects(
        open(disk, { '/a': content }),
        (error) => error instanceof UserError && message.test(error.message),
      );
    });
  }

  it('need no right to write as long as they are not to be written', async () => {
    assert.equal('write' in (await open('a', { '/a': 'read-only' }))[0]!.store, false);
  });
});
