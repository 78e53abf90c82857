/**
 * Debian's kernels for riscv64, unchanged, with Debian's busybox: from `run` to a prompt, and what is typed there. The kernels
 * are what `fetch.sh` fetched; without them the tests skip themselves.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuiltCli } from '../built-cli.test-support';
import { GuestShell } from './guest-shell.test-support';
import { initramfsOf, kernelOf, PROMPT, suites, type Suite } from './suite.test-support';

describe("a distribution's kernel", function () {
  // About 20 seconds to the prompt on an idle machine.
  this.timeout(600_000);
  let cli: BuiltCli;

  before(async () => {
    cli = await BuiltCli.build();
  });
  after(() => cli.remove());

  for (const suite of suites) {
    const kernel = kernelOf(suite);
    describe(`of Debian ${suite}${kernel === undefined ? ' (skipped: test/distribution/fetch.sh has not fetched it)' : ''}`, () => {
      before(function () {
        if (kernel === undefined) this.skip();
      });

      describe('on two harts', () => {
        let disk: string | undefined;
        const guest = booted(async () => {
          disk = await diskImage(cli);
          return boot(cli, suite, ['--smp', '2', ...(disk === undefined ? [] : ['--disk', disk])]);
        });

        it('shows both harts in /proc/cpuinfo with the instructions and the paging that they have', async () => {
          const { output } = await guest.shell.command('cat /proc/cpuinfo');
          const all = (field: string): string[] =>
            [...output.matchAll(new RegExp(`^${field}\\s*: (.*)$`, 'gm'))].map(([, value = '']) => value);
          assert.deepEqual(all('hart'), ['0', '1']);
          assert.equal(all('isa').length, 2);
          for (const isa of all('isa')) assert.match(isa, /^rv64imafdc_/);
          assert.deepEqual(all('mmu'), ['sv57', 'sv57']);
        });

        it('sleeps a second in a second of its own time', async () => {
          const { output } = await guest.shell.command('date +%s; sleep 1; date +%s; sleep 3; date +%s');
          const [start = 0, second = 0, third = 0] = output.trim().split('\n').map(Number);
          // Whole seconds are shown, so a sleep may seem a second longer.
          assert.ok(second - start >= 1 && second - start <= 2, output);
          assert.ok(third - second >= 3 && third - second <= 4, output);
        });

        it('calculates with floating point in user mode', async () => {
          // Newton's square root of 2, and e as the sum of its series: only + and / of doubles.
          const { output } = await guest.shell.command(
            `awk 'BEGIN { r = 1; while (n++ < 9) r = (r + 2 / r) / 2; t = 1; for (i = 1; i < 25; i++) { e += t; t /= i } printf "%.15g %.15g %.3e\\n", r, e, 1 / 3e200 }'`,
          );
          assert.equal(output, '1.41421356237309 2.71828182845905 3.333e-201\n');
        });

        it('takes a hart out of service and back', async () => {
          const online = '/sys/devices/system/cpu/online';
          const switched = '/sys/devices/system/cpu/cpu1/online';
          const { output, status } = await guest.shell.command(
            `echo 0 > ${switched}; cat ${online}; echo 1 > ${switched}; cat ${online}; taskset 2 grep ^Cpus_allowed: /proc/self/status`,
          );
          assert.deepEqual({ output, status }, { output: '0\n0-1\nCpus_allowed:\t2\n', status: 0 });
        });

        it('runs one busy program on each hart at once', async () => {
          const { output } = await guest.shell.command(
            'for mask in 1 2; do taskset $mask sh -c "i=0; while [ \\$i -lt 20000 ]; do i=\\$((i+1)); done; echo \\$i" & done; wait',
          );
          assert.equal(output.match(/^20000$/gm)?.length, 2, output);
        });

        it('mounts a disk, writes to it, and leaves its file as it was', async function () {
          if (disk === undefined) {
            this.test!.title += ' (skipped: no mke2fs)';
            this.skip();
          }
          const before = readFileSync(disk);
          const { output, status } = await guest.shell.command(
            'mount -t ext4 /dev/vda /mnt && cat /mnt/hello && echo changed > /mnt/hello && umount /mnt && mount -t ext4 /dev/vda /mnt && cat /mnt/hello && umount /mnt',
          );
          assert.deepEqual({ output, status }, { output: 'from the host\nchanged\n', status: 0 });
          assert.ok(before.equals(readFileSync(disk)));
        });

        it('reports nothing that it had to mend or could not bear', async () => {
          const { output } = await guest.shell.command('dmesg');
          assert.doesNotMatch(
            output,
            /BUG:|WARNING:|Oops|unhandled signal|Call Trace|rcu: INFO|soft lockup|Unable to handle/,
          );
        });

        it('powers off with exit status 0', async () => {
          guest.shell.send('poweroff -f');
          assert.equal(await guest.shell.end(), 0);
          assert.match(guest.shell.console, /reboot: Power down/);
        });
      });

      it('ends in a reset when it reboots', async () => {
        const shell = await boot(cli, suite, []);
        try {
          shell.send('reboot -f');
          assert.equal(await shell.end(), 0);
          assert.match(shell.console, /reboot: Restarting system/);
          assert.match(shell.errors, /reset/);
        } finally {
          shell.kill();
        }
      });
    });
  }
});

/** A shell that `before` boots for the tests of a `describe` and `after` ends. */
function booted(start: () => Promise<GuestShell>): { readonly shell: GuestShell } {
  let shell: GuestShell | undefined;
  before(async () => {
    shell = await start();
  });
  after(() => shell?.kill());
  return {
    get shell() {
      return shell!;
    },
  };
}

/** A disk with an ext4 file system that has the file `hello`; `undefined` without e2fsprogs. */
async function diskImage(cli: BuiltCli): Promise<string | undefined> {
  const path = await cli.file('disk.img', new Uint8Array(16 << 20));
  const root = join(cli.folder, 'disk');
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'hello'), 'from the host\n');
  // Where Debian has it, also for those whose PATH lacks /usr/sbin.
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const { status } = spawnSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', root, path], {
    env: { ...process.env, PATH },
  });
  return status === 0 ? path : undefined;
}

async function boot(cli: BuiltCli, suite: Suite, options: readonly string[]): Promise<GuestShell> {
  const initrd = await cli.file(`${suite}.cpio`, initramfsOf(suite));
  const args = ['run', kernelOf(suite)!, '--initrd', initrd, '--memory', '512M', '--append', 'console=ttyS0'];
  const shell = new GuestShell(cli.start([...args, ...options]));
  await shell.until(new RegExp(PROMPT));
  return shell;
}
