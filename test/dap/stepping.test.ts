/** Step targets and what steps do besides stepping, through the protocol, on the sample kernel. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DapClient } from './dap-client.test-support';
import { sampleKernel, sampleSources } from './fake-target.test-support';

function lineOf(file: string, text: string): number {
  const index = readFileSync(join(sampleSources, file), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text));
  assert.ok(index >= 0, text);
  return index + 1;
}

describe('stepping through the protocol', function () {
  this.timeout(30_000);
  let client: DapClient;

  beforeEach(() => (client = DapClient.inProcess()));
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  /** Stopped at a line of a source, without a breakpoint there any more. */
  async function stopAt(file: string, line: number | string, options: object = {}): Promise<void> {
    const source = { path: join(sampleSources, file) };
    const breakpoints = [{ line: typeof line === 'string' ? lineOf(file, line) : line }];
    await client.launch({ program: sampleKernel, sourceFolders: [sampleSources], ...options }, () =>
      client.send('setBreakpoints', { source, breakpoints }),
    );
    await client.stopped();
    await client.send('setBreakpoints', { source, breakpoints: [] });
  }

  const top = async () => (await client.send('stackTrace', { threadId: 1 })).stackFrames[0]!;

  const targets = async () => (await client.send('stepInTargets', { frameId: (await top()).id })).targets;

  const evaluate = async (expression: string) =>
    (await client.send('evaluate', { expression, context: 'repl' })).result;

  it('lists the calls of a line and enters the one that is chosen', async () => {
    await stopAt('fork.c', 'do_exit(create.fn(create.arg));');
    const found = await targets();
    assert.deepEqual(
      found.map(({ label }) => label.replace(/through \w+/, 'through a register')),
      ['call through a register to tour_kthread', 'do_exit'],
    );
    await client.send('stepIn', { threadId: 1, targetId: found[1]!.id });
    assert.equal((await client.stopped()).reason, 'step');
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    assert.match(stackFrames[0]!.name, /^do_exit\+0x(?!0\/)/);
    assert.match(stackFrames[1]!.name, /^kthread\+/);
  });

  it('says where a call through a register leads as soon as the register says it', async () => {
    await stopAt('entry.S', 'jalr\tt1');
    const [target, ...others] = await targets();
    assert.deepEqual(others, []);
    assert.match(target!.label, /^call through t1 to do_\w+$/);
    await client.send('stepIn', { threadId: 1, targetId: target!.id });
    await client.stopped();
    assert.equal((await top()).name.replace(/\+.*/, ''), target!.label.replace(/.* /, ''));
  });

  const rows = async () =>
    (await client.send('stackTrace', { threadId: 1 })).stackFrames.map(({ name }) =>
      name.replace(/\+\S*/, ''),
    );

  it('goes over an inlined function, into it if it is chosen, and out of it to the function that has it', async () => {
    const line = lineOf('timer.c', 'list_add_tail(&timer->list, at);');
    await stopAt('timer.c', line);
    const outer = await rows();
    assert.equal(outer[0], 'timer_start');
    const [target, ...others] = await targets();
    assert.equal(target!.label, 'list_add_tail (inlined)');
    assert.deepEqual(others, []);
    await client.send('stepIn', { threadId: 1, targetId: target!.id });
    await client.stopped();
    assert.deepEqual(await rows(), ['list_add_tail (inlined)', ...outer]);
    await client.send('stepOut', { threadId: 1 });
    await client.stopped();
    assert.deepEqual(await rows(), outer);
    assert.ok((await top()).line > line);
  });

  it('over a line with an inlined function ends at the next line', async () => {
    const line = lineOf('timer.c', 'list_add_tail(&timer->list, at);');
    await stopAt('timer.c', line);
    const outer = await rows();
    await client.send('next', { threadId: 1 });
    await client.stopped();
    assert.deepEqual(await rows(), outer);
    assert.equal((await top()).line, line + 1);
  });

  it('lists nothing in the frames of callers, and refuses a target that is not there', async () => {
    await stopAt('fork.c', 'do_exit(create.fn(create.arg));');
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    assert.deepEqual(await client.send('stepInTargets', { frameId: stackFrames[1]!.id }), { targets: [] });
    const error = await client.failure('stepIn', { threadId: 1, targetId: 17 });
    assert.match(error.format, /no such call on this line/);
    // The machine stands still.
    assert.equal((await targets()).length, 2);
  });

  it('changes what steps do by launch configuration, request and console, and tells of it', async () => {
    await stopAt('fork.c', 'do_exit(create.fn(create.arg));', { holdInterrupts: false, stepFollows: 'hart' });
    assert.deepEqual(await client.send('riscvUnwind/stepping', {}), {
      holdInterrupts: false,
      follows: 'hart',
    });
    assert.deepEqual(await client.send('riscvUnwind/stepping', { holdInterrupts: true }), {
      holdInterrupts: true,
      follows: 'hart',
    });
    assert.match(await evaluate('info stepping'), /^Interrupts are held .*\nSteps follow their hart/);
    assert.match(await evaluate('set step-interrupts on'), /^Interrupts are taken/);
    assert.match(await evaluate('set step-follows task'), /\nSteps follow their task/);
    const told = client.events.filter(({ event }) => event === 'riscvUnwind/stepping');
    assert.deepEqual(told.at(-1)!.body, { holdInterrupts: false, follows: 'task' });
    const error = await client.failure('riscvUnwind/stepping', { follows: 'nobody' });
    assert.match(error.format, /"follows", "task" or "hart"/);
  });

  it('refuses a launch configuration with another value', async () => {
    await client.send('initialize', { adapterID: 'riscv-unwind' });
    const error = await client.failure('launch', { program: sampleKernel, stepFollows: 'cpu' });
    assert.match(error.format, /stepFollows/);
    await client.launch({ program: sampleKernel, stopOnEntry: true });
  });

  /** `schedule()` in `wait_on()`, where the task sleeps until it is woken up. */
  const sleeps = lineOf('sched.c', 'spin_unlock_irqrestore(&queue->lock, *flags);') + 1;

  it('over schedule() comes back in the same task', async () => {
    await stopAt('sched.c', sleeps);
    const { threads } = await client.send('threads');
    const task = threads[0]!.name;
    const before = await top();
    await client.send('next', { threadId: 1 });
    await client.stopped();
    assert.equal((await client.send('threads')).threads[0]!.name, task);
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    // The next line of wait_on() is in a function that is inlined there.
    assert.match(stackFrames.find(({ name }) => !name.endsWith('(inlined)'))!.name, /^wait_on\+/);
    assert.notEqual(stackFrames[0]!.line, before.line);
  });

  it('ends in the task that runs next if steps follow their hart', async () => {
    await stopAt('sched.c', sleeps, { stepFollows: 'hart' });
    const task = (await client.send('threads')).threads[0]!.name;
    await client.send('next', { threadId: 1 });
    await client.stopped();
    assert.notEqual((await client.send('threads')).threads[0]!.name, task);
    assert.match((await top()).name, /^(schedule|ret_from_fork_\w+)\+/);
  });

  it('stops at a breakpoint elsewhere while a step waits for its task, and forgets the step', async () => {
    await stopAt('sched.c', sleeps);
    await client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'tour_kthread' }] });
    await client.send('next', { threadId: 1 });
    assert.equal((await client.stopped()).reason, 'function breakpoint');
  });
});
