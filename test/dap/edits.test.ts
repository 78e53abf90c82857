/** What a client has opened stays open after an edit: ids and references of one stop, on the sample kernel. */
import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from './dap-client.test-support';
import { sampleKernel, sampleSources } from './fake-target.test-support';

/** All that a client would show of a hart: frames with their ids, and below the scopes of the first some levels with their references. */
interface Tree {
  readonly frames: readonly string[];
  readonly references: readonly string[];
}

describe('edits at a stop', function () {
  this.timeout(30_000);
  let client: DapClient;

  beforeEach(async () => {
    client = DapClient.inProcess();
    await client.launch({ program: sampleKernel, sourceFolders: [sampleSources] }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'handle_mm_fault' }] }),
    );
    await client.stopped();
  });
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  const frames = async () => (await client.send('stackTrace', { threadId: 1 })).stackFrames;
  const scopes = async (frameId: number) => (await client.send('scopes', { frameId })).scopes;
  const list = async (variablesReference: number) =>
    (await client.send('variables', { variablesReference })).variables;
  const evaluate = async (expression: string, frameId: number) =>
    client.send('evaluate', { expression, frameId, context: 'watch' });
  const named = <T extends { readonly name: string }>(all: readonly T[], name: string): T =>
    all.find((one) => one.name === name) ?? assert.fail(`no ${name}`);

  async function tree(): Promise<Tree> {
    const stack = await frames();
    const references: string[] = [];
    const open = async (path: string, reference: number, depth: number): Promise<void> => {
      for (const { name, variablesReference: below } of await list(reference)) {
        if (below === 0) continue;
        references.push(`${path}/${name}: ${below}`);
        if (depth > 0) await open(`${path}/${name}`, below, depth - 1);
      }
    };
    for (const { name, variablesReference } of await scopes(stack[0]!.id)) {
      references.push(`${name}: ${variablesReference}`);
      await open(name, variablesReference, 1);
    }
    const watched = await evaluate('init_task.thread', stack[0]!.id);
    references.push(`watch: ${watched.variablesReference}`);
    await open('watch', watched.variablesReference, 0);
    return { frames: stack.map(({ id, name }) => `${id} ${name}`), references };
  }
  const areas = async () => ((await client.event('invalidated')).body as Dap.InvalidatedEvent['body']).areas;
  const inScope = async (name: string) => {
    const [top] = await frames();
    return named(await scopes(top!.id), name).variablesReference;
  };

  it('of a register, a word of memory and a local leave all ids and references as they are, and the client is told of values only', async () => {
    const before = await tree();
    assert.ok(before.references.length > 20, before.references.join('\n'));
    assert.equal(new Set(before.references).size, before.references.length);
    const set = (variablesReference: number, name: string, value: string) =>
      client.send('setVariable', { variablesReference, name, value });

    await set(await inScope('Registers'), 't3', '0x1234');
    assert.deepEqual(await areas(), ['variables']);
    assert.deepEqual(await tree(), before);

    await client.send('writeMemory', {
      memoryReference: (await evaluate('&init_task.exit_code', (await frames())[0]!.id)).memoryReference!,
      data: Buffer.of(7, 0, 0, 0).toString('base64'),
    });
    assert.deepEqual(await areas(), ['variables']);
    assert.deepEqual(await tree(), before);

    const { value } = await set(await inScope('Locals'), 'cause', '15');
    assert.equal(value, '15');
    assert.deepEqual(await areas(), ['variables']);
    assert.deepEqual(await tree(), before);

    await client.send('setExpression', {
      expression: 'init_task.exit_code',
      value: '8',
      frameId: (await frames())[0]!.id,
    });
    assert.deepEqual(await areas(), ['variables']);
    assert.deepEqual(await tree(), before);
  });

  it('are seen through the ids and references that a client holds, without a question for the call stack', async () => {
    const [top] = await frames();
    const registers = named(await scopes(top!.id), 'Registers').variablesReference;
    const locals = named(await scopes(top!.id), 'Locals').variablesReference;
    const regs = named(await list(locals), 'regs');
    const epc = named(await list(regs.variablesReference), 'epc').value;
    const other = BigInt((await evaluate('&regs->cause', top!.id)).memoryReference!);
    await client.send('setVariable', {
      variablesReference: locals,
      name: 'regs',
      value: `0x${other.toString(16)}`,
    });
    assert.notEqual(named(await list(regs.variablesReference), 'epc').value, epc);
    await client.send('setVariable', { variablesReference: registers, name: 't3', value: '77' });
    assert.match(named(await list(registers), 't3').value, /^0x4d\b/);
    assert.match((await evaluate('$t3', top!.id)).result, /^0x4d\b/);
  });

  it('of pc give the frame another id, and the client is told that the stack is another', async () => {
    const before = await frames();
    await client.send('setVariable', {
      variablesReference: await inScope('Registers'),
      name: 'pc',
      value: '$pc + 4',
    });
    assert.deepEqual(await areas(), ['all']);
    const after = await frames();
    assert.notEqual(after[0]!.id, before[0]!.id);
    assert.notEqual(after[0]!.instructionPointerReference, before[0]!.instructionPointerReference);
    assert.deepEqual(
      after.slice(1).map(({ id }) => id),
      before.slice(1).map(({ id }) => id),
      'the callers are where they were',
    );
  });

  it('do not make ids outlive the stop: after a step those of before are refused', async () => {
    const before = await tree();
    await client.send('setVariable', {
      variablesReference: await inScope('Registers'),
      name: 't3',
      value: '1',
    });
    const [top] = await frames();
    const registers = await inScope('Registers');
    await client.send('stepIn', { threadId: 1, granularity: 'instruction' });
    await client.stopped();
    const idsOf = ({ frames: all }: Tree) => all.map((frame) => frame.split(' ')[0]!);
    const after = await tree();
    assert.deepEqual(
      idsOf(after).filter((id) => idsOf(before).includes(id)),
      [],
    );
    assert.match((await client.failure('scopes', { frameId: top!.id })).format, /belongs to an earlier stop/);
    assert.match(
      (await client.failure('variables', { variablesReference: registers })).format,
      /belong to an earlier stop/,
    );
  });
});
