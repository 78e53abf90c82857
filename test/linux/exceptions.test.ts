/** What exception filters find in Linux that goes wrong: WARN(), a call through NULL, the oops and the panic that follow, freed text. */
import assert from 'node:assert/strict';
import { DapClient } from '../dap/dap-client.test-support';
import { linuxInitrd, linuxKernel } from './linux.test-support';

describe('exception filters on Linux', function () {
  this.timeout(60_000);
  let client: DapClient;

  beforeEach(() => (client = DapClient.inProcess()));
  afterEach(async () => {
    await client.send('disconnect');
    client.close();
  });

  async function launch(
    test: Mocha.Context,
    place: string,
    filters: object[],
    build: 'stock' | 'metadata' = 'stock',
  ): Promise<void> {
    const program = linuxKernel(test, build);
    const options = { append: 'console=ttyS0', memory: '256M', initrd: linuxInitrd };
    await client.launch({ program, ...options }, async () => {
      await client.send('setFunctionBreakpoints', { breakpoints: [{ name: place }] });
      await setFilters(filters);
    });
    await client.stopped();
    await client.send('setFunctionBreakpoints', { breakpoints: [] });
  }

  async function setFilters(filterOptions: object[]): Promise<void> {
    const { breakpoints } = await client.send('setExceptionBreakpoints', {
      filters: [],
      filterOptions: filterOptions as { filterId: string }[],
    });
    for (const { verified, message } of breakpoints!) assert.equal(verified, true, message);
  }

  async function set(name: string, value: string): Promise<void> {
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const { scopes } = await client.send('scopes', { frameId: stackFrames[0]!.id });
    const { variablesReference } = scopes.find((scope) => scope.name === 'Registers')!;
    await client.send('setVariable', { variablesReference, name, value });
  }

  /** Lets the kernel go on until it has written this. */
  async function prints(text: RegExp): Promise<void> {
    await client.send('continue', { threadId: 1 });
    while (!text.test(client.output('stdout'))) await client.event('output');
  }

  async function next(): Promise<{ description: string; text: string }> {
    await client.send('continue', { threadId: 1 });
    const { reason, description, text } = await client.stopped();
    assert.equal(reason, 'exception');
    return { description: description!, text: text! };
  }

  it('stop at a WARN() with its file and line, as the kernel then prints them', async function () {
    await launch(this, 'handle_mm_fault', [{ filterId: 'kernelReports', condition: 'WARN' }]);
    // The first instruction of this WARN_ON() is that of a line whose table entry is known: the ebreak itself.
    await set('pc', '0xffffffff800b8dc6');
    const { description, text } = await next();
    assert.equal(description, 'WARN at mm/memory.c:6817');
    assert.match(text, /^breakpoint at handle_mm_fault\+0x\w+\/0x\w+ /);
    assert.match(text, /It is a WARN\(\): the kernel prints a warning and goes on behind it/);
    await prints(/WARNING: mm\/memory\.c:6817/);
  });

  it('follow a call through NULL to the oops and the panic, with what the kernel is about to print', async function () {
    await launch(this, 'do_sys_openat2', [{ filterId: 'wildExecution' }, { filterId: 'kernelReports' }]);
    await set('pc', '0x0');
    const wild = await next();
    assert.equal(wild.description, 'Exception: instruction page fault');
    assert.match(
      wild.text,
      /^Wild execution: the kernel jumped to 0x0: it called through a NULL pointer; the last call came from \S+sys_openat\S* \(ra\)\./,
    );
    const oops = await next();
    assert.equal(oops.description, 'Kernel oops');
    assert.equal(oops.text, 'Oops: Oops at 0x0, instruction page fault');
    const panic = await next();
    assert.equal(panic.description, 'Kernel panic');
    assert.equal(panic.text, 'Kernel panic: Attempted to kill init! exitcode=0x0000000b');
    await prints(/Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b/);
  });

  it('show in the oops who has called through a pointer that leads nowhere', async function () {
    await launch(this, 'do_sys_openat2', [{ filterId: 'kernelReports', condition: 'oops' }], 'metadata');
    // The next openat() is one through NULL.
    const expression = '*(unsigned long *)&sys_call_table[56] = 0';
    await client.send('evaluate', { expression, context: 'repl' });
    assert.equal((await next()).text, 'Oops: Oops at 0x0, instruction page fault');
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    const names = stackFrames.map(({ name }) => name);
    const wild = names.indexOf('0x0 (P)');
    assert.match(names[wild - 1]!, /^── exception: instruction page fault at 0x0, from kernel, /);
    const outer = names.slice(wild + 1).filter((name) => !name.endsWith(' (inlined)'));
    assert.match(outer[0]!, /^do_trap_ecall_u\+0x\w+\/0x\w+ \(L\)$/);
    assert.match(outer[1]!, /^handle_exception\+/);
    assert.match(outer[2]!, /^FINAL: entered from user mode \(system call: /);
  });

  it('find the kernel in its data', async function () {
    await launch(this, 'do_sys_openat2', [{ filterId: 'wildExecution' }]);
    const { result } = await client.send('evaluate', { expression: '&init_task', context: 'repl' });
    const place = /0x\w+/.exec(result)![0];
    await set('pc', place);
    const { text } = await next();
    assert.match(
      text,
      /^Wild execution: pc 0xffffffff\w+ lies outside all text of the kernel and its modules; /,
    );
  });

  it('stop before init text is executed that the kernel has freed', async function () {
    await launch(this, 'do_sys_openat2', [{ filterId: 'wildExecution' }]);
    const { result } = await client.send('evaluate', { expression: '&start_kernel', context: 'repl' });
    const place = /0x\w+/.exec(result)![0];
    await set('pc', place);
    const { description, text } = await next();
    assert.equal(description, 'Wild execution');
    assert.match(
      text,
      /^Wild execution: start_kernel\+0x0\/0x\w+ is init text, which the kernel has freed; the last call came from \S+sys_openat\S* \(ra\)\.$/,
    );
    const { stackFrames } = await client.send('stackTrace', { threadId: 1 });
    assert.equal(stackFrames[0]!.instructionPointerReference, place);
  });

  it('stop at system calls by name only, and say that a user copy is expected to fault', async function () {
    await launch(this, 'do_sys_openat2', [{ filterId: 'systemCalls', condition: 'write' }]);
    const call = await next();
    assert.match(call.text, /The system call is write \(a7 = 64\)/);
    await setFilters([{ filterId: 'kernelExceptions', condition: 'load page fault, store page fault' }]);
    const fault = await next();
    assert.match(fault.text, /The kernel expects this instruction to fault: .* it goes on at \S+/);
  });
});
