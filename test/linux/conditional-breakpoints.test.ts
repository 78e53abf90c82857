/** Conditions on tasks and harts, patterns and log points on Linux, through the protocol. */
import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from '../dap/dap-client.test-support';
import { linuxInitrd, linuxKernel } from './linux.test-support';

describe('conditional breakpoints on Linux 7.3', function () {
  this.timeout(300_000);
  let client: DapClient | undefined;
  afterEach(async () => {
    await client?.send('disconnect');
    client?.close();
    client = undefined;
  });

  async function launch(program: string, ...breakpoints: Dap.FunctionBreakpoint[]): Promise<DapClient> {
    const started = (client = DapClient.inProcess());
    const args = {
      program,
      initrd: linuxInitrd,
      append: 'console=ttyS0',
      smp: 2,
      maxInstructions: 100_000_000,
    };
    await started.launch(args, async () => {
      const set = await started.send('setFunctionBreakpoints', { breakpoints });
      for (const { verified, message } of set.breakpoints) assert.ok(verified, message);
    });
    return started;
  }

  const evaluate = async (on: DapClient, expression: string): Promise<string> =>
    (await on.send('evaluate', { expression, context: 'repl' })).result;

  it('stop in init only, wherever it runs, and on one hart only', async function () {
    const on = await launch(linuxKernel(this, 'metadata'), {
      name: 'handle_mm_fault task=init if $priv == "S"',
    });
    for (let n = 0; n < 3; n++) {
      await on.stopped();
      assert.equal(await evaluate(on, '$task.comm'), '"init"');
      await on.send('continue', { threadId: 1 });
    }
    await on.stopped();
    await on.send('setFunctionBreakpoints', { breakpoints: [{ name: 'handle_exception hart=1' }] });
    await on.send('continue', { threadId: 1 });
    assert.equal((await on.stopped()).threadId, 2);
    assert.match(await evaluate(on, '$hart'), /^1\b/);
  });

  it('of a pattern stop at all system calls of init', async function () {
    const on = await launch(linuxKernel(this, 'metadata'), { name: '__riscv_sys_* task=init' });
    const seen = new Set<string>();
    for (let n = 0; n < 10; n++) {
      const { threadId } = await on.stopped();
      const { stackFrames } = await on.send('stackTrace', { threadId: threadId! });
      const [function_] = stackFrames.filter(({ name }) => !name.endsWith('(inlined)'));
      seen.add(function_!.name.replace(/\+.*/, ''));
      await on.send('continue', { threadId: 1 });
    }
    assert.ok(seen.size > 1 && [...seen].every((name) => name.startsWith('__riscv_sys_')), [...seen].join());
  });

  it('on functions that were inlined stop in each copy', async function () {
    const on = await launch(linuxKernel(this, 'metadata'), { name: 'init_waitqueue_func_entry task=init' });
    const { threadId } = await on.stopped();
    const { stackFrames } = await on.send('stackTrace', { threadId: threadId! });
    assert.match(stackFrames[0]!.name, /^init_waitqueue_func_entry \(inlined\)/);
    assert.match(stackFrames[1]!.name, /^do_wait\+/);
  });
});
