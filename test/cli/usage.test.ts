/** What a user sees before anything runs: help, and what is wrong with the words or the files. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { BuiltCli } from '../built-cli.test-support';
import { assertGolden } from '../golden';
import { inProcess, mistake, sample } from './in-process.test-support';
import { tinyElf } from './tiny-elf.test-support';

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
  let cli: BuiltCli;
  before(async () => {
    cli = await BuiltCli.build();
  });
  after(() => cli.remove());

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
