/** Programs in the manner of riscv-tests run as they are: here, and on QEMU's `spike` machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BuiltCli } from '../built-cli.test-support';

const compiler = 'riscv64-unknown-elf-gcc';
const qemu = 'qemu-system-riscv64';
const available = (tool: string) => spawnSync(tool, ['--version']).status === 0;

/** Name, how it ends and what it prints. */
const programs = [
  { name: 'arithmetic', source: 'arithmetic.S', status: 0, prints: '' },
  { name: 'failing', source: 'failing.S', status: 11, prints: '' },
  // 1337 as an exit: 668, of which a process can give 8 bits.
  { name: 'trapping', source: 'trapping.S', status: 668 & 0xff, prints: '' },
  { name: 'virtual', source: 'virtual.S', status: 0, prints: '0123' },
  { name: 'benchmark', source: 'benchmark.c', status: 0, prints: 'sum of squares: 338350\n' },
] as const;

describe('a test program with tohost', () => {
  let cli: BuiltCli | undefined;

  before(async function () {
    if (!available(compiler)) return this.skip(); // Debian's gcc-riscv64-unknown-elf.
    this.timeout(120_000);
    cli = await BuiltCli.build();
    for (const { name, source } of programs) compile(source, join(cli.folder, `${name}.elf`));
  });

  after(() => cli?.remove());

  for (const { name, status, prints } of programs) {
    for (const harts of [1, 2]) {
      it(`ends with status ${status}: ${name}, ${harts} hart(s)`, async () => {
        const program = join(cli!.folder, `${name}.elf`);
        const limit = ['--max-instructions', '1000000'];
        const ended = await cli!.run(['run', program, '--smp', String(harts), ...limit]);
        assert.deepEqual(ended, { status, stdout: prints, stderr: '' });
      });
    }

    // QEMU writes single characters for programs only.
    if (name === 'benchmark') continue;
    it(`does the same on QEMU: ${name}`, function () {
      if (!available(qemu)) return this.skip();
      this.timeout(60_000);
      const program = join(cli!.folder, `${name}.elf`);
      const board = ['-M', 'spike', '-bios', program, '-nographic', '-monitor', 'none'];
      const ended = spawnSync(qemu, board, { input: '', timeout: 50_000 });
      assert.equal(ended.error, undefined);
      assert.equal(ended.status, status, ended.stderr.toString());
      assert.equal(ended.stdout.toString(), prints);
    });
  }
});

function compile(source: string, output: string): void {
  const target = ['-march=rv64imac_zicsr_zifencei', '-mabi=lp64', '-mcmodel=medany'];
  const bare = ['-static', '-nostdlib', '-nostartfiles', '-ffreestanding', '-O1', '-T', 'link.ld'];
  const { status, stderr } = spawnSync(compiler, [...target, ...bare, '-o', output, source], {
    cwd: __dirname,
  });
  assert.equal(status, 0, stderr.toString());
}
