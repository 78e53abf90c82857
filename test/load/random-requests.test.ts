/**
 * Ten thousand requests in random order to an adapter that debugs a running Linux: each is answered, none finds a defect, and afterwards the
 * session does what it did before.
 */
import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import fc from 'fast-check';
import { buildAdapter, type BuiltAdapter } from '../dap/built-adapter.test-support';
import { DapClient, RequestFailed } from '../dap/dap-client.test-support';
import { linuxInitrd, linuxKernel, linuxSourceMap } from '../linux/linux.test-support';
import { requestOf, type Dice } from './requests.test-support';
import { Seen } from './seen.test-support';

const sessions = 5;
const requestsEach = 2000;
/** So many are under way at a time, as an editor has them after a stop. */
const atOnce = 6;
/** Of so many handfuls of requests one is sent to a machine that may run. */
const looks = 4;
/** Milliseconds; reading a kernel's debug information for the first time takes a second on a slow machine. */
const patience = 30_000;
const resumes: readonly string[] = ['continue', 'next', 'stepIn', 'stepOut', 'goto', 'restart'];
/** The error of what a handler has thrown that nobody expected. */
const defect = 1001;

const dice = fc.record({ kind: fc.nat(), a: fc.nat(), b: fc.nat(), c: fc.nat() });

describe('random requests to a running Linux', function () {
  this.timeout(15 * 60_000);
  let adapter: BuiltAdapter | undefined;
  let program: string;

  before(async function () {
    program = linuxKernel(this, 'metadata');
    adapter = await buildAdapter();
  });
  after(() => adapter?.remove());

  it('are answered, find no defect and leave the session as it was', () =>
    fc.assert(
      fc.asyncProperty(fc.array(dice, { minLength: requestsEach, maxLength: requestsEach }), (moves) =>
        storm(adapter!.script, program, moves),
      ),
      { numRuns: sessions, endOnFailure: true },
    ));
});

async function storm(script: string, program: string, moves: readonly Dice[]): Promise<void> {
  const client = DapClient.process(script);
  try {
    const seen = new Seen();
    await client.launch({ program, initrd: linuxInitrd, smp: 2, sourceFileMap: linuxSourceMap }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'start_kernel' }] }),
    );
    await client.stopped();

    let mark = client.events.length;
    let done = 0;
    for (let next = 0; next < moves.length; next += atOnce) {
      const together = moves.slice(next, next + atOnce);
      const outcomes = await Promise.all(together.map((move) => ask(client, move, seen)));
      done += outcomes.filter(Boolean).length;
      if (together[0]!.a % looks !== 0) await stand(client);
      if (!client.events.slice(mark).some(({ event }) => event === 'terminated')) continue;
      mark = client.events.length;
      await client.send('restart');
    }
    assert.ok(done > moves.length / 3, `only ${done} requests of ${moves.length} had a use`);
    await checkState(client, seen);
  } finally {
    client.close();
  }
}

/** Mostly the machine stands still, as otherwise there is little to be seen. */
async function stand(client: DapClient): Promise<void> {
  for (let runs = true; runs;) {
    await promptly(client.sendRaw('pause', { threadId: 1 }), 'pause');
    runs = await client.sendRaw('evaluate', { expression: 'pc', context: 'watch' }).then(
      () => false,
      (error: unknown) => (error as RequestFailed).message.includes('is running'),
    );
  }
}

/** False if it was refused, with a reason. */
async function ask(client: DapClient, move: Dice, seen: Seen): Promise<boolean> {
  const { command, args } = requestOf(move, seen);
  const text = `${command} ${JSON.stringify(args)}`;
  try {
    const body = await promptly(client.sendRaw(command, args), text);
    if (resumes.includes(command)) seen.resumed();
    else seen.learn(body);
    return true;
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    assert.notEqual(error.error.id, defect, `${text}: ${error.message}`);
    assert.notEqual(error.message, '', text);
    return false;
  }
}

async function promptly<T>(answer: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${patience} ms: ${what}`)), patience);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Started anew, the session stops where it is told to, sees the whole stack there, and runs to its end. */
async function checkState(client: DapClient, seen: Seen): Promise<void> {
  await client.send('evaluate', { expression: 'delete', context: 'repl' });
  await client.send('setInstructionBreakpoints', { breakpoints: [] });
  await client.send('setDataBreakpoints', { breakpoints: [] });
  await client.send('setExceptionBreakpoints', { filters: [] });
  for (const source of seen.sources) await client.send('setBreakpoints', { source, breakpoints: [] });
  await client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'kernel_init' }] });
  await client.send('riscvUnwind/walk', { walk: 'default' });

  const mark = client.events.length;
  await client.send('restart');
  const stop = await promptly(eventAfter(client, mark, 'stopped'), 'the stop in kernel_init');
  assert.equal(stop.body.reason, 'function breakpoint');
  const { stackFrames } = await client.send('stackTrace', { threadId: stop.body.threadId ?? 1 });
  assert.match(stackFrames[0]!.name, /^kernel_init\+/);
  assert.ok(stackFrames.some(({ name }) => name === 'FINAL: kernel thread'));
  await client.send('setFunctionBreakpoints', { breakpoints: [] });
  await client.send('continue', { threadId: stop.body.threadId ?? 1 });
  await promptly(eventAfter(client, mark, 'terminated'), 'the end');
}

/** The first event of that name after the first `mark` ones. */
async function eventAfter(client: DapClient, mark: number, name: string): Promise<Dap.StoppedEvent> {
  for (;;) {
    const found = client.events.slice(mark).find(({ event }) => event === name);
    if (found) return found as Dap.StoppedEvent;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
