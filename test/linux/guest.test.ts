/** What a program in the guest sees of the machine: its harts, its clock, processors that go and come, and the end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuiltCli } from '../built-cli.test-support';
import { linuxKernel } from './linux.test-support';

const compiler = 'riscv64-linux-gnu-gcc';
const freestanding = ['-O1', '-static', '-nostdlib', '-ffreestanding', '-fno-stack-protector'];

describe('a program in a Linux guest', function () {
  this.timeout(180_000);
  let cli: BuiltCli | undefined;
  let initrd: string;

  before(async function () {
    linuxKernel(this, 'stock');
    if (spawnSync(compiler, ['--version']).status !== 0) return this.skip(); // Debian's gcc-riscv64-linux-gnu.
    cli = await BuiltCli.build();
    const init = join(cli.folder, 'init');
    const source = join(__dirname, 'guest-init.c');
    const { status, stderr } = spawnSync(compiler, [...freestanding, '-o', init, source]);
    assert.equal(status, 0, stderr.toString());
    initrd = await cli.file('initrd.cpio', archive('init', readFileSync(init)));
  });

  after(() => cli?.remove());

  async function run(kernel: string, ...more: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await cli!.run([
      ...['run', kernel, '--initrd', initrd, '--max-instructions', '600000000'],
      ...more,
    ]);
    assert.equal(status, 0, stderr + stdout.slice(-2000));
    return stdout.replaceAll('\r', '');
  }

  const contents = (output: string, path: string): string[] =>
    [...output.matchAll(new RegExp(`<${path}>\n([^]*?)</${path}>`, 'g'))].map((match) => match[1]!);

  for (const [harts, firmware] of [
    [1, 'builtin'],
    [4, 'builtin'],
    [2, '/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin'],
  ] as const) {
    it(`finds its harts, its sleeps, and its processors back: ${harts} hart(s), firmware ${firmware}`, async function () {
      if (firmware !== 'builtin' && !existsSync(firmware)) return this.skip(); // Debian's opensbi.
      const machine = ['--smp', String(harts), '--firmware', firmware, '--append', 'console=ttyS0 quiet'];
      const output = await run(linuxKernel(this, 'stock'), ...machine);

      const [cpuinfo = ''] = contents(output, '/proc/cpuinfo');
      const field = (name: string) =>
        [...cpuinfo.matchAll(new RegExp(`^${name}\\s*: (.*)$`, 'gm'))].map((match) => match[1]);
      assert.deepEqual(field('processor'), field('hart'));
      assert.deepEqual(field('hart').toSorted(), ['0', '1', '2', '3'].slice(0, harts));
      for (const isa of field('hart isa')) assert.match(isa!, /^rv64imafdc_.*zicntr.*sstc/);
      assert.equal(field('mmu').length, harts);

      for (const [, slept, wanted] of output.matchAll(/slept (\d+) us of (\d+)/g)) {
        const late = Number(slept) - Number(wanted);
        // A tick of the kernel's (HZ=250 or more) is the latest that a timer comes on an idle machine.
        assert.ok(late >= 0 && late < 5000, `slept ${slept} us of ${wanted}`);
      }
      assert.equal([...output.matchAll(/slept /g)].length, 3);

      const all = Array.from({ length: harts }, (_, cpu) => cpu);
      const without = all.filter((cpu) => cpu !== 1);
      const rounds = harts > 1 ? 3 : 0;
      const visited = [all, ...Array.from({ length: rounds }, () => [without, all]).flat()].flat();
      assert.deepEqual(
        [...output.matchAll(/on cpu (-?\d)/g)].map((match) => Number(match[1])),
        visited,
      );
      assert.doesNotMatch(output, /put .*: failed/);
      const online = contents(output, '/sys/devices/system/cpu/online').map((text) => text.trim());
      const [less, full] = harts === 4 ? ['0,2-3', '0-3'] : ['0', '0-1'];
      assert.deepEqual(online, Array.from({ length: rounds }, () => [less, full]).flat());
    });
  }

  it('reads the isa that the machine was narrowed to', async function () {
    const options = ['--isa', 'rv64imafdc_sstc', '--append', 'console=hvc0 quiet'];
    const output = await run(linuxKernel(this, 'stock'), ...options);
    assert.match(output, /^hart isa\s*: rv64imafdc_zicntr_zicsr_zifencei_zihpm_\S*sstc$/m);
    assert.doesNotMatch(output, /^isa.*zba/m);
  });

  it('restarts the machine, which ends it', async function () {
    await run(linuxKernel(this, 'stock'), '--append', 'console=ttyS0 quiet END=restart');
  });
});

/** A cpio archive ("newc") with one executable and a console. */
function archive(name: string, contents: Uint8Array): Uint8Array {
  const device = { major: 5, minor: 1 };
  return Buffer.concat([
    entry('dev', 0o040755, new Uint8Array()),
    entry('dev/console', 0o020600, new Uint8Array(), device),
    entry(name, 0o100755, contents),
    entry('TRAILER!!!', 0, new Uint8Array()),
  ]);
}

/** Linux Documentation/driver-api/early-userspace/buffer-format.rst. */
function entry(
  name: string,
  mode: number,
  contents: Uint8Array,
  device: { readonly major: number; readonly minor: number } = { major: 0, minor: 0 },
): Uint8Array {
  const { major, minor } = device;
  const fields = [1, mode, 0, 0, 1, 0, contents.length, 0, 0, major, minor, name.length + 1, 0];
  const header = `070701${fields.map((value) => value.toString(16).padStart(8, '0')).join('')}${name}\0`;
  const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return Buffer.concat([padded(Buffer.from(header)), padded(contents)]);
}
