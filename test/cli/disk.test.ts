import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { guest } from '../../emulator/guest.test-support';
import { diskProgram } from '../../emulator/virtio-guest.test-support';
import { BuiltCli } from '../built-cli.test-support';
import { tinyElf } from './tiny-elf.test-support';

describe('run with a disk', () => {
  let cli: BuiltCli;
  let kernel: string;
  let disks: string[];

  before(async () => {
    cli = await BuiltCli.build();
    const { data } = guest(diskProgram).image.segments[0]!;
    const code = [...new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4)];
    kernel = await cli.file('disk.elf', tinyElf({ code }));
    const image = new Uint8Array(1024).fill(0x41);
    disks = [await cli.file('a,write.img', image), await cli.file('b.img', image)];
  });
  after(() => cli.remove());

  /** The byte that the guest counts up, in each image. */
  const counts = () => Promise.all(disks.map(async (path) => (await readFile(path))[512]! - 0x41));

  it('never writes to the image unless asked, and then to the one that was meant', async () => {
    const run = async (...options: string[]) => {
      const { status, stderr } = await cli.run(['run', kernel, ...options]);
      assert.equal(stderr, '');
      assert.equal(status, 0);
      return counts();
    };
    assert.deepEqual(await run('--disk', disks[0]!), [0, 0]);
    assert.deepEqual(await run('--disk', disks[0]!, '--disk', `${disks[1]!},write`), [0, 0]);
    assert.deepEqual(await run('--disk', `${disks[1]!},write`, '--disk', disks[0]!), [0, 1]);
    assert.deepEqual(await run('--disk', `${disks[0]!},write`), [1, 1]);
  });
});
