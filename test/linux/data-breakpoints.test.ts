/** Data breakpoints on Linux: what kernel developers watch, with the values before and after, who did it, and where the machine stands then. */
import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from '../dap/dap-client.test-support';
import { linuxInitrd, linuxKernel } from './linux.test-support';

describe('data breakpoints on Linux 7.3', function () {
  this.timeout(120_000);
  let client: DapClient | undefined;

  afterEach(async () => {
    await client?.send('disconnect');
    client?.close();
    client = undefined;
  });

  const send = () => client!;
  const evaluate = async (expression: string): Promise<string> =>
    (await send().send('evaluate', { expression, context: 'repl' })).result;
  const physical = async (address: string): Promise<string> =>
    /^physical (0x[\da-f]+)/m.exec(await evaluate(`walk ${address}`))![1]!;

  /** Runs to the place, and takes the breakpoint away. */
  async function launch(program: string, name: string): Promise<void> {
    client = DapClient.inProcess();
    const args = { program, initrd: linuxInitrd, append: 'console=ttyS0', maxInstructions: 300_000_000 };
    await client.launch(args, () => send().send('setFunctionBreakpoints', { breakpoints: [{ name }] }));
    assert.equal((await client.stopped()).reason, 'function breakpoint');
    await client.send('setFunctionBreakpoints', { breakpoints: [] });
  }

  async function goOn(): Promise<Dap.StoppedEvent['body']> {
    await send().send('continue', { threadId: 1 });
    return send().stopped();
  }

  /** What the next stop says, where the hart must stand behind the instruction that it names. */
  async function nextAccess(): Promise<string> {
    const { reason, description } = await goOn();
    assert.equal(reason, 'data breakpoint', description);
    const [, place, symbol, offset] = / by (0x[\da-f]+|(\w+)\+(0x[\da-f]+)\/\S+) on hart 0$/.exec(
      description!,
    )!;
    const pc = await evaluate('$pc');
    const [, address, , beyond] = /^(0x[\da-f]+)(?: <(\w+)\+(0x[\da-f]+))?/.exec(pc)!;
    if (symbol !== undefined) assert.ok(pc.includes(`<${symbol}+`), `${pc} after ${description}`);
    const length = symbol === undefined ? Number(address) - Number(place) : Number(beyond) - Number(offset);
    assert.ok(length === 2 || length === 4, `${pc} after ${description}`);
    return description!.replace(/(\+0x[\da-f]+)\/.*| on hart 0$/, '$1');
  }

  it('stop at changes of a bit-field, and not at those of its neighbours in the same byte', async function () {
    await launch(linuxKernel(this, 'stock'), 'bprm_execve');
    const task = '((struct task_struct *)$tp)';
    assert.match(await evaluate(`watch ${task}->in_execve`), /in_execve \(1 bit\) at /);
    await evaluate(`watch ${task}->in_iowait`);
    await evaluate(`watch -w ${task}->in_eventfd`);
    for (const [old, now] of ['01', '10']) {
      await send().send('continue', { threadId: 1 });
      const lines = (await send().stopped()).text!.split('\n');
      assert.equal(lines.length, 2, lines.join('\n'));
      assert.match(lines[0]!, new RegExp(`in_execve written: 0x${old} → 0x${now} by bprm_execve\\+`));
      assert.match(lines[1]!, /in_eventfd written: 0x0 → 0x0 by bprm_execve\+/);
    }
  });

  it('show the ticks of jiffies_64, each one more than the last', async function () {
    await launch(linuxKernel(this, 'metadata'), 'rest_init');
    const before = BigInt.asUintN(64, BigInt(await evaluate('(unsigned long)jiffies_64')));
    await evaluate('watch jiffies_64');
    for (let tick = 0n; tick < 3n; tick++) {
      const [old, now] = [before + tick, before + tick + 1n].map((value) => `0x${value.toString(16)}`);
      assert.match(await nextAccess(), new RegExp(`^jiffies_64 written: ${old} → ${now} by do_timer\\+`));
      assert.equal(BigInt(await evaluate('(unsigned long)jiffies_64')), before + tick + 1n);
    }
  });

  it("show a task's state go to sleep, and who wakes it", async function () {
    await launch(linuxKernel(this, 'metadata'), 'kthreadd');
    assert.match(
      await evaluate('watch $task->__state'),
      /^Breakpoint \d+ \(data change\): .* \(4 bytes\) at virtual 0xff/,
    );
    const seen = [];
    do seen.push(await nextAccess());
    while (!seen.at(-1)!.includes('try_to_wake_up') && seen.length < 10);
    // TASK_RUNNING 0, TASK_INTERRUPTIBLE 1, TASK_WAKING 0x200 (Linux 7.3 include/linux/sched.h).
    assert.match(seen[0]!, /__state written: 0x0 → 0x1 by kthreadd\+/);
    assert.match(seen[1]!, /__state written: 0x1 → 0x0 by kthreadd\+/);
    assert.match(seen.at(-1)!, /__state written: 0x1 → 0x200 by try_to_wake_up\+/);
    assert.equal(await evaluate('kthreadd_task->__state'), '512');
  });

  it('tell what was changed where the debugger itself looks at the kernel behind it: it is about to free its init text', async function () {
    await launch(linuxKernel(this, 'metadata'), 'rest_init');
    await evaluate('watch system_state');
    assert.match(await nextAccess(), /^system_state written: 0x0 → 0x1 by rest_init\+/);
    assert.match(await nextAccess(), /^system_state written: 0x1 → 0x2 by kernel_init\+/);
    assert.match(await nextAccess(), /^system_state written: 0x2 → 0x3 by kernel_init\+/);
  });

  it('show satp written at context switches, from address space to address space', async function () {
    await launch(linuxKernel(this, 'metadata'), 'do_sys_openat2 task=init');
    await evaluate('watch csr:satp');
    let last: string | undefined;
    for (let n = 0; n < 4; n++) {
      const [, old, now] = /^satp written: (0xa\w+) → (0xa\w+) by switch_mm\+/.exec(await nextAccess())!;
      if (last !== undefined) assert.equal(old, last);
      assert.notEqual(old, now);
      assert.ok((await evaluate('$satp')).startsWith(now!));
      last = now;
    }
  });

  it('of one task only, where the condition says so', async function () {
    await launch(linuxKernel(this, 'metadata'), 'do_sys_openat2 task=init');
    const what = '$percpu(runqueues, 0).nr_switches';
    /** Of the next stops, the number of the switch and the task that gives the hart away. */
    const switches = async (count: number): Promise<readonly string[]> => {
      const seen = [];
      for (let n = 0; n < count; n++) {
        const [, old, now] = /written: (0x\w+) → (0x\w+) by __schedule\+/.exec(await nextAccess())!;
        assert.equal(Number(now), Number(old) + 1);
        seen.push(`${Number(now)} ${await evaluate('$task.comm')}`);
      }
      return seen;
    };
    await evaluate(`watch ${what}`);
    const all = await switches(12);
    await send().send('disconnect');
    await launch(linuxKernel(this, 'metadata'), 'do_sys_openat2 task=init');
    await evaluate(`watch ${what} if $task.comm == "init"`);
    const ofInit = all.filter((one) => one.endsWith('"init"'));
    assert.ok(ofInit.length > 0 && ofInit.length < all.length, all.join());
    assert.deepEqual(await switches(ofInit.length), ofInit);
  });

  it('on a physical byte show what the program and what the kernel write to it', async function () {
    // The byte that init sends through a pipe, and gets back one greater.
    await launch(linuxKernel(this, 'metadata'), 'ksys_read pid=1 if $a2 == 1');
    await evaluate(`watch -w phys:${await physical('$a1')},1`);
    for (const digit of [0x30, 0x31, 0x32]) {
      const [sent, got] = [digit, digit + 1].map((value) => `0x${value.toString(16)}`);
      const byKernel = new RegExp(`written: ${sent} → ${got} by fallback_scalar_usercopy_sum_enabled\\+`);
      assert.match(await nextAccess(), byKernel);
      assert.match(await evaluate('$priv'), /S/);
      assert.match(await nextAccess(), new RegExp(`written: ${got} → ${got} by 0x10`));
      assert.match(await evaluate('$priv'), /U/);
    }
  });

  it("on a physical byte show accesses by all its addresses: the kernel's linear map, and the program's", async function () {
    // A page that nobody has touched: read(2) faults within copy_to_user, and the kernel clears a page for it.
    await launch(linuxKernel(this, 'metadata'), 'ksys_read pid=1 if $a2 == 1 && $a1 % 4096 == 123');
    await evaluate('tbreak __memset pid=1 if $a2 == 4096');
    assert.equal((await goOn()).reason, 'function breakpoint');
    assert.match(await evaluate('$a0'), /^0xff6/);
    await evaluate(`awatch phys:${await physical('$a0+123')},1`);
    assert.match(await nextAccess(), /written: 0x0 → 0x0 by __memset\+/);
    assert.match(await nextAccess(), /written: 0x0 → 0x62 by fallback_scalar_usercopy_sum_enabled\+/);
    assert.match(await nextAccess(), /read: 0x62 by 0x10/);
  });

  it('show who reads a text, byte by byte', async function () {
    await launch(linuxKernel(this, 'metadata'), 'start_kernel');
    assert.match(
      await evaluate('rwatch linux_banner'),
      /^Breakpoint \d+ \(data read\): linux_banner \(\d+ bytes\)/,
    );
    const text = 'Linux version';
    for (let index = 0; index < text.length; index++) {
      const value = `0x${text.charCodeAt(index).toString(16)}`;
      const place = `bytes from \\+0x${index.toString(16)}: `;
      assert.match(await nextAccess(), new RegExp(`^linux_banner read: ${place}${value} by string\\+`));
    }
  });
});
