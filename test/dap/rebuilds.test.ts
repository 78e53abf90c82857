/** The program under debug is built anew while the built adapter has a session with it. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RebuiltBody } from '../../debug-adapter/session/protocol/custom';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { buildAdapter, type BuiltAdapter } from './built-adapter.test-support';
import { DapClient } from './dap-client.test-support';
import { sampleKernel } from './fake-target.test-support';

const oldKernel = sampleKernel.replace('metadata', 'legacy');
const rebuilt = 'riscvUnwind/rebuilt';

/** Where a kernel has `start_kernel` before the MMU is on: the two differ in it. */
function entryOf(kernel: string): string {
  const [symbol] = loadProgram(new Uint8Array(readFileSync(kernel))).symbols.named('start_kernel');
  return `0x${(symbol!.address - 0xffff_ffff_8000_0000n + 0x8020_0000n).toString(16)}`;
}

describe('a program that is rebuilt', function () {
  this.timeout(60_000);
  let adapter: BuiltAdapter;
  let folder: string;
  let program: string;
  let client: DapClient;
  const [oldEntry, newEntry] = [entryOf(oldKernel), entryOf(sampleKernel)];

  before(async () => {
    assert.notEqual(oldEntry, newEntry);
    adapter = await buildAdapter();
  });
  after(() => adapter.remove());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-rebuild-'));
    program = join(folder, 'kernel.elf');
    copyFileSync(oldKernel, program);
    client = DapClient.process(adapter.script);
  });
  afterEach(() => {
    client.close();
    rmSync(folder, { recursive: true });
  });

  const launch = (options: Record<string, unknown> = {}) =>
    client.launch({ program, stopOnEntry: true, ...options });

  /** As linkers do: another file in place of the one that was. */
  function build(): void {
    copyFileSync(sampleKernel, `${program}.new`);
    renameSync(`${program}.new`, program);
  }

  /** Where the session has `start_kernel`. */
  async function entry(): Promise<string> {
    return (await client.send('evaluate', { expression: '&start_kernel', context: 'watch' })).result;
  }
  const tellings = () => client.events.filter(({ event }) => event === rebuilt).length;

  it('is told of once, shown as it was until a restart, and run by that', async () => {
    await launch();
    await client.stopped();
    build();
    const { message } = (await client.event(rebuilt)).body as unknown as RebuiltBody;
    assert.equal(message, 'kernel.elf was rebuilt: restart to run it.');
    assert.match(client.output('console'), /was rebuilt: restart to run it/);
    assert.ok((await entry()).includes(oldEntry), await entry());
    await sleep(2500);
    assert.equal(tellings(), 1);
    await client.send('restart', {});
    await client.stopped();
    assert.ok((await entry()).includes(newEntry), await entry());
  });

  it('runs at once where that is wanted', async () => {
    await launch({ onRebuild: 'restart' });
    await client.stopped();
    build();
    const { reason } = await client.stopped();
    assert.equal(reason, 'entry');
    assert.match(client.output('console'), /kernel\.elf was rebuilt: the machine restarts/);
    assert.ok((await entry()).includes(newEntry));
    assert.equal(tellings(), 0);
  });

  it('is left alone where nobody wants to know, and read by a restart all the same', async () => {
    await launch({ onRebuild: 'ignore' });
    await client.stopped();
    build();
    await sleep(2500);
    assert.equal(tellings(), 0);
    assert.doesNotMatch(client.output('console'), /rebuilt/);
    await client.send('restart', {});
    await client.stopped();
    assert.ok((await entry()).includes(newEntry));
  });

  it('is not loaded while it is half written: the old one runs on, with the reason', async () => {
    await launch();
    await client.stopped();
    for (const cut of [20_000, readFileSync(sampleKernel).length - 2000]) {
      writeFileSync(`${program}.half`, readFileSync(sampleKernel).subarray(0, cut));
      renameSync(`${program}.half`, program);
      const error = await client.failure('restart', {});
      assert.match(error.format, /^The kernel '.*kernel\.elf' cannot be used\. The file ends /);
    }
    assert.ok((await entry()).includes(oldEntry));
    while (!client.output('important').includes('has changed, but the machine keeps what'))
      await client.event('output');
    assert.equal(tellings(), 0);
    build();
    await client.event(rebuilt);
    await client.send('restart', {});
    await client.stopped();
    assert.ok((await entry()).includes(newEntry));
  });

  it('waits at a restart for a linker that is still writing', async () => {
    await launch();
    await client.stopped();
    const whole = readFileSync(sampleKernel);
    writeFileSync(program, whole.subarray(0, 50_000));
    const restarting = client.send('restart', {});
    for (let size = 50_000; size < whole.length; size += 50_000) {
      await sleep(60);
      writeFileSync(program, whole.subarray(0, size));
    }
    writeFileSync(program, whole);
    await restarting;
    await client.stopped();
    assert.ok((await entry()).includes(newEntry));
  });
});
