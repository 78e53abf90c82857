/** What an hour of work leaves behind: nothing. A thousand stops on Linux, each looked at as an editor does, do not make the adapter larger. */
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DapClient } from '../dap/dap-client.test-support';
import { linuxInitrd, linuxKernel, linuxSourceMap } from '../linux/linux.test-support';

/** Until here caches fill: line programs, layouts, places in code, frames of functions. */
const warmUp = 1500;
const stops = 1000;
/** Bytes: what a leak of one call stack a stop would be many times over. Places in code that are met for the first time stay. */
const mostGrowth = 4e6;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function memoryInUse(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('memory', function () {
  this.timeout(5 * 60_000);

  it('does not grow over a thousand stops on Linux', async function () {
    const client = DapClient.inProcess();
    try {
      const program = linuxKernel(this, 'metadata');
      const launch = { program, initrd: linuxInitrd, sourceFileMap: linuxSourceMap };
      await client.launch(launch, () =>
        client.send('setFunctionBreakpoints', {
          breakpoints: [{ name: 'handle_exception' }, { name: 'schedule' }],
        }),
      );
      for (let n = 0; n < warmUp; n++) await stopAndLook(client, n);
      const before = memoryInUse();
      for (let n = 0; n < stops; n++) await stopAndLook(client, n);
      const growth = memoryInUse() - before;
      assert.ok(growth < mostGrowth, `${(growth / 1e6).toFixed(1)} MB more after ${stops} stops`);
    } finally {
      client.close();
    }
  });
});

/** As an editor does at each stop: threads, the call stack, the scopes of its top, what is in two of them, a watch. Then it goes on. */
async function stopAndLook(client: DapClient, n: number): Promise<void> {
  const { threadId = 1 } = await client.stopped();
  await client.send('threads');
  const { stackFrames } = await client.send('stackTrace', { threadId, levels: 20 });
  const frameId = stackFrames[0]!.id;
  const { scopes } = await client.send('scopes', { frameId });
  for (const { variablesReference } of scopes.slice(0, 3))
    await client.send('variables', { variablesReference });
  await client.send('evaluate', { expression: '$task->comm', frameId, context: 'watch' });
  if (n % 4 === 0) await client.send('continue', { threadId });
  else await client.send('stepIn', { threadId, granularity: 'instruction' });
}
