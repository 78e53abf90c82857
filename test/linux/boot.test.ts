/** Real kernels boot to power-off: builds, consoles, numbers of harts and firmware. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BuiltCli } from '../built-cli.test-support';
import { linuxInitrd, linuxKernel, type LinuxBuild } from './linux.test-support';

const openSbi = '/usr/lib/riscv64-linux-gnu/opensbi/generic';
const limit = ['--max-instructions', '400000000'];

interface Boot {
  readonly build: LinuxBuild;
  readonly harts: number;
  readonly console: 'ttyS0' | 'hvc0';
  readonly more?: readonly string[];
}

const matrix: readonly Boot[] = (['metadata', 'stock'] as const).flatMap((build) =>
  [1, 2, 4].flatMap((harts) => (['ttyS0', 'hvc0'] as const).map((console) => ({ build, harts, console }))),
);

const firmware = (name: string): Pick<Boot, 'more'> => ({ more: ['--firmware', join(openSbi, name)] });

describe('Linux', function () {
  this.timeout(120_000);
  let cli: BuiltCli | undefined;

  before(async function () {
    linuxKernel(this, 'metadata');
    cli = await BuiltCli.build();
  });

  after(() => cli?.remove());

  async function boots(kernel: string, { harts, console, more = [] }: Omit<Boot, 'build'>): Promise<string> {
    const machine = ['--initrd', linuxInitrd, '--append', `console=${console}`, '--smp', String(harts)];
    const { status, stdout, stderr } = await cli!.run(['run', kernel, ...machine, ...more, ...limit]);
    assert.equal(status, 0, stderr + stdout.slice(-2000));
    assert.equal(stderr, '', 'run says nothing about symbols that it does not read');
    assert.match(stdout, /\[init\] done, powering off/);
    assert.match(stdout, new RegExp(`smp: Brought up 1 node, ${Math.min(harts, 4)} CPU`));
    return stdout;
  }

  for (const boot of [...matrix, { build: 'stock', harts: 8, console: 'hvc0' } as const]) {
    const { build, harts, console } = boot;
    it(`boots to power-off: ${build} build, ${harts} hart(s), console ${console}`, async function () {
      await boots(linuxKernel(this, build), boot);
    });
  }

  const underOpenSbi: readonly (Omit<Boot, 'build'> & { readonly name: string })[] = [
    { name: 'fw_dynamic.bin', harts: 1, console: 'ttyS0' },
    { name: 'fw_dynamic.elf', harts: 2, console: 'hvc0' },
    { name: 'fw_jump.bin', harts: 4, console: 'ttyS0' },
    { name: 'fw_jump.elf', harts: 1, console: 'hvc0' },
  ];
  for (const boot of underOpenSbi) {
    it(`boots under OpenSBI's ${boot.name}: ${boot.harts} hart(s), console ${boot.console}`, async function () {
      if (!existsSync(join(openSbi, boot.name))) return this.skip(); // Debian's opensbi.
      const output = await boots(linuxKernel(this, 'metadata'), { ...boot, ...firmware(boot.name) });
      assert.match(output, /SBI implementation ID=0x1 /);
    });
  }

  for (const [what, more] of [
    ['the built-in firmware', []],
    ['OpenSBI', firmware('fw_dynamic.bin').more!],
  ] as const) {
    it(`boots without Sstc, on timers of ${what}`, async function () {
      if (more.length > 0 && !existsSync(more[1]!)) return this.skip();
      const isa = ['--isa', 'rv64gc_zicntr_zihintpause'];
      const output = await boots(linuxKernel(this, 'metadata'), {
        harts: 2,
        console: 'ttyS0',
        more: [...more, ...isa],
      });
      assert.match(output, /^hart isa\s*: rv64imafdc_(?!.*sstc)/m);
    });
  }

  it('boots from a flat Image compressed with gzip', async function () {
    const vmlinux = linuxKernel(this, 'metadata');
    const image = join(cli!.folder, 'Image');
    const { status, error } = spawnSync('riscv64-linux-gnu-objcopy', ['-O', 'binary', '-S', vmlinux, image]);
    if (error) return this.skip(); // Debian's binutils-riscv64-linux-gnu.
    assert.equal(status, 0);
    const packed = await cli!.file('Image.gz', gzipSync(readFileSync(image)));
    await boots(packed, { harts: 1, console: 'ttyS0' });
  });
});
