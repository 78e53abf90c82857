import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { assertGolden } from '../golden';
import { runProgram } from '../../debug-adapter/cli/program';
import { linuxImage } from '../../debug-adapter/image/linux-image.test-support';
import { noStyle } from '../../debug-adapter/cli/style';
import { BuiltCli, root, type Finished } from '../built-cli.test-support';
import { exitWith, tinyElf, waitForEver } from './tiny-elf.test-support';

const sample = 'sample-kernel/prebuilt/sample-metadata.elf';
const mMode = 'sample-kernel/prebuilt/sample-m-mode.elf';

let cli: BuiltCli;

before(async () => {
  cli = await BuiltCli.build();
});

after(() => cli.remove());

/** Without a process of its own, for what neither reads stdin nor writes the guest's console. */
async function inProcess(args: readonly string[]): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  const io = {
    out: (text: string) => (stdout += `${text}\n`),
    error: (text: string) => (stderr += `${text}\n`),
  };
  return { status: await runProgram(args, io, noStyle), stdout, stderr };
}

/** Runs, and expects exit status 2 with one sentence on stderr and nothing on stdout. */
async function mistake(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await inProcess(args);
  assert.equal(status, 2, stderr);
  assert.equal(stdout, '');
  return stderr;
}

describe('riscv-unwind', () => {
  for (const args of [[], ['demo'], ['run'], ['stack'], ['dap']]) {
    const name = ['help', ...args].join('-');
    it(`shows ${name}`, async () => {
      const { status, stdout } = await inProcess([...args, '--help']);
      assert.equal(status, 0);
      assertGolden(`cli/${name}`, stdout);
      assert.ok(
        stdout.split('\n').every((line) => line.length <= 100),
        'a line is too long for a terminal',
      );
    });
  }

  it('without a command shows its help as an error', async () => {
    assert.match(await mistake([]), /^riscv-unwind .*Usage:/s);
  });

  it('tells its version', async () => {
    assert.match((await inProcess(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it('suggests the command that was meant', async () => {
    assert.match(await mistake(['stak']), /no command 'stak'\. Did you mean 'stack'\?/);
  });

  it('suggests the option that was meant', async () => {
    assert.match(
      await mistake(['run', sample, '--memroy', '1G']),
      /no option '--memroy'\. Did you mean '--memory'\?/,
    );
  });

  it('refuses an option without its value, and a flag with one', async () => {
    assert.match(await mistake(['run', sample, '--smp']), /'--smp' needs a value: --smp N/);
    assert.match(await mistake(['run', sample, '--stats=1']), /'--stats' takes no value/);
  });

  it('refuses operands that are missing or too many', async () => {
    assert.match(await mistake(['run']), /run needs a KERNEL/);
    assert.match(await mistake(['run', sample, 'other']), /does not know what to do with 'other'/);
  });
});

describe('a kernel that cannot be run', () => {
  it('is refused if it does not exist or is a directory', async () => {
    assert.match(await mistake(['run', 'nowhere.elf']), /no kernel '.*nowhere\.elf'/);
    assert.match(await mistake(['run', 'sample-kernel']), /is a directory/);
  });

  const files: Readonly<Record<string, { readonly bytes: () => Uint8Array; readonly reason: RegExp }>> = {
    'is empty': { bytes: () => new Uint8Array(), reason: /is empty/ },
    'is a program for Linux': {
      bytes: () => tinyElf({ code: [0], address: 0x1_0000n }),
      reason: /linked for address 0x10000, where this machine has no RAM.*initrd/,
    },
    'is a damaged gzip file': {
      bytes: () => gzipSync(tinyElf({ code: [0] })).subarray(0, 100),
      reason: /compressed with gzip and damaged/,
    },
    'is no ELF file': {
      bytes: () => Buffer.from('#!/bin/sh\n'.repeat(10)),
      reason: /is a script: use the ELF file/,
    },
    'is for another processor': {
      bytes: () => tinyElf({ code: [0], machine: 62 }),
      reason: /is for x86-64, not RISC-V: build it/,
    },
    'is 32-bit': { bytes: () => tinyElf({ code: [0], elfClass: 1 }), reason: /is for 32-bit RISC-V/ },
    'is not linked': {
      bytes: () => tinyElf({ code: [0], type: 1 }),
      reason: /is a relocatable object file .*: use the linked kernel/,
    },
    'does not fit': {
      bytes: () => tinyElf({ code: [0], address: 0x1_8000_0000n }),
      reason: /does not fit|not all RAM/,
    },
  };
  for (const [what, { bytes, reason }] of Object.entries(files)) {
    it(`is refused if it ${what}`, async () => {
      const path = await cli.file(`${what.replaceAll(' ', '-')}.elf`, bytes());
      assert.match(await mistake(['run', path]), reason);
    });
  }

  it('is refused with options that no machine can have', async () => {
    assert.match(await mistake(['run', sample, '--smp', '9']), /choose from 1 to 8/);
    assert.match(await mistake(['run', sample, '--smp', 'two']), /needs a whole number/);
    assert.match(await mistake(['run', sample, '--memory', '12 parsecs']), /is not a size/);
    assert.match(await mistake(['run', sample, '--memory', '4G']), /at most 2G/);
    assert.match(await mistake(['run', sample, '--firmware', 'opensbi']), /no firmware '.*opensbi'/);
    assert.match(await mistake(['run', sample, '--initrd', 'nothing']), /no initrd/);
    assert.match(await mistake(['run', sample, '--dtb', sample]), /device tree/);
    assert.match(await mistake(['run', sample, '--isa', 'rv32i']), /rv64/);
    assert.match(await mistake(['run', sample, '--isa', 'rv64imaq']), /q/);
    assert.match(await mistake(['run', sample, '--disk', 'nothing']), /no disk image '.*nothing'/);
    assert.match(await mistake(['run', sample, '--rtc', 'tomorrow']), /"now"/);
    assert.match(await mistake(['run', sample, '--rtc', '2026-13-01']), /real-time clock is none/);
    for (const seed of ['-1', 'random', '0x10000000000000000']) {
      assert.match(await mistake(['run', sample, '--kaslr-seed', seed]), /not a number of 64 bits/);
    }
  });
});

describe('run', () => {
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

describe('stack', () => {
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

  it('stops only where --condition is true, at a function’s first instruction for +0x0', async () => {
    const fault = ['stack', sample, '--break', 'do_page_fault+0x0', '--json', '--condition'];
    const { stdout, stderr } = await inProcess([...fault, 'stval == 0x20000000 && (sstatus & 0x100) != 0']);
    assert.equal(stderr, '');
    const { walks } = JSON.parse(stdout) as { walks: { frames: { symbol: string; offset: number }[] }[] };
    const [inner, interrupted] = walks[0]!.frames;
    assert.deepEqual([inner!.symbol, inner!.offset], ['do_page_fault', 0]);
    assert.equal(interrupted!.symbol, '__asm_copy_from_user');
    const never = await inProcess([...fault, 'stval == 1']);
    assert.equal(never.status, 1);
    assert.match(never.stderr, /do_page_fault\+0x0 at 0x.*, where stval == 1, was not hit before/);
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
      ['metadata'],
    );
  });

  it('says plainly which walks are not there, or not yet', async () => {
    for (const kind of ['legacy', 'cfi']) {
      const reason = await mistake(['stack', sample, '--break', 'do_irq', '--walk', kind]);
      assert.match(reason, new RegExp(`The ${kind} walk is not available in this version`));
    }
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
    assert.match(stdout, /^hart 0: .*#0 /s);
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

describe('demo', () => {
  it('shows six call stacks without an editor', async () => {
    const { status, stdout, stderr } = await inProcess(['demo']);
    assert.equal(status, 0);
    assert.equal(stderr, '');
    assertGolden('cli/demo', stdout.replaceAll(`${root}/`, ''));
  });
});

describe('dap', () => {
  const initialize = JSON.stringify({
    seq: 1,
    type: 'request',
    command: 'initialize',
    arguments: { adapterID: 'riscv-unwind' },
  });
  const message = `Content-Length: ${initialize.length}\r\n\r\n${initialize}`;

  /** Reads until the stream has a match. */
  function read(stream: Readable, pattern: RegExp): Promise<RegExpExecArray> {
    let text = '';
    return new Promise((resolve, reject) => {
      stream.on('data', (data: Buffer) => {
        text += data.toString();
        const match = pattern.exec(text);
        if (match) resolve(match);
      });
      stream.on('end', () => reject(new Error(`ended: ${text}`)));
    });
  }

  it('answers on stdio and ends with it', async () => {
    const child = cli.start(['dap']);
    const closed = new Promise((resolve) => child.on('close', resolve));
    child.stdin.write(message);
    await read(
      child.stdout,
      /"command":"initialize".*"success":true|"success":true.*"command":"initialize"/s,
    );
    child.stdin.end();
    assert.equal(await closed, 0);
  });

  it('answers on a port of its own choice, each connection for itself', async () => {
    const child = cli.start(['dap', '--port', '0']);
    try {
      const [, port] = await read(child.stderr, /Listening on 127\.0\.0\.1:(\d+)/);
      for (let session = 0; session < 2; session++) {
        const socket = connect(Number(port), '127.0.0.1');
        socket.write(message);
        await read(socket, /"success":true/);
        socket.destroy();
      }
      const inUse = await cli.run(['dap', '--port', port!]);
      assert.equal(inUse.status, 2);
      assert.match(inUse.stderr, /it is in use/);
    } finally {
      child.kill();
    }
  });

  it('refuses a port that there cannot be', async () => {
    assert.match(await mistake(['dap', '--port', '70000']), /up to 65535/);
  });
});
