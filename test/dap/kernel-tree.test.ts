/** The kernel's tree and its commands, on the sample kernel: it has tasks and per-CPU variables, but no modules and no log. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { KernelNode } from '../../debug-adapter/session/protocol/custom';
import { DapClient } from './dap-client.test-support';

const sample = join(import.meta.dirname, '../../sample-kernel/prebuilt/sample-metadata.elf');

describe("the kernel's tree", function () {
  this.timeout(60_000);
  let client: DapClient;

  before(async () => {
    client = DapClient.inProcess();
    await client.launch({ program: sample }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'sys_getpid' }] }),
    );
    await client.stopped();
  });

  after(() => client.close());

  const children = async (node?: string, page: { start?: number; count?: number } = {}) =>
    client.send('riscvUnwind/kernelTree', { ...(node !== undefined && { node }), ...page });
  const labels = (nodes: readonly KernelNode[]) => nodes.map(({ label }) => label);

  it('has roots, of which each has something or says why not', async () => {
    const { nodes, total } = await children();
    assert.deepEqual(labels(nodes), ['Tasks', 'Modules', 'Interrupts', 'Per-CPU Variables', 'Kernel Log']);
    assert.equal(total, 5);
    for (const { id } of nodes) assert.ok((await children(id)).nodes.length > 0, id);
    assert.match((await children('log')).nodes[0]!.label, /^The kernel has no log that is known/);
    assert.match((await children('modules')).nodes[0]!.label, /^This kernel is built without modules/);
  });

  it('has tasks with what they do, and their stacks with places in sources', async () => {
    const { nodes } = await children('tasks');
    const running = nodes.find(({ kind }) => kind === 'running task')!;
    assert.match(running.description!, /, CPU 0, runs on hart 0$/);
    assert.equal(running.threadId, 1);
    assert.ok(nodes.some(({ kind, threadId }) => kind === 'task' && threadId! >= 1000));
    const stack = (await children(running.id)).nodes;
    assert.match(stack[0]!.label, /^sys_getpid\+/);
    assert.match(stack[0]!.source!.path!, /\.c$/);
    assert.match(stack[0]!.description!, /\.c:\d+$/);
    assert.ok(stack.some(({ label }) => label.startsWith('handle_exception+')));
  });

  it('gives children by pages, whatever is asked for', async () => {
    const all = await children('tasks');
    assert.ok(all.total > 1);
    const page = await children('tasks', { start: 1, count: 1 });
    assert.deepEqual(page.nodes, all.nodes.slice(1, 2));
    assert.equal(page.total, all.total);
    for (const [start, count] of [
      [-1, -1],
      [1e9, 1e9],
      [0.5, Infinity],
      ['x', 'y'],
    ] as [number, number][])
      assert.ok((await children('tasks', { start, count })).nodes.length <= all.total);
  });

  it('has no children for what is not there, and refuses ids that it never gave', async () => {
    for (const id of ['tasks/0x1', 'interrupts/hart99', 'interrupts/controller/9', 'percpu/a@0x0', 'log/5'])
      assert.deepEqual(await children(id), { nodes: [], total: 0 }, id);
    const error = await client.failure('riscvUnwind/kernelTree', { node: 'nothing' });
    assert.match(error.format, /needs "node"/);
    assert.match(
      (await client.failure('riscvUnwind/kernelTree', { node: 'constructor' })).format,
      /needs "node"/,
    );
  });

  it('has the interrupts of harts and of the interrupt controller', async () => {
    const groups = (await children('interrupts')).nodes;
    assert.deepEqual(labels(groups), ['Hart 0', 'Interrupt Controller (PLIC)', 'Handled by the Kernel']);
    const hart = (await children('interrupts/hart0')).nodes;
    assert.ok(
      hart.some(({ label, description }) => label === 'supervisor timer' && description!.includes('enabled')),
    );
    assert.match(hart.at(-1)!.label, /^(stimecmp|mtimecmp)$/);
    assert.ok((await children('interrupts/controller')).nodes.some(({ label }) => label === '10 uart'));
  });

  it('has per-CPU variables with their types, which open as others do and can be changed', async () => {
    const { nodes } = await children('percpu', { count: 1000 });
    const of = async (id: string) => new Map((await children(id)).nodes.map((node) => [node.label, node]));
    const copies = await of(nodes.find(({ label }) => label === 'runqueues')!.id);
    assert.deepEqual([...copies.keys()], ['CPU 0']);
    const copy = copies.get('CPU 0')!;
    assert.equal(copy.evaluateName, '$percpu(runqueues, 0)');
    assert.match(copy.tooltip!, /^struct rq at 0x[0-9a-f]+$/);
    const evaluate = async (expression: string, context = 'repl') =>
      (await client.send('evaluate', { expression, context })).result;
    assert.equal(copy.description, await evaluate('$percpu(runqueues, 0)', 'watch'));
    const members = await of(copy.id);
    for (const [label, { description, evaluateName }] of members) {
      assert.equal(evaluateName, `$percpu(runqueues, 0).${label}`);
      assert.equal(description, await evaluate(evaluateName, 'watch'));
    }
    // A pointer to a task opens to the task's members, however deep.
    const pointer = [...members.values()].find(({ description }) => description?.startsWith('0x'))!;
    assert.ok((await children(pointer.id)).nodes.length > 0);
    const list = await of(nodes.find(({ label }) => label === 'timer_list')!.id);
    const links = await of(list.get('CPU 0')!.id);
    assert.deepEqual([...links.keys()], ['next', 'prev']);
    for (const id of [`${copy.id}/99`, `${copy.id}/x/0`, `${copy.id}/-1`])
      assert.deepEqual((await children(id)).nodes, [], id);

    const stack = await of(nodes.find(({ label }) => label === 'irq_stack_ptr')!.id);
    const { evaluateName } = stack.get('CPU 0')!;
    const before = await evaluate(evaluateName!, 'watch');
    const changed = await client.send('setExpression', { expression: evaluateName!, value: '0x1230' });
    assert.match(changed.value, /^0x1230\b/);
    assert.match(await evaluate('info percpu irq_stack_ptr'), /\n {2}CPU 0: 0x[0-9a-f]+: 0x1230\b/);
    await client.send('setExpression', { expression: evaluateName!, value: before.split(' ')[0]! });
    assert.match(
      await evaluate('info percpu runqueues'),
      /^runqueues, \d+ bytes\n {2}CPU 0: 0x[0-9a-f]+: \{\w+ = /,
    );
  });

  it('is there as commands, too', async () => {
    const evaluate = async (expression: string) =>
      (await client.send('evaluate', { expression, context: 'repl' })).result;
    assert.match(
      await evaluate('info interrupts'),
      /^hart 0, supervisor mode\n {2}supervisor software: +(not )?pending/,
    );
    assert.match(await evaluate('dmesg'), /^The kernel has no log/);
    assert.match(await evaluate('lsmod'), /^This kernel is built without modules/);
    assert.match(
      await evaluate('info percpu'),
      /^CPU 0: copies at 0x[0-9a-f]+, offset 0x[0-9a-f]+\n\d+ variables$/,
    );
    assert.match(await evaluate('help'), /dmesg \[-x\] \[-n COUNT\]/);
    const { format } = await client.failure('evaluate', { expression: 'dmesg -q', context: 'repl' });
    assert.match(format, /'-q' is no option of dmesg/);
    assert.match((await client.send('riscvUnwind/kernelLog')).text, /^The kernel has no log/);
  });

  it('waits for the machine to stand still', async () => {
    await client.send('setFunctionBreakpoints', { breakpoints: [] });
    await client.send('continue', { threadId: 1 });
    const error = await client.failure('riscvUnwind/kernelTree');
    assert.match(error.format, /^The machine is running\. Pause it first/);
  });
});
