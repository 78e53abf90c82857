/** One process serves several sessions over TCP, each with a machine of its own. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { BuiltCli } from '../built-cli.test-support';
import { DapClient } from './dap-client.test-support';
import { sampleKernel } from './fake-target.test-support';

const kernels = ['metadata', 'legacy', 'm-mode'].map((build) => sampleKernel.replace('metadata', build));

describe('several sessions in one process', function () {
  this.timeout(60_000);
  let cli: BuiltCli;
  let server: ReturnType<BuiltCli['start']>;
  let port: number;
  const sockets: Socket[] = [];

  before(async () => {
    cli = await BuiltCli.build();
    server = cli.start(['dap', '--port', '0']);
    const [line] = (await once(server.stderr, 'data')) as [Buffer];
    port = Number(/:(\d+)/.exec(line.toString())![1]);
  });
  after(async () => {
    server.kill();
    await cli.remove();
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  function session(): { readonly client: DapClient; readonly socket: Socket } {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    return { client: new DapClient(socket, socket, () => socket.destroy()), socket };
  }

  const launch = (client: DapClient, program: string, smp: number) =>
    client.launch({ program, smp, console: 'debugConsole' }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'handle_exception' }] }),
    );

  /** Which code the session has at its breakpoint, from its own symbols and its own memory. */
  async function place(client: DapClient): Promise<string> {
    const { stackFrames } = await client.send('stackTrace', { threadId: (await stopOf(client)).threadId! });
    return `${stackFrames[0]!.name} ${stackFrames[0]!.instructionPointerReference}`;
  }
  const stopOf = (client: DapClient) => client.stopped();

  it('stops, steps and goes on in each as if it were alone', async () => {
    const alone: string[][] = [];
    for (const [index, program] of kernels.entries()) {
      const { client } = session();
      await launch(client, program, index + 1);
      const seen = [await place(client)];
      for (let stop = 0; stop < 4; stop++) {
        await client.send('continue', { threadId: 1 });
        seen.push(await place(client));
      }
      await client.send('disconnect');
      alone.push(seen);
    }
    assert.equal(new Set(alone.map(([first]) => first)).size, 3, 'the kernels differ');

    const clients = kernels.map(() => session().client);
    await Promise.all(kernels.map((program, index) => launch(clients[index]!, program, index + 1)));
    const together = await Promise.all(clients.map(async (client) => [await place(client)]));
    for (let stop = 0; stop < 4; stop++) {
      for (const [index, client] of clients.entries()) {
        await client.send('continue', { threadId: 1 });
        together[index]!.push(await place(client));
      }
    }
    assert.deepEqual(together, alone);
  });

  it('goes on in the others when one is broken off, sends nonsense, or cannot launch', async () => {
    const steady = session().client;
    await launch(steady, kernels[0]!, 2);
    const before = await place(steady);

    const running = session();
    await running.client.launch({ program: kernels[1]!, append: 'interactive' });
    running.socket.destroy();
    const confused = session();
    await confused.client.send('initialize', { adapterID: 'riscv-unwind' });
    confused.socket.write('Content-Length: 9\r\n\r\n{"seq": 1Content-Length: 4\r\n\r\nnull');
    const wrong = session();
    await wrong.client.send('initialize', { adapterID: 'riscv-unwind' });
    assert.match(
      (await wrong.client.failure('launch', { program: '/no/kernel' })).format,
      /^There is no kernel/,
    );
    await wrong.client.send('disconnect');

    await steady.send('continue', { threadId: 1 });
    assert.match(await place(steady), /^handle_exception/);
    assert.match(before, /^handle_exception/);
    const late = session().client;
    await launch(late, kernels[2]!, 1);
    assert.match(await place(late), /^handle_exception|\+0x/);
    assert.equal(server.exitCode, null);
  });
});
