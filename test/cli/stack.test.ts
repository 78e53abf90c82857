import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { linuxImage } from '../../debug-adapter/image/linux-image.test-support';
import { BuiltCli } from '../built-cli.test-support';
import { assertGolden } from '../golden';
import { inProcess, mistake, sample } from './in-process.test-support';
import { tinyElf, waitForEver } from './tiny-elf.test-support';

describe('stack', () => {
  let cli: BuiltCli;
  before(async () => {
    cli = await BuiltCli.build();
  });
  after(() => cli.remove());

  it('prints a call stack across exception boundaries', async () => {
    const { status, stdout, stderr } = await inProcess(['stack', sample, '--break', 'pager_interrupt']);
    assert.equal(status, 0);
    assert.equal(stderr, '');
    assertGolden('cli/stack', stdout);
  });

  it('prints the JSON that other programs rely on', async () => {
    const { stdout } = await inProcess([
      'stack',
      sample,
      '--break',
      'do_anonymous_page',
      '--hit',
      '3',
      '--json',
    ]);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(Object.keys(report), ['reason', 'hart', 'pc', 'walks']);
    assertGolden('cli/stack-json', JSON.stringify(report, undefined, 2));
  });

  it('names in JSON the functions that were inlined at a frame, with the lines that call them', async () => {
    const { stdout } = await inProcess(['stack', sample, '--break', 'timeout_over', '--json']);
    const { walks } = JSON.parse(stdout) as {
      walks: {
        frames: { symbol: string; line: number; inlined?: { function: string; callLine: number }[] }[];
      }[];
    };
    const inlined = walks[0]!.frames.flatMap(({ symbol, inlined: functions = [] }) =>
      functions.map(({ function: name, callLine }) => `${name} at line ${callLine} in ${symbol}`),
    );
    assert.deepEqual(inlined, ['local_irq_disable at line 186 in arch_cpu_idle']);
  });

  it('stops only where --condition is true, at a function’s first instruction for +0x0', async () => {
    const fault = ['stack', sample, '--break', 'do_page_fault+0x0', '--json', '--condition'];
    const { stdout, stderr } = await inProcess([...fault, 'stval == 0x20000000 && (sstatus & 0x100) != 0']);
    assert.equal(stderr, '');
    const { walks } = JSON.parse(stdout) as {
      walks: { frames: { symbol: string; offset: number; mark: string }[] }[];
    };
    const [inner, caller, interrupted] = walks[0]!.frames;
    assert.deepEqual([inner!.symbol, inner!.offset], ['do_page_fault', 0]);
    assert.deepEqual([caller!.symbol, caller!.mark], ['handle_exception', 'L']);
    assert.deepEqual([interrupted!.symbol, interrupted!.mark], ['__asm_copy_from_user', 'P']);
    const never = await inProcess([...fault, 'stval == 1']);
    assert.equal(never.status, 1);
    assert.match(never.stderr, /do_page_fault\+0x0 at 0x.*, where stval == 1, was not hit before/);
  });

  it('takes conditions behind the place as well, and a pattern for the place', async () => {
    const { stdout, status } = await inProcess([
      ...['stack', sample, '--smp', '2', '--json', '--hit', '2'],
      ...['--break', 'handle_exc* hart=1 if scause == 8'],
    ]);
    assert.equal(status, 0);
    const { hart, walks } = JSON.parse(stdout) as {
      hart: number;
      walks: { frames: { symbol: string }[] }[];
    };
    assert.equal(hart, 1);
    assert.equal(walks[0]!.frames[0]!.symbol, 'handle_exception');
  });

  it('refuses a condition that is no expression, and stops with a warning where one has no value', async () => {
    const asked = ['stack', sample, '--break', 'do_irq', '--condition'];
    assert.match(await mistake([...asked, 'scause ==']), /condition 'scause ==': Something is missing/);
    const { status, stderr } = await inProcess([...asked, 'no_such_name']);
    assert.equal(status, 0);
    assert.match(stderr, /^warning: The condition 'no_such_name' could not be evaluated.*neither a register/);
  });

  it('shows sources where --source-map says they are', async () => {
    const asked = ['stack', sample, '--break', 'handle_exception', '--source-map'];
    await cli.file('entry.S', new Uint8Array());
    const { stdout } = await inProcess([
      ...asked,
      '/nowhere=/x',
      '--source-map',
      `/sample-kernel=${cli.folder}`,
    ]);
    assert.match(stdout, new RegExp(`#0 handle_exception.*${cli.folder}/entry\\.S:\\d+`));
    assert.match(
      stdout,
      /#1 .*sample-kernel\/tour\.c/,
      'a file that is not there is found as without the map',
    );
    assert.match(
      await mistake([...asked, '/sample-kernel']),
      /--source-map '\/sample-kernel' maps nothing: write FROM=TO/,
    );
  });

  it('prints all walks there are with --walk all', async () => {
    const { stdout } = await inProcess(['stack', sample, '--break', 'do_irq', '--walk', 'all', '--json']);
    const { walks } = JSON.parse(stdout) as { walks: { kind: string }[] };
    assert.deepEqual(
      walks.map(({ kind }) => kind),
      ['metadata', 'legacy', 'cfi', 'true'],
    );
  });

  it('shows them side by side, and explains where each differs', async () => {
    const { stdout } = await inProcess([
      'stack',
      sample,
      '--break',
      'tour_leaf_timer_callback',
      '--walk',
      'all',
    ]);
    assertGolden('cli/stack-all-walks', stdout);
  });

  it('takes the walk that fits the kernel, or the one that --walk names', async () => {
    const legacy = sample.replace('metadata', 'legacy');
    const kindOf = async (...options: readonly string[]) => {
      const { stdout } = await inProcess(['stack', ...options, '--break', 'do_irq', '--json']);
      return (JSON.parse(stdout) as { walks: { kind: string }[] }).walks.map(({ kind }) => kind);
    };
    assert.deepEqual(await kindOf(sample), ['metadata']);
    assert.deepEqual(await kindOf(legacy), ['legacy']);
    assert.deepEqual(await kindOf(sample, '--walk', 'legacy'), ['legacy']);
    assert.deepEqual(await kindOf(legacy, '--walk', 'metadata'), ['metadata']);
  });

  it('says which walks there are, if asked for another', async () => {
    assert.match(await mistake(['stack', sample, '--break', 'do_irq', '--walk', 'x']), /no walk 'x'/);
  });

  it('takes the symbols of a flat image from another file, and says so where there are none', async () => {
    const image = await cli.file('Image', linuxImage({ code: waitForEver.code }));
    const symbols = await cli.file(
      'vmlinux.gz',
      gzipSync(
        tinyElf({
          code: new Array<number>(80).fill(0),
          address: 0x8020_0000n,
          symbols: { waiting: 0x8020_0100n },
        }),
      ),
    );
    const named = await inProcess(['stack', image, '--symbols', symbols, '--break', 'waiting', '--json']);
    assert.match(named.stdout, /"symbol":"waiting"/);
    const unnamed = await inProcess(['stack', image, '--break', '*0x80200100', '--json']);
    assert.equal(unnamed.status, 0);
    assert.match(unnamed.stderr, /flat image without symbols: name the vmlinux/);
    assert.match(await mistake(['stack', image, '--symbols', image, '--break', 'waiting']), /symbols file/);
  });

  it('needs to know where to stop', async () => {
    assert.match(await mistake(['stack', sample]), /give --break SPEC/);
    assert.match(
      await mistake(['stack', sample, '--break', 'nothing_here']),
      /no function or label 'nothing_here'/,
    );
    assert.match(await mistake(['stack', sample, '--break', 'do_irq', '--hit', '0']), /counts from 1/);
  });

  it('has status 1 where the guest ended first, and shows its last words', async () => {
    const { status, stdout, stderr } = await inProcess([
      'stack',
      sample,
      '--break',
      'relocate_enable_mmu',
      '--hit',
      '9',
    ]);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /was not hit 9 times before the guest ended \(power-off, code 0\)/);
    assert.match(stderr, /guest: \[tour\] done, powering off/);
  });

  it('has status 3 at the instruction limit, and shows where the guest was', async () => {
    const limit = ['--max-instructions', '300000'];
    const { status, stdout, stderr } = await inProcess(['stack', sample, '--break', 'sys_reboot', ...limit]);
    assert.equal(status, 3);
    assert.match(stdout, /^CPU 0: .*#0 /s);
    assert.match(stderr, /was not hit in 300000 instructions/);
  });

  it('has status 1 where the guest waits for input for ever', async () => {
    const { status, stderr } = await inProcess([
      'stack',
      await cli.file('waits.elf', tinyElf(waitForEver)),
      '--break',
      'never',
    ]);
    assert.equal(status, 1);
    assert.match(stderr, /waits for console input/);
  });
});
