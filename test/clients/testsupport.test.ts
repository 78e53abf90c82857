/** The adapter as the debug adapter SDK's own test client drives it, over stdio and over TCP. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { buildAdapter, type BuiltAdapter } from '../dap/built-adapter.test-support';
import { root } from '../built-cli.test-support';
import { lineOf } from '../workbench/sample';
import { Listening } from './listening.test-support';

const program = join(root, 'sample-kernel/prebuilt/sample-metadata.elf');
const entry = {
  path: join(root, 'sample-kernel/entry.S'),
  line: lineOf('entry.S', 'jalr\tt1', '.Lcall_handler:'),
};

describe('the test client of the SDK', function () {
  this.timeout(60_000);
  let adapter: BuiltAdapter;
  let server: Listening;

  before(async () => {
    [adapter, server] = await Promise.all([buildAdapter(), Listening.start()]);
  });
  after(() => Promise.all([adapter.remove(), server.stop()]));

  for (const transport of ['stdio', 'TCP'] as const) {
    describe(`over ${transport}`, () => {
      let client: DebugClient;

      beforeEach(() => {
        client = new DebugClient('node', adapter.script, 'riscv-unwind');
        return client.start(transport === 'TCP' ? server.port : undefined);
      });
      afterEach(() => client.stop());

      it('hits a breakpoint in entry.S and sees the call stack there', async () => {
        await client.hitBreakpoint({ program }, entry);
        const { body } = await client.stackTraceRequest({ threadId: 1 });
        assert.match(body.stackFrames[0]!.name, /^handle_exception\+0x/);
        assert.ok(body.stackFrames.some(({ name }) => name.startsWith('FINAL')));
      });

      it('stops on entry, steps, and is told of the end', async () => {
        await Promise.all([
          client.configurationSequence(),
          client.launch({ program, stopOnEntry: true }),
          client.waitForEvent('stopped'),
        ]);
        await Promise.all([client.stepInRequest({ threadId: 1 }), client.waitForEvent('stopped')]);
        await Promise.all([
          client.continueRequest({ threadId: 1 }),
          client.assertOutput('stdout', 'RISC-V sample kernel'),
          client.waitForEvent('terminated', 20_000),
        ]);
      });

      it('is told what is wrong with a launch', async () => {
        await client.initializeRequest();
        await assert.rejects(client.launchRequest({ program: '/nowhere/vmlinux' } as object), /nowhere/);
      });
    });
  }
});
