import assert from 'node:assert/strict';
import { DapClient } from './dap-client.test-support';
import { fakeLauncher, sampleKernel, stopExit, type FakeTarget } from './fake-target.test-support';

describe("the guest's console", () => {
  async function run(write: (target: FakeTarget) => void, console?: string): Promise<DapClient> {
    const launcher = fakeLauncher((target) =>
      target.script.push((running, request) => {
        write(running);
        return stopExit()(running, request);
      }),
    );
    const client = DapClient.inProcess({ launch: launcher.launch });
    await client.launch({ program: sampleKernel, ...(console !== undefined && { console }) });
    await client.event('terminated');
    client.close();
    return client;
  }

  const bytes = new TextEncoder().encode('héllo ☃\n');

  it('is passed on as written, in one event for each slice', async () => {
    const client = await run((target) => {
      for (const byte of bytes) target.onConsoleOutput(Uint8Array.of(byte));
    });
    const outputs = client.events.filter(
      (event) => event.event === 'output' && (event.body as { category: string }).category === 'stdout',
    );
    assert.deepEqual(
      outputs.map((event) => (event.body as { output: string }).output),
      ['héllo ☃\n'],
    );
  });

  it('keeps half a character until the rest is written, and shows it when nothing follows', async () => {
    const client = await run((target) => {
      target.onConsoleOutput(bytes.subarray(0, 2));
      target.onConsoleOutput(bytes.subarray(2, 9));
    });
    assert.equal(client.output('stdout'), 'héllo \ufffd');
  });

  it('goes to the terminal of the client instead, if the client has one', async () => {
    const client = await run((target) => target.onConsoleOutput(bytes), 'integratedTerminal');
    assert.equal(client.output('stdout'), '');
    const event = client.events.find((candidate) => candidate.event === 'riscvUnwind/consoleOutput');
    assert.deepEqual(event!.body, { data: 'héllo ☃\n' });
  });
});
