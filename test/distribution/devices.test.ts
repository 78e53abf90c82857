/**
 * The machine's devices under Debian's own drivers: virtio block, console and entropy, the real-time clock. The kernels are what
 * `fetch.sh` fetched; without them the tests skip themselves.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BuiltCli } from '../built-cli.test-support';
import { GuestShell } from './guest-shell.test-support';
import { initramfsOf, kernelOf, PROMPT, suites } from './suite.test-support';

const MIB = 1024 * 1024;
const MARK = 'written by the guest';

describe('devices under Linux', function () {
  // Twenty seconds to the prompt on an idle machine.
  this.timeout(900_000);

  for (const suite of suites) {
    const kernel = kernelOf(suite);
    describe(`of Debian ${suite}${kernel === undefined ? ' (skipped: test/distribution/fetch.sh has not fetched it)' : ''}`, () => {
      let cli: BuiltCli | undefined;
      let shell: GuestShell | undefined;
      let disks: string[];
      const image = Uint8Array.from({ length: 3 * MIB + 700 }, (_, index) => index * 31 + (index >> 8));

      before(async function () {
        if (kernel === undefined) return this.skip();
        cli = await BuiltCli.build();
        disks = [await cli.file('read.img', image), await cli.file('write.img', new Uint8Array(16 * MIB))];
        const made = spawnSync('mkfs.ext4', ['-q', disks[1]!], { env: { PATH: '/usr/sbin:/sbin' } });
        if (made.error) this.skip(); // Needs e2fsprogs.
        const initrd = await cli.file('initramfs.cpio', initramfsOf(suite));
        shell = new GuestShell(
          cli.start([
            ...['run', kernel, '--initrd', initrd, '--memory', '512M', '--append', 'console=ttyS0'],
            ...['--disk', disks[0]!, '--disk', `${disks[1]!},write`, '--rtc', '2001-02-03T04:05:06Z'],
          ]),
        );
        await shell.until(new RegExp(PROMPT));
      });
      after(async () => {
        shell?.kill();
        await cli?.remove();
      });

      const output = async (command: string): Promise<string> => {
        const { output, status } = await shell!.command(command);
        assert.equal(status, 0, output);
        return output.trim();
      };

      it('a disk has the bytes of its image, and zeros up to the end of the last sector', async () => {
        const padded = Buffer.concat([image, new Uint8Array(512 - (image.length % 512))]);
        assert.equal(await output('cat /sys/block/vda/size'), `${padded.length / 512}`);
        assert.equal(await output('cat /sys/block/vda/serial'), 'disk0');
        assert.equal(
          (await output('md5sum /dev/vda')).split(' ')[0],
          createHash('md5').update(padded).digest('hex'),
        );
      });

      it('a disk can be written, and reads back what was written when the cache is empty', async () => {
        await output(`echo ${MARK} | dd of=/dev/vda bs=512 seek=9 conv=notrunc,fsync 2>/dev/null`);
        await output('echo 3 > /proc/sys/vm/drop_caches');
        assert.equal(
          await output(`dd if=/dev/vda bs=512 skip=9 count=1 2>/dev/null | head -c ${MARK.length}`),
          MARK,
        );
      });

      it('a file system on a disk keeps files', async () => {
        await output('mount -t ext4 /dev/vdb /mnt');
        await output(
          `echo ${MARK} > /mnt/mark; dd if=/dev/urandom of=/mnt/a bs=64k count=100 2>/dev/null; cp /mnt/a /mnt/b`,
        );
        await output('umount /mnt && echo 3 > /proc/sys/vm/drop_caches && mount -t ext4 /dev/vdb /mnt');
        assert.equal(await output('cmp /mnt/a /mnt/b && cat /mnt/mark'), MARK);
        await output('umount /mnt');
      });

      it('the entropy device is the source of /dev/hwrng', async () => {
        assert.match(await output('cat /sys/class/misc/hw_random/rng_current'), /^virtio_rng/);
        const bytes = await output(
          'dd if=/dev/hwrng bs=16 count=2 2>/dev/null | hexdump -v -e \'16/1 "%02x" "\\n"\'',
        );
        assert.match(bytes, /^[0-9a-f]{32}\n[0-9a-f]{32}$/);
        assert.equal(new Set(bytes.split('\n')).size, 2);
      });

      it('the real-time clock shows the configured time, and Linux has taken it over', async () => {
        assert.match(await output('hwclock -r -u'), /^Sat Feb {2}3 04:0[5-9]:\d\d 2001/);
        assert.match(await output('date -u'), /^Sat Feb {2}3 04:0[5-9]:\d\d UTC 2001/);
        await output('date -u -s "2031-01-01 00:00:00" && hwclock -w -u');
        assert.match(await output('hwclock -r -u'), /^Wed Jan {2}1 00:0\d:\d\d 2031/);
      });

      it('the serial line sends a long text with few interrupts', async () => {
        const interrupts = async () => Number((await output('grep ttyS0 /proc/interrupts')).split(/\s+/)[1]);
        const before = await interrupts();
        const text = await output("dd if=/dev/zero bs=1k count=16 2>/dev/null | tr '\\0' x");
        assert.equal(text, 'x'.repeat(16 * 1024));
        // Typing and echoing the commands takes some too.
        const count = (await interrupts()) - before;
        assert.ok(count < (16 * 1024) / 16, `${count} interrupts`);
      });

      it('a shell on hvc0 is typed to once it has written there', async () => {
        // The echo of what is typed must not look like what is waited for.
        shell!.send('setsid sh -c \'(echo here is hvc""0; exec sh -i) < /dev/hvc0 > /dev/hvc0 2>&1\'');
        await shell!.until(new RegExp(`here is hvc0[^]*${PROMPT}`));
        assert.equal(await output('readlink /proc/self/fd/2'), '/dev/hvc0');
      });

      it('leaves the image alone that is not to be written, and keeps what was written to the other', async () => {
        shell!.send('poweroff -f');
        assert.equal(await shell!.end(), 0);
        assert.deepEqual(await readFile(disks[0]!), Buffer.from(image));
        assert.ok((await readFile(disks[1]!)).includes(MARK));
      });
    });
  }
});
