import assert from 'node:assert/strict';
import { hostScheduler, type Scheduler } from '../../debug-adapter/target/scheduler';
import { DapClient } from './dap-client.test-support';
import {
  fakeLauncher,
  sampleKernel,
  stopAt,
  stopExit,
  symbolAddress,
  type FakeTarget,
} from './fake-target.test-support';

describe('the life of a session', () => {
  let client: DapClient;
  let targets: FakeTarget[];

  function connect(prepare?: (target: FakeTarget) => void): void {
    const launcher = fakeLauncher(prepare);
    ({ targets } = launcher);
    client = DapClient.inProcess({ launch: launcher.launch });
  }

  afterEach(() => client.close());

  it('asks for breakpoints once the program is loaded, and runs when they are set', async () => {
    connect();
    await client.send('initialize', { adapterID: 'riscv-unwind' });
    assert.equal(targets.length, 0);
    await client.sendRaw('launch', { program: sampleKernel });
    await client.event('initialized');
    assert.equal(targets[0]!.requests.length, 0);
    await client.send('configurationDone');
    assert.deepEqual(kindsOfRuns(targets[0]!), ['continue']);
  });

  it('stops before the first instruction if asked to', async () => {
    connect();
    await client.launch({ program: sampleKernel, stopOnEntry: true });
    const stop = await client.stopped();
    assert.equal(stop.reason, 'entry');
    assert.equal(stop.allThreadsStopped, true);
    assert.equal(targets[0]!.requests.length, 0);
  });

  it('runs without breakpoints and without stopping under noDebug', async () => {
    connect((target) => target.script.push(stopExit()));
    await client.launch({ program: sampleKernel, noDebug: true, stopOnEntry: true }, async () => {
      await client.send('setFunctionBreakpoints', { breakpoints: [{ name: '*0xffffffff80000000' }] });
    });
    await client.event('terminated');
    assert.deepEqual(targets[0]!.breakpoints, []);
    assert.ok(!client.events.some((event) => event.event === 'stopped'));
  });

  it('reports the exit of the guest with its code, after all of its output', async () => {
    connect((target) =>
      target.script.push((running, request) => {
        running.onConsoleOutput(new TextEncoder().encode('bye'));
        return stopExit(7)(running, request);
      }),
    );
    await client.launch({ program: sampleKernel });
    const exited = await client.event('exited');
    await client.event('terminated');
    assert.deepEqual(exited.body, { exitCode: 7 });
    assert.equal(client.output('stdout'), 'bye');
    assert.match(
      client.output('console'),
      /^The machine powered off with code 7 after 1,234,567 instructions\.\n$/,
    );
  });

  it('shows nothing, and no error, to a client that asks late about a stop when the machine has gone on, off or away', async () => {
    connect((target) => target.script.push(stopAt(symbolAddress('handle_exception')), stopExit()));
    await client.launch({ program: sampleKernel }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'handle_exception' }] }),
    );
    await client.stopped();
    const { id: frameId } = (await client.send('stackTrace', { threadId: 1 })).stackFrames[0]!;
    const { variablesReference } = (await client.send('scopes', { frameId })).scopes[0]!;
    const asksLate = async () => {
      assert.deepEqual((await client.send('scopes', { frameId })).scopes, []);
      assert.deepEqual((await client.send('variables', { variablesReference })).variables, []);
    };
    await client.send('continue', { threadId: 1 });
    await asksLate();
    await client.event('terminated');
    await asksLate();
    const last = (await client.send('stackTrace', { threadId: 1 })).stackFrames[0]!;
    assert.notDeepEqual(
      (await client.send('scopes', { frameId: last.id })).scopes,
      [],
      'the machine as it was switched off can be seen',
    );
    await client.send('terminate');
    await asksLate();
  });

  it('refuses to run on after the exit, and says how to go on', async () => {
    connect((target) => target.script.push(stopExit()));
    await client.launch({ program: sampleKernel });
    await client.event('terminated');
    const error = await client.failure('continue', { threadId: 1 });
    assert.equal(error.format, 'The machine has powered off. Restart it to go on.');
    await client.send('restart', {});
    await client.event('terminated');
    assert.equal(targets.length, 2);
  });

  it('restarts into a new machine with the same breakpoints', async () => {
    connect();
    await client.launch({ program: sampleKernel }, async () => {
      await client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'start_kernel' }] });
    });
    await client.send('restart', {});
    await client.event('continued');
    assert.equal(targets.length, 2);
    assert.notDeepEqual(targets[0]!.breakpoints, []);
    assert.deepEqual(targets[1]!.breakpoints, targets[0]!.breakpoints);
    assert.equal(targets[0]!.running, false);
    assert.deepEqual(kindsOfRuns(targets[1]!), ['continue']);
    assert.ok(!client.events.some((event) => event.event === 'stopped'));
  });

  it('keeps over a restart what was chosen in the session, until the configuration says something else', async () => {
    connect();
    await client.launch({ program: sampleKernel });
    await client.send('riscvUnwind/walk', { walk: 'cfi' });
    await client.send('riscvUnwind/stepping', { holdInterrupts: false });
    const walkAndPolicy = async () => {
      const { choices } = await client.send('riscvUnwind/walk', {});
      const { holdInterrupts, follows } = await client.send('riscvUnwind/stepping', {});
      return [choices.find(({ chosen }) => chosen)?.walk, holdInterrupts, follows];
    };
    await client.sendRaw('restart', { arguments: { program: sampleKernel, smp: 2 } });
    assert.equal(targets[1]!.harts.length, 2);
    assert.deepEqual(await walkAndPolicy(), ['cfi', false, 'task']);
    await client.sendRaw('restart', {
      arguments: { program: sampleKernel, walk: 'legacy', stepFollows: 'hart' },
    });
    assert.equal(targets[2]!.harts.length, 1);
    assert.deepEqual(await walkAndPolicy(), ['legacy', true, 'hart']);
  });

  it('keeps over a restart the breakpoints of all owners and counts their hits anew', async () => {
    const place = symbolAddress('handle_exception');
    connect((target) => target.script.push(stopAt(place)));
    await client.launch({ program: sampleKernel }, async () => {
      await client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'handle_exception' }] });
      await client.send('setExceptionBreakpoints', { filters: ['kernelExceptions'] });
    });
    await client.stopped();
    await client.send('evaluate', { expression: 'break start_kernel', context: 'repl' });
    const list = async () =>
      (await client.send('evaluate', { expression: 'info breakpoints', context: 'repl' })).result;
    assert.match(await list(), /handle_exception.*hit once[^]*start_kernel/);
    await client.send('restart', {});
    await client.stopped();
    assert.deepEqual(targets[1]!.breakpoints, targets[0]!.breakpoints);
    assert.notEqual(targets[1]!.trapFilter, undefined);
    assert.deepEqual(targets[1]!.trapFilter, targets[0]!.trapFilter);
    assert.match(await list(), /handle_exception.*hit once[^]*start_kernel/);
  });

  it('restarts after the client has terminated the program', async () => {
    connect();
    await client.launch({ program: sampleKernel });
    await client.send('terminate');
    await client.event('terminated');
    await client.send('restart', {});
    assert.equal(targets.length, 2);
    assert.equal(targets[1]!.running, true);
  });

  it('keeps the machine when a restart cannot have a new one', async () => {
    connect();
    await client.launch({ program: sampleKernel });
    const error = await client.failure('restart', { arguments: { program: sampleKernel, smp: 'many' } });
    assert.match(error.format, /^"smp" is 'many'/);
    assert.equal(targets.length, 1);
    assert.equal(targets[0]!.running, true);
  });

  it('stops the machine silently when it is terminated or disconnected', async () => {
    connect();
    await client.launch({ program: sampleKernel });
    assert.equal(targets[0]!.running, true);
    await client.send('terminate');
    await client.event('terminated');
    assert.equal(targets[0]!.running, false);
    await client.send('disconnect');
    assert.ok(!client.events.some((event) => event.event === 'stopped'));
    const error = await client.failure('continue', { threadId: 1 });
    assert.equal(error.format, 'The debug session has ended. Start it again to go on.');
  });

  it('stops the machine when the client goes away without a word', async () => {
    connect();
    await client.launch({ program: sampleKernel });
    client.close();
    while (targets[0]!.running) await new Promise((resolve) => setImmediate(resolve));
  });

  it('shows progress while it loads', async () => {
    connect();
    await client.launch({ program: sampleKernel, stopOnEntry: true });
    const names = client.events.map((event) => event.event);
    assert.ok(names.indexOf('progressStart') < names.indexOf('progressEnd'));
    assert.ok(names.indexOf('progressEnd') < names.indexOf('initialized'));
  });

  it('cancels a launch that waits for what cannot be called off', async () => {
    client = DapClient.inProcess({ launch: () => new Promise(() => undefined) });
    await client.send('initialize', { adapterID: 'riscv-unwind', supportsProgressReporting: true });
    const failure = client.failure('launch', { program: sampleKernel });
    const { progressId } = (await client.event('progressStart')).body as unknown as { progressId: string };
    await client.send('cancel', { progressId });
    assert.match((await failure).format, /was cancelled/);
  });

  it('says what it waits for when the client does not let it run', async () => {
    const alarms: { readonly milliseconds: number; readonly wake: () => void }[] = [];
    const scheduler: Scheduler = {
      ...hostScheduler(),
      after: (milliseconds, wake) => {
        const alarm = { milliseconds, wake };
        alarms.push(alarm);
        return () => alarms.splice(alarms.indexOf(alarm), 1);
      },
    };
    client = DapClient.inProcess({ launch: fakeLauncher().launch, scheduler });
    await client.send('initialize', { adapterID: 'riscv-unwind' });
    await client.sendRaw('launch', { program: sampleKernel });
    await client.event('initialized');
    assert.deepEqual(
      alarms.map(({ milliseconds }) => milliseconds),
      [10_000],
    );
    alarms[0]!.wake();
    await client.event('output');
    assert.match(
      client.output('important'),
      /^The machine waits: the client has not sent "configurationDone"/,
    );
    await client.send('configurationDone');
    assert.deepEqual(alarms, []);
  });

  it('answers requests in the wrong order with what is missing', async () => {
    connect();
    await client.send('initialize', { adapterID: 'riscv-unwind' });
    assert.deepEqual(await client.send('threads'), { threads: [] });
    for (const command of ['configurationDone', 'continue', 'pause', 'restart']) {
      const error = await client.failure(command, { threadId: 1 });
      assert.equal(error.format, 'No program is loaded yet. Start a launch configuration first.', command);
    }
    await client.sendRaw('launch', { program: sampleKernel });
    const error = await client.failure('launch', { program: sampleKernel });
    assert.match(error.format, /^A program is loaded already\./);
  });

  it('names the request and the argument that is missing, and survives', async () => {
    connect();
    await client.launch({ program: sampleKernel, stopOnEntry: true });
    const missing = await client.failure('stackTrace', {});
    assert.equal(missing.format, `The request 'stackTrace' needs "threadId", a number.`);
    const unknown = await client.failure('stepBack', { threadId: 1 });
    assert.equal(unknown.format, `The request 'stepBack' is not one that RISC-V Unwind answers.`);
    assert.equal(unknown.showUser, false);
    const attach = await client.failure('attach', {});
    assert.match(attach.format, /Use "request": "launch" in launch\.json\.$/);
    const broken = await client.failure('setFunctionBreakpoints', { breakpoints: [null] });
    assert.match(broken.format, /please report it\.$/);
    assert.equal((await client.send('threads')).threads.length, 1);
  });
});

/** How a target was asked to run. With each run comes the judge of its stops, which is no business of this test. */
function kindsOfRuns({ requests }: FakeTarget): readonly string[] {
  return requests.map(({ kind }) => kind);
}
