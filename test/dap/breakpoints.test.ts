import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from './dap-client.test-support';
import {
  fakeLauncher,
  moveKernel,
  sampleKernel,
  sampleSources,
  stepTo,
  stopAt,
  stopExit,
  stopTrap,
  symbolAddress,
  type FakeTarget,
} from './fake-target.test-support';

const entryS = join(sampleSources, 'entry.S');
const headS = join(sampleSources, 'head.S');

describe('breakpoints of a session', () => {
  let client: DapClient;
  let targets: FakeTarget[];

  async function launch(
    prepare: (target: FakeTarget) => void,
    configure: () => Promise<unknown> = () => Promise.resolve(),
    args: Record<string, unknown> = {},
  ): Promise<void> {
    const launcher = fakeLauncher(prepare);
    ({ targets } = launcher);
    client = DapClient.inProcess({ launch: launcher.launch });
    await client.launch({ program: sampleKernel, sourceFolders: [sampleSources], ...args }, configure);
  }

  /** Stopped on entry, for requests that need no run. */
  const loaded = () => launch(() => undefined, undefined, { stopOnEntry: true });

  async function setLines(path: string, lines: readonly number[]): Promise<Dap.Breakpoint[]> {
    const breakpoints = lines.map((line) => ({ line }));
    return (await client.send('setBreakpoints', { source: { path }, breakpoints })).breakpoints;
  }

  async function setFunctions(...names: readonly string[]): Promise<Dap.Breakpoint[]> {
    const breakpoints = names.map((name) => ({ name }));
    return (await client.send('setFunctionBreakpoints', { breakpoints })).breakpoints;
  }

  afterEach(() => client.close());

  it('moves a line without code to the next one with code and says where it is', async () => {
    await loaded();
    const { breakpoints: places } = await client.send('breakpointLocations', {
      source: { path: entryS },
      line: 1,
      endLine: 10_000,
    });
    const lines = places.map((place) => place.line);
    const gap = lines.findIndex((line, i) => i > 0 && line > lines[i - 1]! + 1);
    const [breakpoint] = await setLines(entryS, [lines[gap]! - 1]);
    assert.equal(breakpoint!.verified, true);
    assert.equal(breakpoint!.line, lines[gap]);
    assert.match(breakpoint!.instructionReference!, /^0xffffffff8/);
  });

  it('arms a line of head.S at both its addresses and tells the other one', async () => {
    await loaded();
    const label = symbolAddress('relocate_enable_mmu');
    const [breakpoint] = await setFunctions('relocate_enable_mmu');
    const physical = label - 0xffff_ffff_8000_0000n + 0x8020_0000n;
    assert.deepEqual(new Set(targets[0]!.breakpoints), new Set([label, physical]));
    assert.match(breakpoint!.message!, new RegExp(`also 0x${physical.toString(16)} before the MMU is on`));
    assert.equal(breakpoint!.source?.path, headS);

    const [line] = await setLines(headS, [breakpoint!.line!]);
    assert.match(line!.message!, /before the MMU is on/);
  });

  it('follow a kernel that moves itself, and the client is told where they are now', async () => {
    const slide = 0x2b20_0000n;
    await loaded();
    const label = symbolAddress('handle_exception');
    const [breakpoint] = await setFunctions('handle_exception');
    await setLines(join(sampleSources, 'nowhere.S'), [1]);
    await moveKernel(targets[0]!, slide);
    assert.ok(targets[0]!.breakpoints.includes(label + slide));
    assert.ok(!targets[0]!.breakpoints.includes(label));

    const body = (await client.event('breakpoint')).body as unknown as Dap.BreakpointEvent['body'];
    const changed = body.breakpoint;
    assert.equal(body.reason, 'changed');
    assert.equal(changed.id, breakpoint!.id);
    assert.equal(changed.instructionReference, `0x${(label + slide).toString(16)}`);
    assert.match(
      changed.message!,
      new RegExp(`linked at 0x${label.toString(16)}, also 0x80.* before the MMU is on`),
    );
    const events = client.events.filter(({ event }) => event === 'breakpoint');
    assert.equal(events.length, 1, 'only of those that have changed');
  });

  it('says why a breakpoint is nowhere', async () => {
    await loaded();
    const [past] = await setLines(entryS, [99_999]);
    assert.equal(past!.verified, false);
    assert.match(past!.message!, /^No code lies at or below line 99999/);
    const [foreign] = await setLines('/elsewhere/other.c', [1]);
    assert.match(foreign!.message!, /^No code of this program comes from \/elsewhere\/other\.c/);
    const { breakpoints: missing } = await client.send('setBreakpoints', {
      source: { name: 'entry.S', sourceReference: 1 },
      breakpoints: [{ line: 1 }],
    });
    assert.match(missing[0]!.message!, /^This source is not on this machine\./);
    const [unknown] = await setFunctions('handle_exceptoin');
    assert.equal(unknown!.verified, false);
    assert.match(unknown!.message!, /no function or label 'handle_exceptoin'.*handle_exception/);
    const [data] = await setFunctions('init_task');
    assert.match(data!.message!, /is not code/);
  });

  it('takes functions by label, offset as in traces, line and address', async () => {
    await loaded();
    const breakpoints = await setFunctions(
      'handle_exception',
      'handle_exception+0x4',
      '.Lsecondary_park',
      'entry.S:1',
      `*0x${symbolAddress('start_kernel').toString(16)}`,
    );
    assert.deepEqual(
      breakpoints.map(({ verified, message }) => (verified ? 'verified' : message)),
      Array.from({ length: 5 }, () => 'verified'),
    );
  });

  it('takes instruction breakpoints with an offset', async () => {
    await loaded();
    const address = symbolAddress('handle_exception');
    const { breakpoints } = await client.send('setInstructionBreakpoints', {
      breakpoints: [{ instructionReference: `0x${address.toString(16)}`, offset: 4 }],
    });
    assert.equal(breakpoints[0]!.instructionReference, `0x${(address + 4n).toString(16)}`);
    assert.ok(targets[0]!.breakpoints.includes(address + 4n));
    const error = await client.failure('setInstructionBreakpoints', {
      breakpoints: [{ instructionReference: 'here' }],
    });
    assert.equal(error.format, "'here' is not an address. Use hexadecimal, e.g. 0xffffffff80000000.");
  });

  it('sets and removes breakpoints while the machine runs', async () => {
    await launch(() => undefined);
    assert.equal(targets[0]!.running, true);
    await setFunctions('handle_exception');
    assert.ok(targets[0]!.breakpoints.includes(symbolAddress('handle_exception')));
    await setFunctions();
    assert.deepEqual(targets[0]!.breakpoints, []);
    assert.equal(targets[0]!.running, true);
  });

  it('names the breakpoints that stopped the machine', async () => {
    const address = symbolAddress('handle_exception');
    let ids: (number | undefined)[] = [];
    await launch(
      (target) => target.script.push(stopAt(address)),
      async () => {
        ids = (await setFunctions('handle_exception', `*0x${address.toString(16)}`)).map(({ id }) => id);
      },
    );
    const stop = await client.stopped();
    assert.equal(stop.reason, 'function breakpoint');
    assert.deepEqual(stop.hitBreakpointIds, ids);
    assert.equal(stop.threadId, 1);
    assert.equal(stop.allThreadsStopped, true);
  });

  it('keeps the id of a breakpoint that the client sends again', async () => {
    await loaded();
    const [first] = await setFunctions('handle_exception');
    const [other, again] = await setFunctions('start_kernel', 'handle_exception');
    assert.equal(again!.id, first!.id);
    assert.notEqual(other!.id, first!.id);
  });

  it('goes on where a condition is false', async () => {
    const address = symbolAddress('handle_exception');
    await launch(
      (target) =>
        target.script.push(
          (running, request) => stopAt(address)(withA0(running, 1n), request),
          (running, request) => stopAt(address)(withA0(running, 2n), request),
        ),
      () =>
        client.send('setFunctionBreakpoints', {
          breakpoints: [{ name: 'handle_exception', condition: 'a0 == 2' }],
        }),
    );
    await client.stopped();
    const [target] = targets as [FakeTarget];
    assert.equal(target.harts[0]!.getX(10), 2n);
    assert.deepEqual([target.script.length, target.requests.length], [0, 1]);
  });

  it('stops where a condition cannot be evaluated, and says why', async () => {
    await launch(
      (target) => target.script.push(stopAt(symbolAddress('handle_exception'))),
      () =>
        client.send('setFunctionBreakpoints', {
          breakpoints: [{ name: 'handle_exception', condition: 'no_such_thing == 2' }],
        }),
    );
    await client.stopped();
    assert.match(client.output('stderr'), /'no_such_thing == 2' could not be evaluated.*neither a register/);
  });

  it('refuses a condition and a hit count that make no sense', async () => {
    await loaded();
    const { breakpoints } = await client.send('setFunctionBreakpoints', {
      breakpoints: [
        { name: 'handle_exception', condition: 'a0 ==' },
        { name: 'handle_exception', hitCondition: 'often' },
      ],
    });
    assert.match(breakpoints[0]!.message!, /^The condition 'a0 ==':/);
    assert.match(breakpoints[1]!.message!, /^'often' is no hit count: write a number/);
    assert.ok(breakpoints.every(({ verified }) => !verified));
  });

  it('counts hits, and starts again after a restart', async () => {
    const address = symbolAddress('handle_exception');
    await launch(
      (target) => target.script.push(stopAt(address), stopAt(address), stopAt(address)),
      () =>
        client.send('setFunctionBreakpoints', {
          breakpoints: [{ name: 'handle_exception', hitCondition: '3' }],
        }),
    );
    await client.stopped();
    assert.equal(targets[0]!.script.length, 0);
    await client.send('restart', {});
    await client.stopped();
    assert.equal(targets[1]!.script.length, 0);
  });

  it('writes the message of a log point and goes on', async () => {
    await launch(
      (target) =>
        target.script.push(
          (running, request) => stopAt(symbolAddress('handle_exception'))(withA0(running, 5n), request),
          stopExit(),
        ),
      () => {
        const line = { source: { path: entryS }, breakpoints: [] as Dap.SourceBreakpoint[] };
        return client
          .send('setFunctionBreakpoints', { breakpoints: [{ name: 'handle_exception' }] })
          .then(({ breakpoints }) => {
            line.breakpoints.push({
              line: breakpoints[0]!.line!,
              logMessage: 'a0={a0} next={a0 + 1} {{x}} {nothing}',
            });
            return client.send('setFunctionBreakpoints', { breakpoints: [] });
          })
          .then(() => client.send('setBreakpoints', line));
      },
    );
    await client.event('terminated');
    assert.match(
      client.output('console'),
      /^a0=0x5 next=0x6 \{x\} <"nothing" is neither a register nor a symbol/,
    );
    assert.ok(!client.events.some((event) => event.event === 'stopped'));
  });

  it('reports a breakpoint that a step ends at', async () => {
    const address = symbolAddress('handle_exception');
    await launch(
      () => undefined,
      () => setFunctions('handle_exception'),
      { stopOnEntry: true },
    );
    await client.stopped();
    targets[0]!.script.push(stepTo(address));
    await client.send('stepIn', { threadId: 1, granularity: 'instruction' });
    assert.equal((await client.stopped()).reason, 'function breakpoint');
  });

  it('stops at traps of the chosen filters with their meaning', async () => {
    await launch(
      (target) => target.script.push(stopTrap()),
      async () => {
        const { breakpoints } = await client.send('setExceptionBreakpoints', {
          filters: ['nonsense'],
          filterOptions: [{ filterId: 'kernelExceptions', condition: 'page faults' }],
        });
        assert.deepEqual(
          breakpoints?.map(({ verified }) => verified),
          [false, true],
        );
      },
    );
    const stop = await client.stopped();
    assert.equal(stop.reason, 'exception');
    assert.equal(stop.description, 'Exception: load page fault');
    assert.equal(targets[0]!.trapFilter?.exceptionsFromKernel, 0xb000n);
    const info = await client.send('exceptionInfo', { threadId: 1 });
    assert.equal(info.exceptionId, 'load page fault');
    assert.match(
      info.description!,
      /^load page fault of 0xdead0000 at start_kernel\+0x4\/0x\w+ \(epc 0x\w+\), from supervisor mode into supervisor mode\. The page to be read/,
    );
  });

  it('goes on after a trap whose filter has a false condition', async () => {
    await launch(
      (target) => target.script.push(stopTrap({ cause: 12n }), stopTrap()),
      () =>
        client.send('setExceptionBreakpoints', {
          filters: [],
          filterOptions: [{ filterId: 'kernelExceptions', condition: '$cause == 13 && a0 == 0' }],
        }),
    );
    await client.stopped();
    targets[0]!.script.push((target, request) => stopTrap()(withA0(target, 1n), request), stopExit());
    await client.send('continue', { threadId: 1 });
    await client.event('terminated');
  });

  it('shows the fault that turns the MMU on as such, not as an error', async () => {
    const epc = symbolAddress('relocate_enable_mmu') - 0xffff_ffff_8000_0000n + 0x8020_0000n;
    await launch(
      (target) => target.script.push(stopTrap({ cause: 12n, epc, tval: epc })),
      () => client.send('setExceptionBreakpoints', { filters: ['kernelExceptions'] }),
    );
    const stop = await client.stopped();
    assert.equal(stop.description, 'MMU on');
    assert.match(stop.text!, /Not an error/);
  });
});

function withA0(target: FakeTarget, value: bigint): FakeTarget {
  target.harts[0]!.setX(10, value);
  return target;
}
