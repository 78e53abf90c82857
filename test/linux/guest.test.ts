/** What a program in the guest sees of the machine: its harts, its clock, processors that go and come, and the end. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { BuiltCli } from '../built-cli.test-support';
import { guestInitrd } from './guest-initrd.test-support';
import { linuxKernel } from './linux.test-support';

describe('a program in a Linux guest', function () {
  this.timeout(180_000);
  let cli: BuiltCli | undefined;
  let initrd: string;

  before(async function () {
    linuxKernel(this, 'stock');
    const contents = guestInitrd(this);
    cli = await BuiltCli.build();
    initrd = await cli.file('initrd.cpio', contents);
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
