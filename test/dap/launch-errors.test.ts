import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tinyElf, waitForEver } from '../cli/tiny-elf.test-support';
import { skipByName } from '../linux/linux.test-support';
import { DapClient } from './dap-client.test-support';
import { sampleKernel } from './fake-target.test-support';

/** Places in an ELF header (ELF-64 object file format, "ELF header"). */
const elfClass = 4;
const elfData = 5;
const elfMachine = 18;
const elfType = 16;

describe('what is wrong with a launch', () => {
  let client: DapClient;
  let folder: string;
  const elf = readFileSync(sampleKernel);

  before(() => (folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-'))));
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(async () => {
    client = DapClient.inProcess();
    await client.send('initialize', { adapterID: 'riscv-unwind' });
  });
  afterEach(() => client.close());

  async function launchError(args: Record<string, unknown>): Promise<string> {
    const error = await client.failure('launch', args);
    assert.equal(error.showUser, true);
    return error.format;
  }

  function write(name: string, bytes: Uint8Array): string {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  }

  function patched(name: string, offset: number, value: number): string {
    const bytes = Uint8Array.from(elf);
    bytes[offset] = value;
    return write(name, bytes);
  }

  function bigEndian(name: string): string {
    const bytes = Uint8Array.from(elf);
    bytes.set([0, 2, 0, 243], elfType);
    bytes[elfData] = 2;
    return write(name, bytes);
  }

  /** A file of so many zero bytes, which takes no room on the disk. */
  function sparse(name: string, size: number): string {
    const path = write(name, new Uint8Array());
    truncateSync(path, size);
    return path;
  }

  it('says that the program is missing', async () => {
    assert.match(await launchError({}), /^The launch configuration has no "program"\. Set it to/);
    assert.match(await launchError({ program: '' }), /has no "program"/);
  });

  it('says that there is no such file', async () => {
    assert.match(
      await launchError({ program: join(folder, 'nothing') }),
      /^There is no kernel '.*nothing': check/,
    );
  });

  it('says that a folder is no kernel', async () => {
    assert.match(await launchError({ program: folder }), /is a directory: name the file in it\.$/);
  });

  it('tells an empty file, one that is not ELF, and one that is cut off apart', async () => {
    assert.match(await launchError({ program: write('empty', new Uint8Array()) }), /is empty/);
    assert.match(
      await launchError({ program: write('text', new TextEncoder().encode('hello, this is no kernel\n')) }),
      /is text, not an ELF executable: use the file that the linker makes\.$/,
    );
    assert.match(
      await launchError({ program: write('short', elf.subarray(0, 100)) }),
      /The file .*(ends|cut).* again\.$/,
    );
  });

  it('tells another processor, 32 bits and an object file apart', async () => {
    assert.match(
      await launchError({ program: patched('x86', elfMachine, 62) }),
      /is for x86-64, not RISC-V: build it/,
    );
    assert.match(
      await launchError({ program: patched('elf32', elfClass, 1) }),
      /is for 32-bit RISC-V .*: build it/,
    );
    assert.match(
      await launchError({ program: patched('object', elfType, 1) }),
      /is a relocatable object file .*: use the linked kernel/,
    );
  });

  it('names the option that is wrong and what it must be', async () => {
    const program = sampleKernel;
    assert.equal(
      await launchError({ program, smp: 'two' }),
      `"smp" is 'two', but must be a positive whole number. Change it in launch.json.`,
    );
    assert.equal(
      await launchError({ program, stopOnEntry: 1 }),
      `"stopOnEntry" is 1, but must be true or false. Change it in launch.json.`,
    );
    assert.equal(
      await launchError({ program, console: 'externalTerminal' }),
      `"console" is 'externalTerminal', but must be "debugConsole" or "integratedTerminal". Change it in launch.json.`,
    );
    assert.match(
      await launchError({ program, sourceFileMap: { a: 1 } }),
      /^"sourceFileMap" is \{"a":1\}, but must be/,
    );
    assert.match(await launchError({ program, memory: 'lots' }), /^Memory size 'lots' is not a size/);
    assert.match(await launchError({ program, smp: 99 }), /^A machine with 99 harts cannot be built/);
    assert.match(await launchError({ program, disk: '/no/disk' }), /^There is no disk image '\/no\/disk'/);
    assert.match(await launchError({ program, initrd: '/no/initrd' }), /^There is no initrd '\/no\/initrd'/);
  });

  const table: Readonly<Record<string, readonly [options: () => Record<string, unknown>, error: RegExp]>> = {
    'a device': [
      () => ({ program: '/dev/null' }),
      /is a device or a socket, which has no end: name a file\.$/,
    ],
    'a big-endian kernel': [
      () => ({ program: bigEndian('big') }),
      /is for big-endian RISC-V, this debugger is for little-endian: build it without -mbig-endian\.$/,
    ],
    'a core dump': [() => ({ program: patched('core', elfType, 4) }), /is a core dump.*: use the kernel/],
    'a kernel cut in its text': [
      () => ({ program: write('cut', elf.subarray(0, 40_000)) }),
      /ends inside segment \d: .* Build or copy it again\.$/,
    ],
    'a damaged gzip file': [
      () => ({ program: write('cut.gz', gzipSync(elf).subarray(0, 5000)) }),
      /compressed with gzip and damaged or incomplete .*: build or copy it again\.$/,
    ],
    'a static program for Linux': [
      () => ({ program: write('user', tinyElf({ ...waitForEver, address: 0x1_0000n })) }),
      /linked for address 0x10000, where this machine has no RAM\. If it is a program for Linux, put it into an initrd/,
    ],
    'a position-independent program for Linux': [
      () => ({ program: write('pie', tinyElf({ ...waitForEver, address: 0n, type: 3 })) }),
      /linked for address 0x0, where this machine has no RAM/,
    ],
    'a dynamic program for Linux': [
      () => ({ program: patched('dynamic', 64, 3) }),
      /needs its dynamic linker, not a kernel: put it into an initrd and boot a kernel\.$/,
    ],
    'a kernel beyond RAM': [
      () => ({ program: write('beyond', tinyElf({ ...waitForEver, address: 0x9000_0000n })) }),
      /does not fit: .* RAM is 0x80000000 to 0x88000000\. Link it for that range or give the machine more memory\.$/,
    ],
    'a variable that no editor has put in': [
      () => ({ program: '${workspaceFolder}/vmlinux' }),
      /the editor has left a variable in it, so write the path out\.$/,
    ],
    'a home folder': [() => ({ program: '~/vmlinux' }), /'~' is not taken for the home folder/],
    'too little memory': [() => ({ program: sampleKernel, memory: '1M' }), /give the machine more memory\.$/],
    'memory that is no whole pages': [() => ({ program: sampleKernel, memory: 5000 }), /a multiple of 4096/],
    'an empty initrd': [
      () => ({ program: sampleKernel, initrd: write('initrd', new Uint8Array()) }),
      /^The initrd '.*' is empty: build it again, or leave the option out\.$/,
    ],
    'an initrd that does not fit': [
      () => ({ program: sampleKernel, initrd: sparse('large', 200 * 2 ** 20) }),
      /^The initial RAM disk .* does not fit into 128 MiB of RAM .* give the machine more memory\.$/,
    ],
    'an initrd that fits into no machine': [
      () => ({ program: sampleKernel, initrd: sparse('huge', 3 * 2 ** 30) }),
      /^The initrd '.*' is larger than 2 GiB/,
    ],
    'a device tree in text': [
      () => ({ program: sampleKernel, dtb: write('tree', Buffer.from('/dts-v1/;')) }),
      /compile the source with `dtc -O dtb`\.$/,
    ],
    'an empty disk': [
      () => ({ program: sampleKernel, disk: write('disk', new Uint8Array()) }),
      /is empty: give it a size, for example with `truncate/,
    ],
    'a disk of another format': [
      () => ({ program: sampleKernel, disk: write('qcow2', Buffer.from('QFI\xfb', 'latin1')) }),
      /is in qcow2 format: make a raw one of it with `qemu-img convert -O raw`\.$/,
    ],
    'firmware with a mistyped name': [
      () => ({ program: sampleKernel, firmware: 'buildin' }),
      /^There is no firmware '.*buildin': check the path, or choose "builtin" or "none"\.$/,
    ],
    'text as firmware': [
      () => ({ program: sampleKernel, firmware: write('text.bin', Buffer.from('hello')) }),
      /is text, not firmware: use/,
    ],
    'a kernel as firmware': [
      () => ({ program: sampleKernel, firmware: sampleKernel }),
      /^The image and the firmware both want the memory at 0x[0-9a-f]+; link the image higher/,
    ],
    'no symbols file': [
      () => ({ program: sampleKernel, symbols: '/no/symbols' }),
      /^There is no symbols file '\/no\/symbols': check the path/,
    ],
    'symbols that are none': [
      () => ({ program: sampleKernel, symbols: write('symbols', Buffer.from('hello')) }),
      /^The symbols file '.*' cannot be used\. The file is text/,
    ],
    'an extension that there is not': [
      () => ({ program: sampleKernel, isa: 'rv64gcv' }),
      /asks for v, which this machine does not have; it can be rv64imafdc/,
    ],
    'no ISA': [() => ({ program: sampleKernel, isa: 'riscv' }), /is none; write one such as rv64imac/],
    'no harts': [
      () => ({ program: sampleKernel, smp: 0 }),
      /^"smp" is 0, but must be a positive whole number\./,
    ],
    'a long command line': [
      () => ({ program: sampleKernel, append: 'x'.repeat(10_000) }),
      /longer than 4096 bytes; shorten it\.$/,
    ],
    'a time that is none': [() => ({ program: sampleKernel, rtc: 'yesterday' }), /write it as 2026-01-31 or/],
    'a seed that is none': [
      () => ({ program: sampleKernel, kaslrSeed: -1 }),
      /write it in decimal or as 0x…\.$/,
    ],
    'a choice that there is not': [
      () => ({ program: sampleKernel, onRebuild: 'always' }),
      /^"onRebuild" is 'always', but must be "ask", "restart" or "ignore"\. Change it in launch\.json\.$/,
    ],
    'another word for the program': [
      () => ({ kernel: sampleKernel }),
      /has no "program"\. .* has "kernel", which means nothing here\. Did you mean 'program'\?$/,
    ],
  };
  for (const [what, [options, error]] of Object.entries(table)) {
    it(`says what to do about ${what}`, async () => {
      const sentence = await launchError(options());
      assert.match(sentence, error);
      assert.doesNotMatch(sentence, /please report|\n\s+at /);
      assert.ok(sentence.length < 500, sentence);
    });
  }

  it('says that a file cannot be read', async function () {
    if (process.getuid?.() === 0) skipByName(this, 'root may read everything');
    const program = write('secret', elf);
    chmodSync(program, 0);
    assert.match(await launchError({ program }), /cannot be read: check its permissions\.$/);
  });

  /** What is said of a launch that goes on all the same. */
  async function warnings(args: Record<string, unknown>): Promise<string> {
    await client.sendRaw('launch', args);
    await client.event('initialized');
    return client.output('important');
  }

  it('warns of attributes that there are not, and goes on', async () => {
    assert.equal(
      await warnings({ program: sampleKernel, type: 'riscv-unwind', initrb: '/no', __sessionId: '1' }),
      `The launch configuration has "initrb", which means nothing here. Did you mean 'initrd'?\n`,
    );
  });

  it('warns of symbols of another build, also where there are no build ids', async () => {
    const symbols = sampleKernel.replace('metadata', 'legacy');
    assert.match(
      await warnings({ program: sampleKernel, symbols }),
      /are of another build than the kernel .* Name the vmlinux that the kernel was made from\.\n/,
    );
  });

  it('says nothing of symbols that fit', async () => {
    assert.equal(await warnings({ program: sampleKernel, symbols: sampleKernel }), '');
  });

  it('warns of a kernel without debug information, and of one that is cut behind its text', async () => {
    assert.match(
      await warnings({ program: write('plain', tinyElf(waitForEver)) }),
      /no line information: compile and assemble it with -g/,
    );
    await client.send('disconnect');
    client.close();
    client = DapClient.inProcess();
    await client.send('initialize', { adapterID: 'riscv-unwind' });
    assert.match(
      await warnings({ program: write('cut-end', elf.subarray(0, elf.length - 2000)) }),
      /^The file ends inside .*: build or copy it again\.\n/,
    );
  });

  it('takes a corrected launch after a wrong one', async () => {
    await launchError({ program: join(folder, 'nothing') });
    await client.sendRaw('launch', { program: sampleKernel });
    await client.event('initialized');
  });
});
