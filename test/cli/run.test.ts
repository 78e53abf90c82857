import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { linuxImage } from '../../debug-adapter/image/linux-image.test-support';
import { BuiltCli } from '../built-cli.test-support';
import { sample } from './in-process.test-support';
import { exitWith, tinyElf, waitForEver } from './tiny-elf.test-support';

const mMode = 'sample-kernel/prebuilt/sample-m-mode.elf';

describe('run', () => {
  let cli: BuiltCli;
  before(async () => {
    cli = await BuiltCli.build();
  });
  after(() => cli.remove());

  it('gives the console to stdout and ends with the guest', async () => {
    const { status, stdout, stderr } = await cli.run(['run', sample]);
    assert.equal(status, 0);
    assert.match(stdout, /^RISC-V sample kernel.*done, powering off\n$/s);
    assert.equal(stderr, '');
  });

  it('gives console input to the guest', async () => {
    const { status, stdout } = await cli.run(['run', sample, '--append', 'interactive'], 'hello\nexit\n');
    assert.equal(status, 0);
    assert.match(stdout, /type lines.*\nhello\n/s);
  });

  it('ends where a guest waits for input and stdin has ended', async () => {
    const { status, stderr } = await cli.run(['run', await cli.file('waits.elf', tinyElf(waitForEver))]);
    assert.equal(status, 3);
    assert.match(stderr, /waits for console input, and stdin has ended/);
  });

  it('prints statistics as one line of JSON on stderr', async () => {
    const { stderr } = await cli.run(['run', mMode, '--firmware', 'none', '--smp', '2', '--stats']);
    const stats = JSON.parse(stderr) as Record<string, number>;
    assert.deepEqual(Object.keys(stats), ['instructions', 'seconds', 'mips', 'exit']);
    assert.ok(stats['instructions']! > 100_000 && stats['seconds']! > 0 && stats['mips']! > 0);
    assert.equal(stats['exit'], 0);
  });

  it('counts the same instructions each time', async () => {
    const runs = await Promise.all([1, 2].map(() => cli.run(['run', sample, '--smp', '2', '--stats'])));
    const [first, second] = runs.map(
      ({ stderr }) => (JSON.parse(stderr) as { instructions: number }).instructions,
    );
    assert.equal(first, second);
  });

  it('stops at the instruction limit with status 3', async () => {
    const { status, stderr } = await cli.run(['run', sample, '--max-instructions', '5000', '--stats']);
    assert.equal(status, 3);
    const [message, stats] = stderr.trim().split('\n');
    assert.match(message!, /Stopped after 5000 instructions/);
    assert.equal((JSON.parse(stats!) as { instructions: number }).instructions, 5000);
  });

  for (const [code, status] of [
    [0, 0],
    [7, 7],
    [256, 1],
  ] as const) {
    it(`has status ${status} where the test device was given ${code}`, async () => {
      const path = await cli.file(`exit-${code}.elf`, tinyElf(exitWith(code)));
      assert.equal((await cli.run(['run', path])).status, status);
      assert.equal((await cli.run(['run', path, '--firmware', 'none'])).status, status);
    });
  }

  it('boots a flat Linux image, compressed or not', async () => {
    const image = linuxImage({ code: exitWith(7).code });
    assert.equal((await cli.run(['run', await cli.file('Image', image)])).status, 7);
    assert.equal((await cli.run(['run', await cli.file('Image.gz', gzipSync(image))])).status, 7);
  });

  it('has the status that tohost was given', async () => {
    const store = [
      0x00500293, // li t0, 5
      0x00000317, // auipc t1, 0
      0x04533023, // sd t0, 64(t1): address + 4 + 64 = tohost
      0x0000006f, // j .
    ];
    const path = await cli.file(
      'tohost.elf',
      tinyElf({
        code: [...store, ...new Array<number>(20).fill(0)],
        address: 0x8000_0004n,
        symbols: { tohost: 0x8000_0048n },
      }),
    );
    assert.equal((await cli.run(['run', path, '--firmware', 'none'])).status, 2);
  });
});
