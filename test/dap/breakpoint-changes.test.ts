/** `condition`, `ignore`, `enable` and `disable` of the debug console, on the running sample kernel and on a target that tells what is armed. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from './dap-client.test-support';
import {
  fakeLauncher,
  sampleKernel,
  sampleSources,
  symbolAddress,
  type FakeTarget,
} from './fake-target.test-support';

const entryS = join(sampleSources, 'entry.S');

describe('breakpoints that the debug console changes', function () {
  this.timeout(30_000);
  let client: DapClient;

  beforeEach(() => (client = DapClient.inProcess()));
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  async function launch(...functions: readonly Dap.FunctionBreakpoint[]): Promise<void> {
    const args = { program: sampleKernel, sourceFolders: [sampleSources], stopOnEntry: true };
    await client.launch(args, () => setFunctions(...functions));
    await client.stopped();
  }

  const setFunctions = async (...breakpoints: readonly Dap.FunctionBreakpoint[]) =>
    (await client.send('setFunctionBreakpoints', { breakpoints: [...breakpoints] })).breakpoints;
  const evaluate = async (expression: string): Promise<string> =>
    (await client.send('evaluate', { expression, context: 'repl' })).result;
  const refused = async (expression: string): Promise<string> =>
    (await client.failure('evaluate', { expression, context: 'repl' })).format;
  /** The next `breakpoint` event. */
  const told = async () => (await client.event('breakpoint')).body as Dap.BreakpointEvent['body'];

  async function goOn(): Promise<Dap.StoppedEvent['body']> {
    await client.send('continue', { threadId: 1 });
    return client.stopped();
  }

  /** Sets one in the console; its number. */
  async function add(command: string): Promise<number> {
    const said = await evaluate(command);
    if (!command.startsWith('watch')) await told();
    return Number(/^Breakpoint (\d+)[ :]/.exec(said)?.[1] ?? assert.fail(said));
  }

  it('stop where their new condition is true, and always without one', async () => {
    await launch();
    const id = await add('break handle_exception if scause == 99');
    assert.match(
      await evaluate(`condition ${id} $task.pid == 4`),
      new RegExp(`^Breakpoint ${id}: handle_exception at .* if \\$task\\.pid == 4$`),
    );
    assert.match(
      (await told()).breakpoint.message!,
      /^Its condition was set in the debug console: '\$task\.pid == 4'\. handle_exception at 0x/,
    );
    await goOn();
    assert.equal(await evaluate('$task.pid'), '4');
    assert.match(await evaluate('info breakpoints'), /if \$task\.pid == 4, hit once$/);
    assert.match(await refused(`condition ${id} 1 +`), /^The condition '1 \+': /);
    assert.match(await evaluate('info breakpoints'), /if \$task\.pid == 4, hit once$/);
    assert.doesNotMatch(await evaluate(`condition ${id}`), / if /);
    await goOn();
    assert.match(await evaluate('info breakpoints'), /handle_exception at [^\n]*\)?, hit 2 times$/);
    assert.equal(client.output('stderr'), '');
  });

  it('pass as many hits as they are told to ignore, and count them', async () => {
    await launch();
    const id = await add('break handle_exception');
    await goOn();
    const hits = async () => Number(/hit (\d+) times/.exec(await evaluate('info breakpoints'))?.[1]);
    assert.equal(await evaluate(`ignore ${id} 3`), `Breakpoint ${id} ignores the next 3 hits.`);
    assert.match(await evaluate('info breakpoints'), /, hit once, ignores the next 3 hits$/);
    await goOn();
    assert.equal(await hits(), 5);
    await goOn();
    assert.equal(await hits(), 6);
    await evaluate(`ignore ${id} 100`);
    assert.equal(await evaluate(`ignore ${id} 0`), `Breakpoint ${id} stops the next time that it is hit.`);
    await goOn();
    assert.equal(await hits(), 7);
  });

  it('are passed while they are disabled, also in the next run', async () => {
    await launch({ name: 'sys_exit' });
    const [{ id: ofClient }] = (await setFunctions({ name: 'sys_exit' })) as [Dap.Breakpoint];
    const id = await add('break sys_getpid');
    const stopsAt = async () => (await goOn()).hitBreakpointIds;
    assert.deepEqual(await stopsAt(), [id]);
    assert.equal(await evaluate(`disable ${id}`), `Breakpoint ${id} is disabled.`);
    const { reason, breakpoint } = await told();
    assert.deepEqual([reason, breakpoint.id, breakpoint.verified], ['changed', id, false]);
    assert.match(breakpoint.message!, new RegExp(`^Disabled in the debug console: 'enable ${id}' there`));
    assert.match(
      await evaluate('info breakpoints'),
      new RegExp(
        `^Num  Type      Enb  What\\n +${ofClient}  function  y    sys_exit .*\\n +${id}  function  n    sys_getpid .*, hit once$`,
      ),
    );
    assert.deepEqual(await stopsAt(), [ofClient]);
    await client.send('restart', {});
    await client.stopped();
    assert.deepEqual(await stopsAt(), [ofClient]);
    assert.equal(await evaluate(`enable ${id}`), `Breakpoint ${id} is enabled.`);
    await client.send('restart', {});
    await client.stopped();
    assert.deepEqual(await stopsAt(), [id]);
  });

  it('of the client stay as they are until it says something else of them', async () => {
    await launch();
    const [{ id }] = (await setFunctions({ name: 'handle_exception' })) as [Dap.Breakpoint];
    await evaluate(`disable ${id}`);
    assert.equal((await told()).breakpoint.verified, false);
    // Sent again with another one, as a client does with all of a list.
    const [same, other] = await setFunctions({ name: 'handle_exception' }, { name: 'sys_exit' });
    assert.deepEqual([same?.id, same?.verified], [id, false]);
    assert.match(same!.message!, /^Disabled in the debug console/);
    assert.deepEqual((await goOn()).hitBreakpointIds, [other!.id]);
    await setFunctions();
    const [anew] = await setFunctions({ name: 'handle_exception' });
    assert.equal(anew!.verified, true);
    assert.deepEqual((await goOn()).hitBreakpointIds, [anew!.id]);
  });

  it('of a source are sent again by VS Code with the same answer, also those that the console has set', async () => {
    await client.send('initialize', { adapterID: 'riscv-unwind', clientID: 'vscode' });
    await client.sendRaw('launch', {
      program: sampleKernel,
      sourceFolders: [sampleSources],
      stopOnEntry: true,
    });
    await client.event('initialized');
    await client.send('configurationDone');
    await client.stopped();
    await evaluate('break sys_getpid');
    const { breakpoint: shown } = await told();
    await evaluate(`disable ${shown.id}`);
    assert.equal((await told()).breakpoint.source?.path, shown.source!.path);
    const send = async () =>
      (
        await client.send('setBreakpoints', {
          source: shown.source!,
          breakpoints: [{ line: shown.line! }, { line: shown.line! + 1 }],
        })
      ).breakpoints;
    assert.deepEqual(
      (await send()).map(({ verified }) => verified),
      [false, true],
    );
    await evaluate(`enable ${shown.id}`);
    assert.deepEqual(
      (await send()).map(({ id, verified }) => [id === shown.id, verified]),
      [
        [true, true],
        [false, true],
      ],
    );
  });

  it('on data take conditions and counts, and are switched as well', async () => {
    await launch();
    const id = await add('watch last_pid');
    assert.match(await evaluate(`condition ${id} $new == 2`), / if \$new == 2$/);
    assert.match((await goOn()).description!, /last_pid written: 0x1 → 0x2/);
    await evaluate(`condition ${id}`);
    await evaluate(`ignore ${id} 1`);
    assert.match((await goOn()).description!, /last_pid written: 0x3 → 0x4/);
    await evaluate('tbreak sys_exit');
    await evaluate(`disable ${id}`);
    assert.match(
      await evaluate('info watchpoints'),
      new RegExp(`^Num .*\\n +${id}  data change  n    last_pid`),
    );
    assert.equal((await goOn()).reason, 'function breakpoint');
  });

  it('keep over a restart what they were changed to, count anew, and go on ignoring', async () => {
    await launch();
    const id = await add('break handle_exception');
    const data = await add('watch last_pid');
    await evaluate(`condition ${id} $task.pid == 4`);
    await evaluate(`condition ${data} $new == 2`);
    await evaluate(`ignore ${data} 1`);
    await goOn();
    await evaluate(`ignore ${id} 2`);
    await client.send('restart', {});
    await client.stopped();
    const rows = (await evaluate('info breakpoints')).split('\n').slice(1);
    assert.match(rows[0]!, / if \$task\.pid == 4, ignores the next 2 hits$/);
    assert.match(rows[1]!, / if \$new == 2$/);
    assert.match((await goOn()).description!, /last_pid written: 0x1 → 0x2/);
    await evaluate(`delete ${data}`);
    await goOn();
    assert.equal(await evaluate('$task.pid'), '4');
    assert.match(await evaluate('info breakpoints'), / if \$task\.pid == 4, hit 3 times$/);
  });

  it('on data of the client are found again when it sends them again', async () => {
    await launch();
    const { dataId } = await client.send('dataBreakpointInfo', { name: 'last_pid' });
    const set = async () =>
      (await client.send('setDataBreakpoints', { breakpoints: [{ dataId: dataId! }] })).breakpoints[0]!;
    const { id } = await set();
    await evaluate(`disable ${id}`);
    const { reason, breakpoint } = await told();
    assert.deepEqual([reason, breakpoint.id, breakpoint.verified], ['changed', id, false]);
    assert.deepEqual(await set(), breakpoint);
    await evaluate(`enable ${id}`);
    assert.deepEqual(await set(), { id, verified: true });
  });

  it('are named by numbers and ranges, and what there is not is told', async () => {
    await launch();
    const ids: number[] = [];
    for (const name of ['sys_exit', 'sys_getpid', 'watch last_pid'])
      ids.push(await add(name.startsWith('watch') ? name : `break ${name}`));
    const [first, second, third] = ids as [number, number, number];
    const enabled = async () =>
      (await evaluate('info breakpoints'))
        .split('\n')
        .slice(1)
        .map((row) => / (y|n) {4}/.exec(row)![1]);
    assert.equal(await evaluate(`disable ${first} ${second}-${third}`), '3 breakpoints are disabled.');
    assert.deepEqual(await enabled(), ['n', 'n', 'n']);
    assert.equal(await evaluate(`enable ${second}-99`), '2 breakpoints are enabled.');
    assert.deepEqual(await enabled(), ['n', 'y', 'y']);
    assert.equal(await evaluate('enable'), '3 breakpoints are enabled.');
    assert.equal(await evaluate('disable'), '3 breakpoints are disabled.');
    assert.match(await refused(`disable ${first} 4711`), /^There is no breakpoint 4711: /);
    assert.match(await refused('enable once 1'), /^There is no breakpoint once: /);
    assert.match(await refused('condition sp == 0'), /^Write which breakpoint/);
    assert.match(await refused(`ignore ${first}`), /^Write which breakpoint, and how many hits/);
    assert.match(await refused('ignore 4711 2'), /^There is no breakpoint 4711: /);
    assert.equal(await evaluate(`delete ${first}-${second} ${third}`), '3 breakpoints deleted.');
    assert.equal(await evaluate('disable'), 'There are no breakpoints.');
  });

  it('leave expressions with such names what they are', async () => {
    await launch();
    for (const text of ['condition', 'ignore', 'enable = 1', 'condition + 1', 'disable->x'])
      assert.doesNotMatch(await refused(text), /breakpoint/i);
  });

  it('that belong to a view or a filter are switched there', async () => {
    await launch();
    await client.send('setExceptionBreakpoints', { filters: ['kernelReports'] });
    assert.equal(await evaluate('disable'), 'Those of an exception filter are switched there.');
    const id = await add('break sys_getpid');
    const report = Number(/^ *(\d+) {2}exception/m.exec(await evaluate('info breakpoints'))![1]);
    assert.equal(
      await refused(`disable ${report}`),
      `Breakpoint ${report} belongs to an exception filter: change it there.`,
    );
    assert.match(await refused(`condition ${report} 1`), /an exception filter: change it there/);
    assert.equal(
      await evaluate('disable'),
      `Breakpoint ${id} is disabled. Those of an exception filter are switched there.`,
    );
    const instruction = (
      await client.send('setInstructionBreakpoints', {
        breakpoints: [{ instructionReference: `0x${symbolAddress('sys_exit').toString(16)}` }],
      })
    ).breakpoints[0]!;
    assert.match(
      await refused(`disable ${instruction.id}`),
      /belongs to the disassembly view: change it there/,
    );
    assert.match(await evaluate(`condition ${instruction.id} a0 == 1`), / if a0 == 1$/);
  });

  it('change while the machine runs', async () => {
    await launch();
    const id = await add('break sys_getpid if a0 == 4711');
    await client.send('continue', { threadId: 1 });
    await evaluate(`condition ${id}`);
    assert.deepEqual((await client.stopped()).hitBreakpointIds, [id]);
  });
});

describe('a breakpoint that is disabled', () => {
  let client: DapClient;
  let targets: FakeTarget[];

  beforeEach(async () => {
    const launcher = fakeLauncher();
    ({ targets } = launcher);
    client = DapClient.inProcess({ launch: launcher.launch });
    await client.launch({ program: sampleKernel, sourceFolders: [sampleSources], stopOnEntry: true });
    await client.stopped();
  });
  afterEach(() => client.close());

  const evaluate = async (expression: string): Promise<string> =>
    (await client.send('evaluate', { expression, context: 'repl' })).result;

  it('is armed nowhere, in this program and the next', async () => {
    await client.send('setBreakpoints', { source: { path: entryS }, breakpoints: [{ line: 60 }] });
    await evaluate('break handle_exception');
    await evaluate('watch *(u64 *)0xffffffff80000000');
    const armed = () => [targets.at(-1)!.breakpoints.length > 0, targets.at(-1)!.watchpoints.length];
    assert.deepEqual(armed(), [true, 1]);
    assert.equal(await evaluate('disable'), '3 breakpoints are disabled.');
    assert.deepEqual(armed(), [false, 0]);
    await client.send('restart', {});
    assert.deepEqual([targets.length, ...armed()], [2, false, 0]);
    await evaluate('enable');
    assert.deepEqual(armed(), [true, 1]);
  });
});
