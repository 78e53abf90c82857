/** A launch whose file never comes must not take the session, or the process, with it. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { skipByName } from '../linux/linux.test-support';
import { buildAdapter, type BuiltAdapter } from './built-adapter.test-support';
import { DapClient } from './dap-client.test-support';
import { sampleKernel } from './fake-target.test-support';

describe('a launch whose program is a pipe', function () {
  let adapter: BuiltAdapter;
  let folder: string;
  let pipe: string;
  let child: ChildProcess;
  let client: DapClient;

  before(async function () {
    if (process.platform === 'win32') skipByName(this, 'there are no named pipes');
    adapter = await buildAdapter();
    folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-pipe-'));
    pipe = join(folder, 'kernel');
    execFileSync('mkfifo', [pipe]);
  });
  after(async () => {
    await adapter.remove();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    child = spawn(process.execPath, [adapter.script], { stdio: ['pipe', 'pipe', 'inherit'] });
    client = new DapClient(child.stdout!, child.stdin!);
    await client.send('initialize', { adapterID: 'riscv-unwind', supportsProgressReporting: true });
  });
  afterEach(() => child.kill('SIGKILL'));

  /** Sends the launch and waits until it is under way. */
  async function stall(): Promise<{ readonly failure: Promise<Dap.Message>; readonly progressId: string }> {
    const failure = client.failure('launch', { program: pipe });
    const { progressId } = (await client.event('progressStart')).body as unknown as { progressId: string };
    return { failure, progressId };
  }

  it('reads it to its end when somebody writes', async () => {
    const launching = client.sendRaw('launch', { program: pipe });
    createReadStream(sampleKernel).pipe(createWriteStream(pipe));
    await launching;
    assert.equal((await client.send('threads')).threads.length, 1);
  });

  it('can be cancelled, and another program launched', async () => {
    const { failure, progressId } = await stall();
    await client.send('cancel', { progressId });
    assert.match((await failure).format, /was cancelled/);
    await client.sendRaw('launch', { program: sampleKernel });
  });

  it('is answered when the client disconnects, and the process ends within a second', async () => {
    const { failure } = await stall();
    const exited = once(child, 'exit');
    const begin = performance.now();
    await client.send('disconnect');
    assert.match((await failure).format, /was cancelled|^The debug session has ended/);
    assert.deepEqual(await exited, [0, null]);
    assert.ok(performance.now() - begin < 1000, `${performance.now() - begin} ms`);
  });

  it('ends within a second when the client goes away', async () => {
    await stall();
    const exited = once(child, 'exit');
    const begin = performance.now();
    child.stdin!.end();
    assert.deepEqual(await exited, [0, null]);
    assert.ok(performance.now() - begin < 1000, `${performance.now() - begin} ms`);
  });

  it('does not keep the requests after it from being taken back', async () => {
    const { progressId } = await stall();
    const waiting = client.failure('threads');
    await client.send('cancel', { requestId: client.lastRequest });
    await client.send('cancel', { progressId });
    assert.equal((await waiting).format, 'cancelled');
  });
});
