/** Exception filters that look at the interrupted stack, on the sample kernel: healthy, and after somebody has written into it. */
import assert from 'node:assert/strict';
import { DapClient } from './dap-client.test-support';
import { sampleKernel, sampleSources } from './fake-target.test-support';

describe('filters that check the stack at each trap', function () {
  this.timeout(60_000);
  let client: DapClient;

  beforeEach(() => (client = DapClient.inProcess()));
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  async function launch(checks: string, place?: string, args: object = {}): Promise<void> {
    await client.launch(
      { program: sampleKernel, sourceFolders: [sampleSources], recordCalls: true, ...args },
      async () => {
        await client.send('setFunctionBreakpoints', {
          breakpoints: place === undefined ? [] : [{ name: place }],
        });
        const { breakpoints } = await client.send('setExceptionBreakpoints', {
          filters: [],
          filterOptions: [{ filterId: 'stackChecks', condition: checks }],
        });
        assert.ok(breakpoints!.every(({ verified }) => verified));
      },
    );
  }

  /** A variable of the scope `Frame` of the row whose name begins so. */
  async function frameVariable(
    row: string,
    name: string,
  ): Promise<{ value: string; memoryReference: string }> {
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const frame = stackFrames.find((candidate) => candidate.name.startsWith(row))!;
    const { scopes } = await client.send('scopes', { frameId: frame.id });
    const { variablesReference } = scopes.find((scope) => scope.name === 'Frame')!;
    const { variables } = await client.send('variables', { variablesReference });
    const { value, memoryReference } = variables.find((variable) => variable.name === name)!;
    return { value, memoryReference: memoryReference! };
  }

  async function write(memoryReference: string, offset: number, value: bigint): Promise<void> {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    await client.send('writeMemory', { memoryReference, offset, data: bytes.toString('base64') });
  }

  /** Runs to the next stop that is none of a breakpoint. */
  async function nextTrap(): Promise<{ description: string; text: string }> {
    await client.send('setFunctionBreakpoints', { breakpoints: [] });
    await client.send('continue', { threadId: 1 });
    const { reason, description, text } = await client.stopped();
    assert.equal(reason, 'exception');
    return { description: description!, text: text! };
  }

  it('find nothing in a whole run of a healthy kernel', async () => {
    await launch('');
    await client.event('terminated');
    assert.deepEqual(
      client.events.filter(({ event }) => event === 'stopped'),
      [],
    );
  });

  it('find a return address that was overwritten, whose it is, and what it was', async () => {
    await launch('overwritten record', 'pager_wait');
    await client.stopped();
    // The record that leads from do_slow_page to its caller.
    const record = await frameVariable('handle_mm_fault', 'frame record');
    const { result } = await client.send('evaluate', { expression: 'sys_getpid', context: 'repl' });
    await write(record.memoryReference, 8, BigInt(/0x[0-9a-f]+/.exec(result)![0]) + 4n);
    const { text } = await nextTrap();
    assert.match(
      text,
      /^The return address of do_slow_page\S+ at 0x\w+ was overwritten: it was handle_mm_fault\S+, and is sys_getpid\+0x4\//,
    );
    assert.match(text, /supervisor timer interrupt/);
  });

  it('find a metadata record with a reserved type, which also ends the walk', async () => {
    await launch('reserved type, cannot unwind, overwritten record', 'pager_wait');
    await client.stopped();
    const record = await frameVariable('__asm_copy_from_user', 'metadata record');
    await write(record.memoryReference, 16, 7n);
    const { text } = await nextTrap();
    assert.match(
      text,
      /The interrupted stack cannot be unwound to FINAL\. R6: the metadata record .* has type 7/,
    );
    assert.match(text, /A metadata record with a reserved type is on the stack\. R6: /);
    assert.match(text, /The metadata record at 0x\w+ \(24 bytes\) was overwritten: .*type 7/);
    const info = await client.send('exceptionInfo', { threadId: 1 });
    assert.match(info.description!, /has type 7/);
  });

  it('stop where a trap parks a hart before there is a handler, with its cause', async () => {
    await launch('', 'head.S:62');
    await client.send('setExceptionBreakpoints', {
      filters: [],
      filterOptions: [{ filterId: 'unhandledTraps', condition: 'parked' }],
    });
    await client.stopped();
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const { scopes } = await client.send('scopes', { frameId: stackFrames[0]!.id });
    const { variablesReference } = scopes.find(({ name }) => name === 'Registers')!;
    await client.send('setVariable', { variablesReference, name: 'pc', value: '0x1000' });
    const { description, text } = await nextTrap();
    assert.equal(description, 'Exception: instruction page fault');
    assert.match(
      text,
      /^The hart is parked at \.?\S*secondary\S* for ever: the trap came before the kernel had a handler\. /,
    );
    assert.match(text, /instruction page fault of 0x1000 at 0x1000/);
  });

  it('say that overwritten records are known only where calls are recorded', async () => {
    await client.launch({ program: sampleKernel }, async () => {
      const { breakpoints } = await client.send('setExceptionBreakpoints', {
        filters: ['stackChecks'],
        filterOptions: [{ filterId: 'stackChecks', condition: 'overwritten record' }],
      });
      assert.deepEqual(
        breakpoints!.map(({ verified }) => verified),
        [true, false],
      );
      for (const { message } of breakpoints!) {
        assert.match(message!, /^'overwritten record' can be told only with "recordCalls": true/);
      }
    });
    await client.event('terminated');
  });
});
