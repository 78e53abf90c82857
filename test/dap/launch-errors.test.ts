import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DapClient } from './dap-client.test-support';
import { sampleKernel } from './fake-target.test-support';

/** Places in an ELF header (ELF-64 object file format, "ELF header"). */
const elfClass = 4;
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

  it('takes a corrected launch after a wrong one', async () => {
    await launchError({ program: join(folder, 'nothing') });
    await client.sendRaw('launch', { program: sampleKernel });
    await client.event('initialized');
  });
});
