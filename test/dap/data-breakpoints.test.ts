/** Data breakpoints on the sample kernel in the emulator, in this process. */
import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from './dap-client.test-support';
import { sampleKernel, sampleSources } from './fake-target.test-support';

describe('data breakpoints on the sample kernel', function () {
  this.timeout(60_000);
  let client: DapClient;

  beforeEach(() => (client = DapClient.inProcess()));
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  async function launch(...functions: readonly string[]): Promise<void> {
    await client.launch({ program: sampleKernel, sourceFolders: [sampleSources] }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: functions.map((name) => ({ name })) }),
    );
    await client.stopped();
    await client.send('setFunctionBreakpoints', { breakpoints: [] });
  }

  const info = (args: Dap.DataBreakpointInfoArguments) => client.send('dataBreakpointInfo', args);
  async function dataId(name: string, more: Partial<Dap.DataBreakpointInfoArguments> = {}): Promise<string> {
    const { dataId, description } = await info({ name, ...more });
    assert.ok(dataId !== null, description);
    return dataId;
  }
  async function set(...breakpoints: readonly Dap.DataBreakpoint[]): Promise<readonly Dap.Breakpoint[]> {
    return (await client.send('setDataBreakpoints', { breakpoints: [...breakpoints] })).breakpoints;
  }
  async function goOn(): Promise<Dap.StoppedEvent['body']> {
    await client.send('continue', { threadId: 1 });
    return client.stopped();
  }
  const evaluate = async (expression: string): Promise<string> =>
    (await client.send('evaluate', { expression, context: 'repl' })).result;

  it('stop when a variable changes, with the old and the new value and who did it', async () => {
    await launch('rest_init');
    const [breakpoint] = await set({ dataId: await dataId('last_pid') });
    assert.equal(breakpoint?.verified, true, breakpoint?.message);
    const stop = await goOn();
    assert.equal(stop.reason, 'data breakpoint');
    assert.deepEqual(stop.hitBreakpointIds, [breakpoint.id]);
    assert.match(stop.description!, /^last_pid written: 0x0 → 0x1 by kernel_clone\+0x\w+\/0x\w+ on hart 0$/);
    assert.match(await evaluate('*(int *)&last_pid'), /^1\b/);
    assert.match((await goOn()).description!, /last_pid written: 0x1 → 0x2 by kernel_clone/);
  });

  it('are asked for their condition, with the values, and count hits', async () => {
    await launch('rest_init');
    const place = await dataId('last_pid');
    await set({ dataId: place, condition: '$new == 3 && $old == 2' });
    assert.match((await goOn()).description!, /last_pid written: 0x2 → 0x3/);
    assert.match(await evaluate('$old * 10 + $new'), /^0x17/);
    await set({ dataId: place, hitCondition: '2' });
    assert.match((await goOn()).description!, /last_pid written: 0x4 → 0x5/);
  });

  it('tell old and new values only where they have stopped', async () => {
    await launch('rest_init');
    await set(
      { dataId: await dataId('last_pid') },
      { dataId: await dataId('last_pid'), condition: '$new == 100' },
    );
    await goOn();
    assert.match(await evaluate('$new'), /^0x1\b/);
    await set();
    await client.send('next', { threadId: 1, granularity: 'instruction' });
    assert.equal((await client.stopped()).reason, 'step');
    const { format } = await client.failure('evaluate', { expression: '$new', context: 'repl' });
    assert.match(format, /\$new is known where a data breakpoint of at most eight bytes has stopped/);
  });

  it('watch what a register points to, and a CSR, from the variables view', async () => {
    await launch('copy_process');
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const { scopes } = await client.send('scopes', { frameId: stackFrames[0]!.id });
    const scope = (name: RegExp) => scopes.find((one) => name.test(one.name))!.variablesReference;
    const sp = await info({ variablesReference: scope(/^Registers/), name: 'sp' });
    assert.equal(sp.description, '*$sp (8 bytes)');
    assert.deepEqual(sp.accessTypes, ['read', 'write', 'readWrite']);
    const satp = await info({ variablesReference: scope(/^Supervisor/), name: 'satp' });
    assert.deepEqual([satp.dataId, satp.accessTypes, satp.canPersist], ['csr:satp#satp', ['write'], true]);
    await set({ dataId: satp.dataId! });
    assert.match((await goOn()).description!, /^satp written: 0x8\w+ → 0x8\w+ by \w+\+0x/);
  });

  it('watch addresses, physical and virtual, and expressions', async () => {
    await launch('rest_init');
    const variable = (await client.send('evaluate', { expression: 'last_pid' })).memoryReference!;
    assert.match(await dataId(variable, { asAddress: true, bytes: 4 }), /^sym:last_pid\+0x0\+4#/);
    assert.match(await dataId('phys:0x80200000,16'), /^phys:0x80200000\+16#/);
    assert.match(await dataId('*(unsigned int *)$sp'), /^sym:init_thread_union\+0x\w+\+4#/);
    assert.match(await dataId('&last_pid'), /^sym:last_pid\+0x0\+4#/);
    const virtual = `virt:${variable}+4#last_pid`;
    const [first, second] = await set({ dataId: virtual, accessType: 'readWrite' }, { dataId: 'nonsense' });
    assert.equal(first?.verified, true);
    assert.deepEqual(second, { verified: false, message: "'nonsense' is nothing that could be watched." });
    assert.match((await goOn()).description!, /^last_pid read: 0x0 by kernel_thread/);
  });

  it('watch C variables with the size of their type: a static, an element of an array, a member behind a pointer', async () => {
    await launch('free_stack');
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const { scopes } = await client.send('scopes', { frameId: stackFrames[0]!.id });
    const statics = scopes.find(({ name }) => name === 'Statics of the file')!.variablesReference;
    const counter = await info({ variablesReference: statics, name: 'nr_free_stacks' });
    assert.equal(counter.dataId, 'sym:nr_free_stacks+0x0+4#nr_free_stacks');
    assert.equal(counter.canPersist, true);
    const { variables } = await client.send('variables', { variablesReference: statics });
    const array = variables.find(({ name }) => name === 'free_stacks')!;
    assert.equal(
      await dataId('[3]', { variablesReference: array.variablesReference }),
      'sym:free_stacks+0x18+8#free_stacks[3]',
    );
    const outside = await info({ variablesReference: array.variablesReference, name: '[100000]' });
    assert.equal(outside.dataId, null);
    const task = await client.send('evaluate', { expression: '$task', frameId: stackFrames[0]!.id });
    const pid = await info({ variablesReference: task.variablesReference, name: 'pid' });
    assert.match(pid.description, /pid \(4 bytes\)$/);
    const locals = scopes.find(({ name }) => name === 'Locals')!.variablesReference;
    const inlined = await info({ variablesReference: locals, name: 'value_' });
    assert.deepEqual(
      [inlined.dataId, inlined.description],
      [null, "'value_' is not in memory here, so it cannot be watched."],
    );
    const [set4] = await set({ dataId: counter.dataId });
    assert.equal(set4?.verified, true);
    assert.match(
      (await goOn()).description!,
      /^nr_free_stacks written: 0x(\w+) → 0x\w+ by (free|alloc)_stack\+/,
    );
  });

  it('say why there is nothing to watch', async () => {
    await launch('rest_init');
    const refused = async (name: string, bytes?: number) => {
      const { dataId, description } = await info({ name, ...(bytes !== undefined && { bytes }) });
      assert.equal(dataId, null);
      return description;
    };
    assert.match(await refused('no_such_thing'), /no_such_thing/);
    assert.match(await refused('csr:nonsense'), /no CSR 'nonsense'/);
    assert.match(await refused('last_pid', 100_000), /too many to watch: at most 65536/);
    const [breakpoint] = await set({ dataId: await dataId('last_pid'), condition: '1 +' });
    assert.equal(breakpoint?.verified, false);
    assert.match(breakpoint.message ?? '', /^The condition '1 \+'/);
  });

  it('survive a restart', async () => {
    await launch('rest_init');
    await set({ dataId: await dataId('last_pid') });
    await client.send('restart', {});
    assert.match((await client.stopped()).description!, /^last_pid written: 0x0 → 0x1/);
  });

  it('are set, listed and removed in the debug console, with breakpoints of code under one numbering', async () => {
    await launch('rest_init');
    const gone = async () => (await client.event('breakpoint')).body as Dap.BreakpointEvent['body'];
    const number = (said: string) => /^Breakpoint (\d+)[ :]/.exec(said)?.[1] ?? assert.fail(said);
    assert.match(await evaluate('info watchpoints'), /^Nothing is watched/);
    const said = await evaluate('watch last_pid if *(int *)&last_pid == 2');
    assert.match(said, /^Breakpoint \d+ \(data change\): last_pid \(4 bytes\) at physical 0x80\w+ if \*/);
    const first = Number(number(said));
    const code = number(await evaluate('break sys_exit if a0 == 4711'));
    assert.equal((await gone()).reason, 'new');
    const satp = number(await evaluate('watch csr:satp'));
    assert.deepEqual([code, satp].map(Number), [first + 1, first + 2]);
    assert.match(
      await evaluate('info breakpoints'),
      /^Num {2}Type {9}Enb {2}What\n *\d+ {2}data change {2}y {4}last_pid .*\n *\d+ {2}function {5}y {4}sys_exit at .* if a0 == 4711\n *\d+ {2}data change {2}y {4}satp$/,
    );
    assert.match(
      await evaluate('info watchpoints'),
      /^Num .*\n *\d+ {2}data change {2}y {4}last_pid .*\n.* {2}satp$/,
    );
    assert.equal(await evaluate(`delete ${satp}`), `Breakpoint ${satp} deleted.`);
    assert.deepEqual(
      [(await gone()).reason, (await evaluate('info watchpoints')).includes('satp')],
      ['removed', false],
    );
    const stop = await goOn();
    assert.match(stop.description!, /last_pid written: 0x1 → 0x2/);
    assert.deepEqual(stop.hitBreakpointIds, [first]);
    assert.match(await evaluate('info breakpoints'), /last_pid .*, hit once\n/);
    assert.equal(await evaluate('delete'), '2 breakpoints deleted.');
    assert.equal(await evaluate('info breakpoints'), 'There are no breakpoints.');
    const { format } = await client.failure('evaluate', { expression: 'rwatch csr:satp', context: 'repl' });
    assert.match(format, /Of a CSR only writes can be watched/);
  });

  it('of the client are deleted by their number in the debug console, and the client hears of it', async () => {
    await launch('rest_init');
    const [breakpoint] = await set({ dataId: await dataId('last_pid') });
    const id = breakpoint!.id!;
    assert.match(await evaluate('info breakpoints'), new RegExp(`\\n *${id}  data change  y    last_pid`));
    await evaluate(`delete ${id}`);
    const { reason, breakpoint: gone } = (await client.event('breakpoint'))
      .body as Dap.BreakpointEvent['body'];
    assert.deepEqual([reason, gone.id], ['removed', id]);
    assert.equal(await evaluate('info breakpoints'), 'There are no breakpoints.');
  });

  it('end a step, and let one complete whose access nobody wants', async () => {
    await launch('copy_process');
    await set({ dataId: await dataId('last_pid'), condition: '0' });
    await client.send('stepOut', { threadId: 1 });
    assert.equal((await client.stopped()).reason, 'step');
  });
});
