/** Conditions that a client sends before a program is loaded: what they need is read with the program, not at their first stop. */
import assert from 'node:assert/strict';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { launch } from '../../debug-adapter/debugger/launch';
import { DapClient } from './dap-client.test-support';
import { sampleKernel } from './fake-target.test-support';

describe('conditions given before the program is loaded', function () {
  this.timeout(30_000);
  const loaded: Debuggee[] = [];
  let client: DapClient;

  beforeEach(() => {
    loaded.length = 0;
    client = DapClient.inProcess({
      launch: async (...args) => {
        const debuggee = await launch(...args);
        loaded.push(debuggee);
        return debuggee;
      },
    });
  });
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  /** Launches with what the client has sent before, and says whether names were read when the machine was about to run. */
  async function knowsNamesBeforeItRuns(): Promise<boolean> {
    await client.sendRaw('launch', { program: sampleKernel });
    await client.event('initialized');
    const [debuggee] = loaded;
    assert.equal(debuggee!.target.instructions, 0);
    return debuggee!.program.debug!.knowsNames;
  }
  const setFilter = (condition: string) =>
    client.send('setExceptionBreakpoints', {
      filters: [],
      filterOptions: [{ filterId: 'userExceptions', condition }],
    });

  beforeEach(() => client.send('initialize', { adapterID: 'riscv-unwind' }));

  it('on an exception filter: names of the program are known before it runs, and the condition holds where it is true', async () => {
    await setFilter('page faults if init_task.pid == 0 && $task.comm == "init"');
    assert.equal(await knowsNamesBeforeItRuns(), true);
    await client.send('configurationDone');
    assert.equal((await client.stopped()).reason, 'exception');
    const { result } = await client.send('evaluate', { expression: '$task.comm', context: 'repl' });
    assert.equal(result, '"init"');
  });

  it('on a data breakpoint as well', async () => {
    await client.send('setDataBreakpoints', {
      breakpoints: [{ dataId: 'sym:last_pid+0x0+4#last_pid', condition: 'init_task.pid == 0 && $new == 2' }],
    });
    assert.equal(await knowsNamesBeforeItRuns(), true);
    await client.send('configurationDone');
    assert.match((await client.stopped()).description!, /^last_pid written: 0x1 → 0x2/);
  });

  it('that name causes and registers only read nothing', async () => {
    await setFilter('load page fault, store page fault if $tval < 4096');
    assert.equal(await knowsNamesBeforeItRuns(), false);
    await setFilter('load page fault');
    assert.equal(loaded[0]!.program.debug!.knowsNames, false);
  });
});
