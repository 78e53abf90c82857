/** Memory by virtual and by physical addresses: the sample kernel in the emulator, in this process. */
import assert from 'node:assert/strict';
import { DapClient } from './dap-client.test-support';
import { sampleKernel, sampleSources } from './fake-target.test-support';

describe('memory of the sample kernel', function () {
  this.timeout(30_000);
  let client: DapClient;

  beforeEach(async () => {
    client = DapClient.inProcess();
    await client.send('initialize', {
      adapterID: 'riscv-unwind',
      supportsInvalidatedEvent: true,
      supportsMemoryEvent: true,
    });
    await client.sendRaw('launch', { program: sampleKernel, sourceFolders: [sampleSources] });
    await client.event('initialized');
    await client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'tour_kernel' }] });
    await client.send('configurationDone');
    await client.stopped();
  });
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  const evaluate = async (expression: string): Promise<string> =>
    (await client.send('evaluate', { expression, context: 'repl' })).result;

  /** Where the kernel's image begins: 0x80200000 holds the first bytes of head.S. */
  const image = { virtual: '0xffffffff80000000', physical: 'phys:0x80200000' };

  it('is the same at its physical address, wherever a reference is taken', async () => {
    const read = async (memoryReference: string, offset: number) =>
      (await client.send('readMemory', { memoryReference, offset, count: 64 })).data;
    assert.equal(await read(image.physical, 4096), await read(image.virtual, 4096));
    const words = (text: string) => text.replace(/^.*?: /gm, '');
    const physical = await evaluate(`x/8gx ${image.physical}`);
    assert.match(physical, /^phys:0x80200000: 0x\w{16} 0x\w{16}\nphys:0x80200010: /);
    assert.equal(words(physical), words(await evaluate(`x/8gx ${image.virtual}`)));
    const [, second] = words(physical).split(/[ \n]/);
    assert.equal(await evaluate('x/gx phys: 0x80200000 + 8'), `phys:0x80200008: ${second!}`);
    const rows = async (memoryReference: string) =>
      (await client.send('disassemble', { memoryReference, instructionOffset: -2, instructionCount: 20 }))
        .instructions;
    const [first] = (await rows(image.physical)).slice(2);
    assert.equal(first!.address, '0x80200000');
    assert.match(first!.instruction, /^<_start>: j 0x80200\w+ {2}# _start_kernel$/);
    assert.equal(first!.instructionBytes, (await rows(image.virtual))[2]!.instructionBytes);
    const { result, memoryReference } = await client.send('evaluate', {
      expression: image.physical,
      context: 'watch',
    });
    assert.equal(memoryReference, image.physical);
    assert.equal(BigInt(result), BigInt(words(physical).split(' ')[0]!));
  });

  it('ends where RAM ends', async () => {
    const end = await client.send('readMemory', { memoryReference: 'phys:0x87ffff00', count: 0x2000 });
    assert.deepEqual([Buffer.from(end.data!, 'base64').length, end.unreadableBytes], [0x100, 0x1f00]);
    const none = await client.send('readMemory', { memoryReference: 'phys:0x10000000', count: 8 });
    assert.deepEqual(none, { address: '0x10000000', unreadableBytes: 8 });
    const eight = Buffer.alloc(0x10, 0xa5).toString('base64');
    const half = { memoryReference: 'phys:0x87fffff8', data: eight };
    const error = await client.failure('writeMemory', half);
    assert.match(error.format, /^The memory at phys:0x88000000 cannot be written/);
    assert.equal(await evaluate('phys:0x87fffff8'), '0x0');
    const { bytesWritten } = await client.send('writeMemory', { ...half, allowPartial: true });
    assert.equal(bytesWritten, 8);
    await client.event('output');
    assert.match(client.output('important'), /^The memory at phys:0x88000000 cannot be written/);
    assert.equal(await evaluate('phys:0x87fffff8'), '0xa5a5a5a5a5a5a5a5');
    assert.match(
      (await client.failure('evaluate', { expression: 'phys:0x10000000', context: 'repl' })).format,
      /^There is no RAM at phys:0x10000000/,
    );
  });

  it('is executed as it was written', async () => {
    const pc = BigInt((await evaluate('pc')).split(' ')[0]!);
    const physical = pc - 0xffff_ffff_8000_0000n + 0x8020_0000n;
    // li a0,21; li a0,22
    const code = Buffer.from([0x55, 0x45, 0x59, 0x45]).toString('base64');
    await client.send('writeMemory', { memoryReference: `phys:0x${physical.toString(16)}`, data: code });
    for (const value of ['0x15', '0x16']) {
      await client.send('stepIn', { threadId: 1, granularity: 'instruction' });
      await client.stopped();
      assert.equal(await evaluate('a0'), value);
    }
  });

  it('tells the client which of what it has read may have changed', async () => {
    await client.send('readMemory', { memoryReference: image.virtual, offset: 0x100, count: 16 });
    await client.send('readMemory', { memoryReference: image.virtual, offset: 0x200, count: 16 });
    await client.send('readMemory', { memoryReference: image.physical, count: 8 });
    await client.send('writeMemory', { memoryReference: image.physical, data: 'AAAA' });
    assert.deepEqual((await client.event('invalidated')).body, { areas: ['all'] });
    assert.deepEqual(
      [(await client.event('memory')).body, (await client.event('memory')).body],
      [
        { memoryReference: image.virtual, offset: 0x100, count: 0x110 },
        { memoryReference: image.physical, offset: 0, count: 8 },
      ],
    );
  });

  it('is to be read again after each stop, also of the machine that a restart has made', async () => {
    const view = { memoryReference: image.virtual, offset: 0x100, count: 16 };
    await client.send('readMemory', view);
    await client.send('next', { threadId: 1 });
    await client.stopped();
    assert.deepEqual((await client.event('memory')).body, view);
    await client.send('restart');
    await client.stopped();
    assert.deepEqual((await client.event('memory')).body, view);
  });
});
