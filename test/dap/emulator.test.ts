/** What a client does with a running kernel: the sample kernel in the emulator, in this process. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from './dap-client.test-support';
import { sampleKernel, sampleSources } from './fake-target.test-support';

/** The faulting load of `__asm_copy_from_user`, and where the sample's first user program asks the kernel for something. */
const faultingLoad = '__asm_copy_from_user+0xa';
const userEcall = '*0x10008';

describe('a session with the sample kernel', function () {
  this.timeout(30_000);
  let client: DapClient;

  beforeEach(() => (client = DapClient.inProcess()));
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  const launch = (args: Record<string, unknown>, ...names: readonly string[]): Promise<void> =>
    client.launch({ program: sampleKernel, sourceFolders: [sampleSources], ...args }, () =>
      setFunctions(...names),
    );

  async function setFunctions(...names: readonly (string | Dap.FunctionBreakpoint)[]): Promise<void> {
    const { breakpoints } = await client.send('setFunctionBreakpoints', {
      breakpoints: names.map((name) => (typeof name === 'string' ? { name } : name)),
    });
    for (const { verified, message } of breakpoints) assert.ok(verified, message);
  }

  async function frames(threadId = 1): Promise<readonly string[]> {
    const { stackFrames } = await client.send('stackTrace', { threadId });
    return stackFrames.map(({ name }) => name);
  }

  async function top(threadId = 1): Promise<string> {
    return (await frames(threadId))[0]!;
  }

  async function step(
    command: 'next' | 'stepIn' | 'stepOut',
    granularity: Dap.SteppingGranularity,
  ): Promise<string> {
    await client.send(command, { threadId: 1, granularity });
    assert.equal((await client.stopped()).reason, 'step');
    return top();
  }

  async function evaluate(expression: string): Promise<string> {
    return (await client.send('evaluate', { expression, context: 'repl' })).result;
  }

  it('stops on a label of head.S before the MMU is on, at its physical address', async () => {
    await launch({}, 'relocate_enable_mmu');
    assert.equal((await client.stopped()).reason, 'function breakpoint');
    assert.match(await top(), /^relocate_enable_mmu\+0x0\/0x\w+ \[physical 0x8020\w+\]$/);
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    assert.equal(stackFrames[0]!.source?.path, join(sampleSources, 'head.S'));
  });

  it('steps through the fault that turns the MMU on to virtual addresses', async () => {
    await launch({}, 'relocate_enable_mmu');
    await client.stopped();
    let last = await top();
    for (let i = 0; i < 40 && last.includes('[physical'); i++) last = await step('stepIn', 'instruction');
    assert.match(last, /^relocate_enable_mmu\+0x\w+\/0x\w+$/);
  });

  it('steps into an ecall of user mode and arrives at handle_exception', async () => {
    await launch({}, userEcall);
    await client.stopped();
    assert.match(await step('stepIn', 'instruction'), /^handle_exception\+0x0\//);
  });

  it('steps over an ecall and comes back to user mode behind it', async () => {
    await launch({}, userEcall);
    await client.stopped();
    await setFunctions();
    assert.equal(await step('next', 'instruction'), 'user 0x1000c');
  });

  it('steps into a faulting load and arrives at handle_exception', async () => {
    await launch({});
    await setFunctions({ name: faultingLoad, condition: 'a1 == 0x20000000' });
    await client.stopped();
    assert.match(await step('stepIn', 'instruction'), /^handle_exception\+0x0\//);
    const info = await client.send('exceptionInfo', { threadId: 1 });
    assert.match(info.description!, /^load page fault of 0x20000000 at __asm_copy_from_user\+0xa\//);
  });

  it('steps over a faulting load, whatever the kernel does to mend it', async () => {
    await launch({});
    await setFunctions({ name: faultingLoad, condition: 'a1 == 0x20000000' });
    await client.stopped();
    await setFunctions();
    assert.match(await step('next', 'instruction'), /^__asm_copy_from_user\+0xe\//);
  });

  it('steps over and out of functions by statement', async () => {
    await launch({}, 'sys_getpid');
    await client.stopped();
    const caller = (await frames())[1]!;
    const back = await step('stepOut', 'statement');
    assert.equal(back.replace(/\+.*/, ''), caller.replace(/\+.*/, ''));
    const lines = new Set<number>();
    for (let i = 0; i < 3; i++) {
      await step('next', 'statement');
      lines.add((await client.send('stackTrace', { threadId: 1 })).stackFrames[0]!.line);
    }
    assert.ok(lines.size >= 2);
  });

  it('crosses the boundary of an interrupt into the code that it interrupted', async () => {
    await launch({}, 'riscv_timer_interrupt');
    await client.stopped();
    const stack = await frames();
    const separator = stack.findIndex((row) => row.startsWith('── interrupt: supervisor timer'));
    assert.ok(separator > 0, stack.join('\n'));
    assert.match(stack[separator + 1]!, /\(P\)$/);
    assert.ok(stack.includes('── IRQ stack → task stack ──'));
  });

  it('shows the pt_regs that a frame came from, and only the registers that are known', async () => {
    await launch({}, 'riscv_timer_interrupt');
    await client.stopped();
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const variables = async (frame: Dap.StackFrame, scopeName: string) => {
      const { scopes } = await client.send('scopes', { frameId: frame.id });
      const { variablesReference } = scopes.find(({ name }) => name === scopeName)!;
      const found = (await client.send('variables', { variablesReference })).variables;
      return new Map(found.map((variable) => [variable.name, variable]));
    };
    const interrupted = stackFrames.find(({ name }) => name.endsWith('(P)'))!;
    const frame = await variables(interrupted, 'Frame');
    assert.match(frame.get('pt_regs')!.value, /^0x\w+: supervisor timer interrupt at 0x\w+ </);
    assert.match(frame.get('metadata record')!.value, /type = 2 \(PT_REGS\) \}$/);
    assert.match(frame.get('rule')!.value, /R8/);
    const reference = frame.get('pt_regs')!.variablesReference;
    const members = (await client.send('variables', { variablesReference: reference })).variables;
    assert.equal(
      members.find(({ name }) => name === 'cause')!.value,
      '0x8000000000000005 (supervisor timer interrupt)',
    );
    const all = await variables(interrupted, 'Registers');
    assert.match(all.get('a0')!.value, /^0x/);
    const caller = await variables(stackFrames[1]!, 'Registers');
    assert.equal(caller.get('a0')!.value, '<not known in this frame>');
    assert.match(caller.get('s0')!.value, /^0x/);
  });

  it('has one thread for each hart with what it runs', async () => {
    await launch({ smp: 2 }, 'smp_callin');
    const stop = await client.stopped();
    assert.equal(stop.threadId, 2);
    const { threads } = await client.send('threads');
    assert.equal(threads[0]!.name, 'CPU 0: init [1]');
    assert.equal(threads[1]!.name, 'CPU 1: idle');
    assert.match(await top(2), /^smp_callin\+/);
    assert.ok((await frames(1)).length > 1);
  });

  it('has a thread for each task that waits, with its state, its stack, and no registers of a hart', async () => {
    // init is about to wait for its child, which has ended and waits for that.
    await launch({ smp: 2 }, 'syscall.c:72');
    await client.stopped();
    const { threads } = await client.send('threads');
    const names = threads.map(({ name }) => name);
    assert.match(names[0]!, /^CPU 0: \w+ \[\d+\]$/);
    const waiting = threads.find(({ name }) => /^hello \[\d+\] D \(disk sleep\)$/.test(name));
    assert.ok(waiting, names.join('\n'));
    const { stackFrames } = await client.send('stackTrace', { threadId: waiting.id });
    assert.match(stackFrames[0]!.name, /^\S+\+0x\S+ \(T\)$/);
    assert.ok(stackFrames.some(({ name }) => name.startsWith('do_exit+')));
    assert.match(stackFrames.at(-2)!.name, /^FINAL: entered from user mode/);
    const { scopes } = await client.send('scopes', { frameId: stackFrames[0]!.id });
    assert.deepEqual(
      scopes.map(({ name }) => name),
      ['Locals', 'Registers', 'Frame', 'Task', 'Statics of the file'],
    );
    assert.deepEqual((await client.send('threads')).threads, threads, 'ids stay');
    await assert.rejects(client.send('next', { threadId: waiting.id }), /runs on no CPU now/);
  });

  it('shows another walk when asked to, and all side by side', async () => {
    await launch({}, 'pager_interrupt');
    await client.stopped();
    const names = async () =>
      (await client.send('stackTrace', { threadId: 1 })).stackFrames.map(({ name }) => name);
    const whole = await names();
    const { choices } = await client.send('riscvUnwind/walk', {});
    assert.deepEqual(choices[0], { walk: 'default', chosen: true });
    await client.send('riscvUnwind/walk', { walk: 'legacy' });
    const legacy = await names();
    assert.match(legacy.at(-2)!, /^legacy \(d\): /);
    assert.ok(whole.includes(legacy[0]!) && legacy.length < whole.length);
    const { text } = await client.send('riscvUnwind/compareWalks', {});
    assert.match(text, /^CPU 0: init \[1\]\n\n +frame address +metadata +legacy/);
    assert.match(text, /^► \S+ +do_irq\S+ +·/m);
    const { result } = await client.send('evaluate', { expression: 'walks', context: 'repl' });
    assert.equal(result, text);
    await assert.rejects(client.send('riscvUnwind/walk', { walk: 'gdb' }), /one of default, metadata/);
  });

  it('is paused in a busy loop, and takes and loses breakpoints while it runs', async () => {
    await launch({}, 'sys_getpid');
    await client.stopped();
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const memoryReference = stackFrames[0]!.instructionPointerReference!;
    const jumpToItself = Uint8Array.of(0x01, 0xa0);
    await client.send('writeMemory', { memoryReference, data: Buffer.from(jumpToItself).toString('base64') });
    await setFunctions();

    await client.send('continue', { threadId: 1 });
    await client.send('pause', { threadId: 1 });
    assert.equal((await client.stopped()).reason, 'pause');
    assert.match(await top(), /^sys_getpid\+/);

    await client.send('continue', { threadId: 1 });
    const { breakpoints } = await client.send('setInstructionBreakpoints', {
      breakpoints: [{ instructionReference: memoryReference }],
    });
    const stop = await client.stopped();
    assert.equal(stop.reason, 'instruction breakpoint');
    assert.deepEqual(stop.hitBreakpointIds, [breakpoints[0]!.id]);

    await client.send('continue', { threadId: 1 });
    assert.equal((await client.stopped()).reason, 'instruction breakpoint');
    await client.send('setInstructionBreakpoints', { breakpoints: [] });
    await client.send('continue', { threadId: 1 });
    await client.send('pause', { threadId: 1 });
    assert.equal((await client.stopped()).reason, 'pause');
  });

  it('passes input to the guest, its output to the client, and reports its end with the exit code', async () => {
    await launch({ stopOnEntry: true });
    await client.stopped();
    await evaluate('> typed ahead');
    await client.send('continue', { threadId: 1 });
    assert.deepEqual((await client.event('exited')).body, { exitCode: 0 });
    await client.event('terminated');
    assert.match(client.output('stdout'), /^typed ahead$/m);
  });

  it('talks to a guest that waits for input, pauses it meanwhile, and breaks into what it then does', async () => {
    const written = async (text: string): Promise<void> => {
      while (!client.output('stdout').includes(text)) await client.event('output');
    };
    await launch({ append: 'interactive' });
    await written('type lines');
    await client.send('pause', { threadId: 1 });
    assert.equal((await client.stopped()).reason, 'pause');
    assert.ok((await frames()).length > 1);
    await client.send('continue', { threadId: 1 });
    await evaluate('> hello there');
    await written('hello there');
    await setFunctions('sys_write');
    await client.send('riscvUnwind/consoleInput', { data: 'again\n' });
    assert.equal((await client.stopped()).reason, 'function breakpoint');
    assert.ok((await frames()).some((name) => name.startsWith('FINAL: entered from user mode (system call')));
    await setFunctions();
    await client.send('continue', { threadId: 1 });
    await evaluate('> exit');
    assert.deepEqual((await client.event('exited')).body, { exitCode: 0 });
  });

  it('runs the same kernel again after a restart', async () => {
    await launch({}, 'start_kernel');
    await client.stopped();
    const first = await frames();
    await client.send('restart', {});
    assert.equal((await client.stopped()).reason, 'function breakpoint');
    assert.deepEqual(await frames(), first);
  });

  it('walks from an edited pc and frame pointer', async () => {
    await launch({}, 'sys_getpid');
    await client.stopped();
    const whole = await frames();
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const { scopes } = await client.send('scopes', { frameId: stackFrames[0]!.id });
    const { variablesReference } = scopes.find(({ name }) => name === 'Registers')!;
    await client.send('setVariable', { variablesReference, name: 's0', value: 's0 + 4' });
    const broken = await frames();
    assert.match(broken.at(-2)!, /^R2: /);
    await client.send('setVariable', { variablesReference, name: 's0', value: 's0 - 4' });
    assert.deepEqual(await frames(), whole);
  });

  it('shows the stack of a task that waits', async () => {
    await launch({}, 'tour.c:126');
    await client.stopped();
    const waiter = /^ *(\d+) +waiter +waits$/m.exec(await evaluate('info tasks'));
    assert.match(
      await evaluate(`bt ${waiter![1]}`),
      /^ {2}schedule\+\w+\/\w+ \(T\)[^]*FINAL: kernel thread\nreliable for livepatch \(R20\): .*$/,
    );
    const error = await client.failure('evaluate', { expression: 'bt 9999', context: 'repl' });
    assert.equal(error.format, "There is no task with pid 9999: 'info tasks' lists them.");
  });

  it('stops at the instruction limit and says so', async () => {
    await launch({ maxInstructions: 10_000 });
    const stop = await client.stopped();
    assert.equal(stop.description, 'Paused at the instruction limit');
  });

  it('stops at system calls of user mode if the filter is on', async () => {
    await client.launch({ program: sampleKernel }, () =>
      client.send('setExceptionBreakpoints', {
        filters: [],
        filterOptions: [{ filterId: 'systemCalls', condition: 'getpid, 168 if a7 != 172' }],
      }),
    );
    const stop = await client.stopped();
    assert.equal(stop.description, 'Exception: environment call from U-mode');
    assert.match(await top(), /^handle_exception\+0x0\//);
    const { result } = await client.send('evaluate', { expression: 'a7', context: 'hover' });
    assert.match(result, /^0xa8\b/);
  });
});
