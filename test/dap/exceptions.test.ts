/** What exception filters stop at on the sample kernel, and what is said of it. */
import assert from 'node:assert/strict';
import { DapClient } from './dap-client.test-support';
import { sampleKernel, sampleSources } from './fake-target.test-support';

describe('exceptions of the sample kernel', function () {
  this.timeout(60_000);
  let client: DapClient;

  beforeEach(() => (client = DapClient.inProcess()));
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  async function launch(place: string, args: object = {}): Promise<void> {
    await client.launch({ program: sampleKernel, sourceFolders: [sampleSources], ...args }, () =>
      client.send('setFunctionBreakpoints', { breakpoints: [{ name: place }] }),
    );
    await client.stopped();
    await client.send('setFunctionBreakpoints', { breakpoints: [] });
  }

  async function filter(filterId: string, condition?: string): Promise<void> {
    const { breakpoints } = await client.send('setExceptionBreakpoints', {
      filters: [],
      filterOptions: [{ filterId, ...(condition !== undefined && { condition }) }],
    });
    assert.equal(breakpoints![0]!.verified, true, breakpoints![0]!.message);
  }

  async function set(name: string, value: string): Promise<void> {
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const { scopes } = await client.send('scopes', { frameId: stackFrames[0]!.id });
    const { variablesReference } = scopes.find((scope) => scope.name === 'Registers')!;
    await client.send('setVariable', { variablesReference, name, value });
  }

  async function next(): Promise<{ reason: string; description: string; text: string }> {
    await client.send('continue', { threadId: 1 });
    const { reason, description, text } = await client.stopped();
    return { reason, description: description ?? '', text: text ?? '' };
  }

  it('say what the kernel will do about a fault that it expects', async () => {
    await launch('start_kernel');
    await filter('kernelExceptions', 'load page fault if $tval == 0x20000000');
    const { description, text } = await next();
    assert.equal(description, 'Exception: load page fault');
    assert.match(text, /^load page fault of 0x20000000 at __asm_copy_from_user\+0xa\//);
    assert.match(text, /\. The instruction is 'lb t0,0\(a1\)'\. /);
    assert.match(text, /\. The page tables end at level \d: \S.*?\. /);
    assert.match(
      text,
      /if the page cannot be brought in it goes on at __asm_copy_from_user\+0x\w+\/0x\w+, and the access to user memory fails \(-EFAULT\)\./,
    );
    assert.match(text, /The task is \w+ \[\d+\]\.$/);
  });

  it('leave a step into a trap that they do not stop at as it is', async () => {
    await launch('page_fault+0xa');
    await filter('userExceptions', 'page faults if $tval == 0');
    await client.send('stepIn', { threadId: 1 });
    assert.equal((await client.stopped()).reason, 'step');
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    assert.match(stackFrames[0]!.name, /^handle_exception\+0x0\//);
  });

  it('tell traps of user mode from those of the kernel', async () => {
    await launch('start_kernel');
    await filter('systemCalls', 'if $from == "kernel" || ($from == "user" && $a7 == 172)');
    const { text } = await next();
    assert.match(text, /from user mode into supervisor mode\. .*The system call is getpid/);
  });

  it('name the system call', async () => {
    await launch('start_kernel');
    await filter('systemCalls', 'getpid');
    const { text } = await next();
    assert.match(text, /The system call is getpid \(a7 = 172\)/);
  });

  it('explain a call through a NULL pointer, and then the panic that it leads to', async () => {
    await launch('do_page_fault');
    await filter('wildExecution');
    await set('pc', '0x0');
    const wild = await next();
    assert.equal(wild.description, 'Exception: instruction page fault');
    assert.match(
      wild.text,
      /^Wild execution: the kernel jumped to 0x0: it called through a NULL pointer; the last call came from handle_exception\+0x\w+\/0x\w+ \(ra\)\. instruction page fault of 0x0 at 0x0/,
    );
    await filter('kernelReports');
    const panic = await next();
    assert.equal(panic.reason, 'exception');
    assert.equal(panic.description, 'Kernel panic');
    assert.match(panic.text, /^Kernel panic: page fault in the kernel at 0{16}, epc 0{16}$/);
    const info = await client.send('exceptionInfo', { threadId: 1 });
    assert.equal(info.exceptionId, 'Kernel panic');
    assert.equal(info.description, panic.text);
    assert.match(info.details!.stackTrace!, /^panic\+0x\w+.*\n.*do_page_fault\+0x/);
  });

  it('find execution of data, where the kernel goes on without a fault until there is no instruction', async () => {
    await launch('do_page_fault');
    await filter('wildExecution', '$epc > 4096');
    await set('pc', '0xffffffc800000000');
    assert.match(
      (await next()).text,
      /^Wild execution: pc 0xffffffc800000000 lies outside all text of the kernel and its modules; /,
    );
  });

  const mMode = { program: sampleKernel.replace('metadata', 'm-mode') };

  it('stop before data is executed where no trap would follow, and tell of the jump', async () => {
    await launch('memset+0x0', mMode);
    await filter('wildExecution');
    const { result } = await client.send('evaluate', { expression: '&init_task', context: 'repl' });
    const place = /0x\w+/.exec(result)![0];
    await set('ra', place);
    const stop = await next();
    assert.equal(stop.reason, 'exception');
    assert.equal(stop.description, 'Wild execution');
    assert.match(
      stop.text,
      /^Wild execution: pc (0x\w+) lies outside all text of the kernel and its modules; that is init_task\+0x0\/0x\w+; it went there from memset\+0x\w+\/0x\w+ by 'ret'; ra is \1, which is no kernel text either\.$/,
    );
    const info = await client.send('exceptionInfo', { threadId: 1 });
    assert.equal(info.exceptionId, 'Wild execution');
    assert.equal(info.description, stop.text);
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    assert.equal(stackFrames[0]!.instructionPointerReference, place);
  });

  it('stop before a stack or zeros are executed, and before a step does so', async () => {
    await launch('start_kernel', mMode);
    await filter('wildExecution');
    const { result } = await client.send('evaluate', { expression: '$sp', context: 'repl' });
    await set('pc', /0x\w+/.exec(result)![0]);
    assert.match((await next()).text, /; that is init_thread_union\+0x\w+\/0x4000; the last call came from /);
    await set('pc', '0x84000000');
    await client.send('next', { threadId: 1, granularity: 'instruction' });
    // It has not been in text in between: the step executes what it is told to, and the trap says the rest.
    assert.match((await client.stopped()).text ?? '', /^Wild execution: pc 0x84000000 lies outside all text/);
  });

  const run = async (expression: string) =>
    (await client.send('evaluate', { expression, context: 'repl' })).result;

  /** Another place than its function for the system call that the first program makes next. */
  async function misdirectGetpid(place: string): Promise<void> {
    await run(`*(unsigned long *)&sys_call_table[172] = ${place}`);
  }

  async function names(): Promise<readonly string[]> {
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    return stackFrames.map(({ name }) => name);
  }

  /** @param expected of the first rows, each in its place */
  function assertRows(rows: readonly string[], expected: readonly RegExp[]): void {
    expected.forEach((pattern, index) => assert.match(rows[index] ?? '', pattern, rows.join('\n')));
  }

  it('show who has called through a stale pointer, down to user mode, as the recorded calls have it', async () => {
    await launch('start_kernel', { ...mMode, recordCalls: true });
    await filter('wildExecution');
    await misdirectGetpid('(unsigned long)&init_task');
    assert.equal((await next()).description, 'Wild execution');
    const rows = await names();
    assertRows(rows, [
      /^init_task\+0x0\/0x\w+$/,
      /^syscall\+0x\w+\/0x\w+ \(L\)$/,
      /^do_trap_ecall_u\+0x\w+\/0x\w+$/,
      /^handle_exception\+0x\w+\/0x\w+$/,
      /^FINAL: entered from user mode \(system call: /,
      /^not reliable for livepatch \(R20\): by frame pointers alone the walk ends at R18: pc 0x\w+ is not in kernel text$/,
    ]);
    const walks = await run('walks');
    // By call frame information, and as it happened.
    for (const row of rows.slice(1, 4)) {
      const [name] = row.split(' ');
      assert.ok(
        walks.split('\n').some((line) => line.split(name!).length === 3),
        `${name} in ${walks}`,
      );
    }
    assert.match(
      walks,
      /^The metadata walk ends early\. R18: pc 0x\w+ is not in kernel text \(init_task is no text of the kernel, so that only ra can tell who has called it\)$/m,
    );
  });

  it('show who has called what cannot be fetched, below the exception that it was', async () => {
    await launch('start_kernel', { recordCalls: true });
    await misdirectGetpid('8');
    await client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'panic' }] });
    await next();
    assertRows(await names(), [
      /^panic\+/,
      /^do_page_fault\+/,
      /^handle_exception\+/,
      /^── exception: instruction page fault at 0x8, from kernel, pt_regs at 0x\w+ ──$/,
      /^0x8 \(P\)$/,
      /^syscall\+0x\w+\/0x\w+ \(L\)$/,
      /^do_trap_ecall_u\+/,
      /^handle_exception\+/,
      /^FINAL: entered from user mode \(system call: /,
      /^not reliable for livepatch \(R20\): by frame pointers alone the walk ends at R18: pc 0x8 is not in kernel text$/,
    ]);
    assert.match(
      await run('walks'),
      /\(0x8 is no text of the kernel, so that only ra can tell who has called it\)$/m,
    );
  });

  it('say of a return to a wrong address that ra does not tell from where it was', async () => {
    await launch('memset+0x0', mMode);
    await filter('wildExecution');
    await set('ra', '0x84000000');
    await next();
    assertRows(await names(), [
      /^0x84000000$/,
      /^R18: pc 0x84000000 is not in kernel text; ra is the same, as it is after a return to a wrong address$/,
      /^not reliable for livepatch \(R20\): the walk ended at R18, not at FINAL$/,
    ]);
  });

  it('stop where the kernel goes wild only if the condition holds', async () => {
    await launch('memset+0x0', mMode);
    await filter('wildExecution', 'pc != 0x84000000');
    await set('ra', '0x84000000');
    // What is not wanted goes on to the trap, which is.
    assert.equal((await next()).description, 'Exception: illegal instruction');
  });

  for (const build of ['metadata', 'legacy', 'm-mode']) {
    it(`find nothing wild in all that the ${build} sample does`, async () => {
      const program = sampleKernel.replace('metadata', build);
      await client.launch({ program, append: 'poweroff' }, () =>
        client.send('setExceptionBreakpoints', { filters: ['wildExecution'] }),
      );
      // A stop in between would be the end of it.
      await client.event('terminated');
    });
  }

  it('find a trap without a handler', async () => {
    await launch('do_page_fault');
    await filter('unhandledTraps', 'no handler, trap loop');
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const { scopes } = await client.send('scopes', { frameId: stackFrames[0]!.id });
    const csrs = scopes.find(({ name }) => name.includes('CSR'))!;
    await setCsr(csrs.variablesReference, 'stvec', '0x0');
    const { text } = await next();
    assert.match(text, /^Nobody handles this trap: stvec leads to 0x0, where there is no memory\./);
    await filter('unhandledTraps', 'trap loop');
    assert.match(
      (await next()).text,
      /^The hart traps for ever: the first instruction of the trap handler, 0x0, has itself/,
    );
  });

  async function setCsr(reference: number, name: string, value: string): Promise<void> {
    const { variables } = await client.send('variables', { variablesReference: reference });
    for (const variable of variables) {
      if (variable.name === name) {
        await client.send('setVariable', { variablesReference: reference, name, value });
        return;
      }
      if (variable.variablesReference > 0 && !variable.value.startsWith('0x'))
        await setCsr(variable.variablesReference, name, value);
    }
  }

  it('are caught from the debug console, beside the rows of the client', async () => {
    await launch('start_kernel');
    assert.equal(
      await run('catch load page fault if $tval == 0x20000000'),
      'catch 1: load page fault if $tval == 0x20000000 (Exceptions in the kernel, Exceptions in user mode)',
    );
    assert.equal(await run('catch panic'), 'catch 2: panic (Kernel panic, oops, BUG and WARN)');
    assert.equal(
      await run('info catch'),
      'catch 1: load page fault if $tval == 0x20000000 (Exceptions in the kernel, Exceptions in user mode)\ncatch 2: panic (Kernel panic, oops, BUG and WARN)',
    );
    await client.send('setExceptionBreakpoints', { filters: [] });
    assert.match((await next()).text, /^load page fault of 0x20000000 /);
    await run('delete catch 1');
    await set('pc', '0x0');
    assert.equal((await next()).description, 'Kernel panic');
    await run('delete catch');
    assert.match(await run('info catch'), /^Nothing is caught/);
    const mistake = await client.failure('evaluate', { expression: 'catch lod page fault', context: 'repl' });
    assert.match(mistake.format, /^There is nothing called 'lod page fault' to stop at\. Name a cause/);
    const lacking = await client.failure('evaluate', { expression: 'catch WARN', context: 'repl' });
    assert.match(lacking.format, /no __bug_table/);
    const gone = await client.failure('evaluate', { expression: 'delete catch 7', context: 'repl' });
    assert.equal(gone.format, "There is no catch 7: 'info catch' lists them.");
  });

  it('say which filters a program cannot serve', async () => {
    await launch('start_kernel');
    const { breakpoints } = await client.send('setExceptionBreakpoints', {
      filters: [],
      filterOptions: [
        { filterId: 'kernelReports', condition: 'WARN' },
        { filterId: 'kernelReports', condition: 'oops' },
        { filterId: 'kernelReports' },
      ],
    });
    assert.deepEqual(
      breakpoints!.map(({ verified }) => verified),
      [false, false, true],
    );
    assert.equal(
      breakpoints![0]!.message,
      "'WARN' cannot be told from other breakpoints: the program has no __bug_table.",
    );
    assert.equal(breakpoints![1]!.message, "'oops' cannot be seen: the program has no function die.");
  });
});
