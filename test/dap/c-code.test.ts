/** C of the sample kernel as a client sees it: variables, expressions, the console's commands, completions. */
import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from './dap-client.test-support';
import { sampleKernel } from './fake-target.test-support';

describe('C code in a session', () => {
  let client: DapClient;
  let frames: readonly Dap.StackFrame[];

  before(async () => {
    client = DapClient.inProcess();
    await client.launch({ program: sampleKernel }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'handle_mm_fault' }] }),
    );
    const { threadId } = await client.stopped();
    ({ stackFrames: frames } = await client.send('stackTrace', { threadId: threadId! }));
  });
  after(() => client.close());

  const evaluate = (expression: string, context: 'repl' | 'watch' | 'hover' | 'clipboard' = 'watch') =>
    client.send('evaluate', { expression, context, frameId: frames[0]!.id });
  const textOf = async (expression: string, context?: Parameters<typeof evaluate>[1]) =>
    (await evaluate(expression, context)).result;
  const failureOf = async (expression: string, context = 'watch') =>
    (await client.failure('evaluate', { expression, context, frameId: frames[0]!.id })).format;
  const children = async (variablesReference: number, page: Partial<Dap.VariablesArguments> = {}) =>
    (await client.send('variables', { variablesReference, ...page })).variables;
  const localsOf = async (frame: Dap.StackFrame) => {
    const { scopes } = await client.send('scopes', { frameId: frame.id });
    const [first] = scopes;
    assert.equal(first!.name, 'Locals');
    assert.equal(first!.presentationHint, 'locals');
    return first!.variablesReference;
  };

  it('shows arguments and locals in the first scope', async () => {
    const locals = await children(await localsOf(frames[0]!));
    assert.deepEqual(
      locals.map(({ name, type }) => `${type} ${name}`),
      ['struct mm_struct * mm', 'ulong address', 'ulong cause', 'struct pt_regs * regs'],
    );
    assert.equal(locals.find(({ name }) => name === 'cause')!.value, '12');
  });

  it('says of a variable without a place that it is optimized out, or why it is not known', async () => {
    const locals = await children(await localsOf(frames[1]!));
    // Its callee has saved the register that it is in.
    assert.equal(locals.find(({ name }) => name === 'regs')!.value, await textOf('regs'));
    for (const { name, value, variablesReference } of locals) {
      assert.match(
        value,
        /^(<optimized out>|<not available: .+>|-?\d+( \(0x[\da-f]+\))?|0x[\da-f]+.*)$/,
        name,
      );
      if (value.startsWith('<')) assert.equal(variablesReference, 0);
    }
  });

  it('opens pointers and structures a level at a time, and arrays by the page', async () => {
    const { result, type, variablesReference } = await evaluate('regs');
    assert.match(result, /^0x[\da-f]{16}$/);
    assert.equal(type, 'struct pt_regs *');
    const members = await children(variablesReference);
    assert.equal(members[0]!.name, 'epc');
    assert.equal(members[0]!.evaluateName, 'regs->epc');
    const s = await evaluate('init_task.thread.s');
    assert.equal(s.indexedVariables, 12);
    const page = await children(s.variablesReference, { filter: 'indexed', start: 10, count: 5 });
    assert.deepEqual(
      page.map(({ name, evaluateName }) => [name, evaluateName]),
      [
        ['[10]', 'init_task.thread.s[10]'],
        ['[11]', 'init_task.thread.s[11]'],
      ],
    );
    assert.deepEqual(await children(s.variablesReference, { filter: 'named' }), []);
  });

  it('evaluates C: members, casts, comparisons with texts, the task and lists of the kernel', async () => {
    assert.equal(await textOf('$task->comm'), '"init"');
    assert.equal(await textOf('$task.comm == "init" && $task.pid == 1'), '1');
    assert.equal(await textOf('((struct pt_regs *)regs)->epc == $epc'), '1');
    assert.equal(await textOf('address == $tval && cause == $cause'), '1');
    assert.equal(await textOf('mm == $task->mm'), '1');
    assert.equal(await textOf('init_task.comm'), '"swapper/0"');
    assert.equal(await textOf('init_task.tasks.next == &$task->tasks'), '1');
    assert.match(await textOf('&init_task.tasks'), /^0x[\da-f]+ <init_task\+0x[\da-f]+>$/);
    assert.equal(await textOf('$priv == "S" && $hart == 0 && $cpu == 0'), '1');
    const list = await evaluate('$list(&init_task.tasks, struct task_struct, tasks)');
    assert.equal(list.type, 'struct task_struct []');
    assert.match(list.result, /^\[1\] \{0x[\da-f]+\}$/);
    const [first] = await children(list.variablesReference);
    assert.equal(await textOf(`${first!.evaluateName}.comm`), '"init"');
    assert.equal(
      await textOf('$container_of(init_task.tasks.next, struct task_struct, tasks) == $task'),
      '1',
    );
    assert.equal(await textOf('sizeof(struct list_head)'), '16');
    assert.match(await textOf('$percpu(irq_stack_ptr)'), /^0x[\da-f]+$/);
    assert.match(await textOf('do_page_fault'), /^0x[\da-f]+ <do_page_fault>$/);
  });

  it('shows values in the format that is written behind them, or that the client wants', async () => {
    assert.equal(await textOf('cause,x'), '0xc');
    assert.equal(await textOf('cause,b'), '0b1100');
    assert.equal(await textOf('cause,o'), '014');
    assert.equal(await textOf("'a',c"), "97 'a'");
    assert.match(await textOf('&init_task.thread.s[0],[2]'), /^\[2\] \{.+, .+\}$/);
    assert.match(await textOf('&$task->comm[0],s'), /^0x[\da-f]+ "init"$/);
    const { result } = await client.send('evaluate', {
      expression: 'cause',
      format: { hex: true },
      frameId: frames[0]!.id,
    });
    assert.equal(result, '0xc');
    assert.match(await failureOf('cause,q'), /no format/);
  });

  it('sets members, elements and registers, and says what cannot be set', async () => {
    const mark = client.events.length;
    const task = await evaluate('init_task');
    const set = await client.send('setVariable', {
      variablesReference: task.variablesReference,
      name: 'exit_code',
      value: '40 + 2',
    });
    assert.equal(set.value, '42');
    assert.equal(await textOf('init_task.exit_code'), '42');
    assert.ok(client.events.slice(mark).some(({ event }) => event === 'invalidated'));
    const expression = await client.send('setExpression', {
      expression: 'init_task.comm[0]',
      value: "'S'",
      frameId: frames[0]!.id,
    });
    assert.equal(expression.value, "83 'S'");
    assert.equal(await textOf('init_task.comm'), '"Swapper/0"');
    assert.equal(await textOf('init_task.comm = "idle"', 'repl'), '"idle"');
    assert.equal(await textOf('cause = 13', 'repl'), '13');
    assert.equal(await textOf('cause'), '13');
    assert.equal(await textOf('cause = 12', 'repl'), '12');
    assert.match(await failureOf('cause = 1', 'watch'), /do not assign here/);
    assert.match(await failureOf('cause = 1', 'hover'), /do not assign here/);
    const error = await client.failure('setVariable', {
      variablesReference: task.variablesReference,
      name: 'thread_info',
      value: '1',
    });
    assert.match(error.format, /^'thread_info' cannot be changed/);
  });

  it('has commands for values, types and variables', async () => {
    const command = (text: string) => textOf(text, 'repl');
    assert.equal(await command('p/x cause'), '0xc');
    assert.equal(await command('p *regs == 0').catch(() => 'refused'), 'refused');
    assert.equal(
      await command('ptype struct list_head'),
      [
        '/* offset    size */',
        '                     struct list_head {',
        '/*      0       8 */   struct list_head *next;',
        '/*      8       8 */   struct list_head *prev;',
        '                     }  /* 16 bytes */',
      ].join('\n'),
    );
    assert.equal(await command('whatis init_task.tasks'), 'struct list_head');
    assert.match(
      await command('ptype $task'),
      /^\/\* offset.*\n +struct task_struct \{\n[^]*char comm\[16\];[^]*\} {2}\/\* \d+ bytes \*\/ \*$/,
    );
    assert.match(
      await command('info args'),
      /^mm = 0x[\da-f]+\naddress = \d+ \(0x[\da-f]+\)\ncause = 12\nregs = 0x[\da-f]+$/,
    );
    assert.equal(await command('info locals'), 'handle_mm_fault has none here.');
    assert.match(await command('help'), /\$list\(HEAD, TYPE, MEMBER\)/);
    assert.match(await failureOf('ptype struct nosuch', 'repl'), /no type "struct nosuch"/);
  });

  it('completes locals, members, helpers and types', async () => {
    const labels = async (text: string) =>
      (
        await client.send('completions', { text, column: text.length + 1, frameId: frames[0]!.id })
      ).targets.map(({ label }) => label);
    assert.ok((await labels('1 + caus')).includes('cause'));
    assert.deepEqual(await labels('regs->ep'), ['epc']);
    assert.deepEqual(await labels('((struct pt_regs *)sp)->ba'), ['badaddr']);
    assert.ok((await labels('init_task.tasks.')).includes('next'));
    assert.deepEqual(await labels('$lis'), ['$list']);
    assert.ok((await labels('(struct task_str')).includes('task_struct'));
  });

  it('answers expressions about memory that is not there', async () => {
    assert.match(await failureOf('((struct task_struct *)8)->pid'), /Memory at 0x[\da-f]+ cannot be read/);
    assert.match(await textOf('((struct task_struct *)8)->comm'), /^<memory at 0x[\da-f]+ cannot be read>$/);
    const { result } = await evaluate('*(struct list_head *)8');
    assert.match(result, /^\{next = <memory at 0x8 cannot be read>, prev = /);
    const cut = await textOf('$list((struct list_head *)8, struct task_struct, tasks)');
    assert.match(cut, /^\[0\+\] \{\} \(cut: the link at 0x8 cannot be read\)$/);
  });
});
