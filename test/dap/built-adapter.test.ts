import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tinyElf } from '../cli/tiny-elf.test-support';
import { buildAdapter, type BuiltAdapter } from './built-adapter.test-support';
import { DapClient } from './dap-client.test-support';
import { sampleKernel } from './fake-target.test-support';

describe('the built adapter as a process', () => {
  let adapter: BuiltAdapter;
  let child: ChildProcess;
  let client: DapClient;

  before(async () => (adapter = await buildAdapter()));
  after(() => adapter.remove());
  beforeEach(() => {
    child = spawn(process.execPath, [adapter.script], { stdio: ['pipe', 'pipe', 'inherit'] });
    client = new DapClient(child.stdout!, child.stdin!);
  });
  afterEach(() => child.kill());

  it('ends when the client disconnects, though the machine runs', async () => {
    await client.launch({ program: sampleKernel, append: 'interactive' });
    const exited = once(child, 'exit');
    await client.send('disconnect');
    assert.deepEqual(await exited, [0, null]);
  });

  it('ends when the client goes away', async () => {
    await client.launch({ program: sampleKernel, append: 'interactive' });
    const exited = once(child, 'exit');
    child.stdin!.end();
    assert.deepEqual(await exited, [0, null]);
  });

  it('ends within a second though the guest runs wild, and whatever the client says of the debuggee', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-wild-'));
    const program = join(folder, 'wild.elf');
    // An endless loop: `j .`
    writeFileSync(program, tinyElf({ code: [0x0000_006f] }));
    try {
      await client.launch({ program });
      const exited = once(child, 'exit');
      const begin = performance.now();
      await client.send('disconnect', { terminateDebuggee: false });
      assert.deepEqual(await exited, [0, null]);
      assert.ok(performance.now() - begin < 1000, `${performance.now() - begin} ms`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('answers before a program is launched', async () => {
    const capabilities = await client.send('initialize', { adapterID: 'riscv-unwind' });
    assert.equal(capabilities.supportsDisassembleRequest, true);
    assert.match((await client.failure('launch', { program: '/no/kernel' })).format, /^There is no kernel/);
  });
});
