/** C of a real kernel as a client sees it: the structures that kernel developers look at first. */
import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from '../dap/dap-client.test-support';
import { linuxInitrd, linuxKernel } from './linux.test-support';

describe('C code of Linux 7.3', function () {
  this.timeout(180_000);
  let client: DapClient;
  let frameId: number;

  before(async function () {
    const program = linuxKernel(this, 'metadata');
    client = DapClient.inProcess();
    await client.launch({ program, initrd: linuxInitrd, memory: '256M', smp: 2 }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'do_sys_openat2' }] }),
    );
    const { threadId } = await client.stopped();
    const { stackFrames } = await client.send('stackTrace', { threadId: threadId! });
    frameId = stackFrames[0]!.id;
  });
  after(() => client.close());

  const evaluate = (expression: string, context: 'repl' | 'watch' = 'watch') =>
    client.send('evaluate', { expression, context, frameId });
  const textOf = async (expression: string, context?: 'repl') => (await evaluate(expression, context)).result;
  const children = async (variablesReference: number): Promise<readonly Dap.Variable[]> =>
    (await client.send('variables', { variablesReference })).variables;

  it('shows the arguments of a system call', async () => {
    const { scopes } = await client.send('scopes', { frameId });
    const locals = await children(scopes.find(({ name }) => name === 'Locals')!.variablesReference);
    const named = new Map(locals.map((variable) => [variable.name, variable]));
    assert.equal(named.get('dfd')!.value, '-100');
    assert.equal(named.get('how')!.type, 'struct open_how *');
    assert.equal(named.get('filename')!.type, 'const char *');
    assert.match(named.get('filename')!.value, /^0x[\da-f]+ "\/\w+/);
    assert.match(await textOf('*how'), /^\{flags = \d+ \(0x[\da-f]+\), mode = \d+, resolve = 0\}$/);
  });

  it('knows the task, its registers and its stack', async () => {
    assert.equal(await textOf('$task->comm'), '"init"');
    assert.equal(await textOf('$task.pid == 1 && $task.comm == "init"'), '1');
    // openat(2) is 56 (include/uapi/asm-generic/unistd.h).
    assert.equal(await textOf('$ptregs->a7'), '56');
    assert.equal(await textOf('((struct pt_regs *)$ptregs)->orig_a0 == $ptregs->orig_a0'), '1');
    assert.match(await textOf('$task->sched_class'), /^0x[\da-f]+ <fair_sched_class>$/);
    assert.match(await textOf('$task->fs->pwd.dentry->d_name.name'), /^0x[\da-f]+ "\/"$/);
    assert.equal(await textOf('(int)$cpu == (int)$task->thread_info.cpu'), '1');
  });

  it('walks lists and per-CPU variables', async () => {
    assert.match(await textOf('init_task.tasks.next'), /^0xff[\da-f]{14}$/);
    const list = await evaluate('$list(&init_task.tasks, struct task_struct, tasks)');
    assert.match(list.result, /^\[\d\d\] \{0xff/);
    assert.equal(await textOf('$list(&init_task.tasks, struct task_struct, tasks)[0].comm'), '"init"');
    assert.equal(await textOf('$list(&init_task.tasks, struct task_struct, tasks)[1].comm'), '"kthreadd"');
    assert.match(await textOf('$percpu(runqueues).nr_running'), /^[1-9]$/);
    assert.equal(await textOf('$percpu(runqueues).curr == $task'), '1');
    assert.equal(await textOf('$percpu(runqueues, 1).cpu'), '1');
    assert.match(await textOf('&$percpu(runqueues, 0) != &$percpu(runqueues, 1)'), /^1$/);
    // An inode has its names in an hlist: the root's has one.
    const names = '$hlist(&$task->fs->root.dentry->d_inode->i_dentry, struct dentry, d_alias)';
    assert.equal(await textOf(`&${names}[0] == $task->fs->root.dentry`), '1');
    assert.match((await evaluate(names)).result, /^\[1\] \{0xff/);
    // Areas of vmalloc() are in a tree by address.
    const areas = '$rbtree(&vmap_nodes[0].busy.root, struct vmap_area, rb_node)';
    const starts = [0, 1, 2, 3].map((n) => textOf(`${areas}[${n}].va_start`));
    const inOrder = (await Promise.all(starts)).map((text) => BigInt(text.split(' ')[0]!));
    assert.deepEqual(
      inOrder,
      inOrder.toSorted((a, b) => (a < b ? -1 : 1)),
    );
    assert.equal(new Set(inOrder).size, 4);
    const failure = await client.failure('evaluate', { expression: '$percpu(runqueues, 4000)', frameId });
    assert.match(failure.format, /There is no CPU 4000/);
  });

  it('reads enumerations, unions, bit-fields and function pointers', async () => {
    assert.equal(await textOf('PIDTYPE_MAX'), 'PIDTYPE_MAX');
    assert.match(await textOf('fair_sched_class.enqueue_task'), /^0x[\da-f]+ <enqueue_task_fair>$/);
    assert.match(await textOf('init_mm.mm_mt.ma_flags,x'), /^0x[\da-f]+$/);
    assert.match(await textOf('$task->in_execve'), /^[01]$/);
    assert.equal(await textOf('sizeof(struct page)'), '64');
    assert.match(await textOf('ptype struct page', 'repl'), /\/\* +0 +8 \*\/ +.*flags;/);
  });

  it('sets a member, and the kernel sees it', async () => {
    const task = await evaluate('$task');
    const set = { variablesReference: task.variablesReference, name: 'comm', value: '"renamed"' };
    assert.equal((await client.send('setVariable', set)).value, '"renamed"');
    assert.equal(await textOf('$task.comm'), '"renamed"');
    const { threads } = await client.send('threads');
    assert.ok(threads.some(({ name }) => name.includes('renamed')));
  });

  it('answers quickly', async () => {
    await textOf('$task->comm');
    const begin = performance.now();
    for (let n = 0; n < 20; n++) await textOf('$task->signal->rlim[3].rlim_cur');
    assert.ok((performance.now() - begin) / 20 < 50);
  });
});
