/**
 * Modules that a real kernel loads and unloads: what we read of them beside what it prints itself, and breakpoints that wait for
 * them. `modules/build.sh` builds the kernel.
 */
import assert from 'node:assert/strict';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { createNodeFiles } from '../../debug-adapter/cli/node-files';
import type { Debuggee } from '../../debug-adapter/debugger/api';
import { blockedStack } from '../../debug-adapter/debugger/call-stack';
import { hartOfKernel, memoryOf } from '../../debug-adapter/debugger/harts';
import { kernelLog, logText } from '../../debug-adapter/debugger/kernel-log';
import { launch } from '../../debug-adapter/debugger/launch';
import { describeModule } from '../../debug-adapter/debugger/module-text';
import { loadedModules } from '../../debug-adapter/debugger/modules';
import { resolveSpec } from '../../debug-adapter/debugger/resolve';
import { lastCall } from '../../debug-adapter/debugger/wild-execution';
import { DapClient } from '../dap/dap-client.test-support';
import { runTool } from '../symbols/fixtures.test-support';
import { linuxKernel, moduleFiles, modulesInitrd } from './linux.test-support';

describe('modules of Linux 6.12', function () {
  this.timeout(300_000);
  let program: string;
  before(function () {
    program = linuxKernel(this, 'modules');
  });

  const options = () => ({
    program,
    initrd: modulesInitrd,
    append: 'console=ttyS0',
    smp: 2,
    memory: '256M',
    modulePaths: [moduleFiles],
  });

  class Guest {
    readonly debuggee: Debuggee;
    #text = '';

    private constructor(debuggee: Debuggee) {
      this.debuggee = debuggee;
      debuggee.target.onConsoleOutput = (bytes) => (this.#text += new TextDecoder('latin1').decode(bytes));
    }

    static async boot(): Promise<Guest> {
      return new Guest(await launch({ ...options(), maxInstructions: 400_000_000 }, createNodeFiles()));
    }

    /** The hart that has come there. */
    async runTo(place: string): Promise<number> {
      const resolution = await resolveSpec(this.debuggee, place);
      assert.ok(resolution.kind === 'resolved', place);
      this.debuggee.target.setBreakpoints(resolution.armed);
      const stop = await this.debuggee.target.run({ kind: 'continue' });
      assert.ok(stop.kind === 'breakpoint', stop.kind);
      return stop.hart;
    }

    get printed(): string {
      return this.#text.replaceAll('\r\n', '\n');
    }

    /** The last output of a file, without the kernel's own messages. */
    file(path: string): string {
      const start = this.printed.lastIndexOf(`<${path}>\n`) + path.length + 3;
      const text = this.printed.slice(start, this.printed.indexOf(`</${path}>`, start));
      return text.replace(/^\[ *\d+\.\d+\].*\n/gm, '');
    }
  }

  it('are those of /proc/modules, with sizes, users, states and taints', async () => {
    const guest = await Guest.boot();
    for (const names of ['crc7 unwind_user unwind_demo', 'crc7 unwind_demo']) {
      await guest.runTo('ksys_sync');
      const modules = loadedModules(guest.debuggee);
      assert.equal(modules.map(({ name }) => name).join(' '), names);
      assert.equal(`${modules.map(describeModule).join('\n')}\n`, guest.file('/proc/modules'));
    }
  });

  it('have at each address the line that addr2line has', async () => {
    const guest = await Guest.boot();
    await guest.runTo('ksys_sync');
    const { program, modules } = guest.debuggee;
    assert.deepEqual(
      loadedModules(guest.debuggee).map((module) => modules.of(module)?.status),
      Array<string>(3).fill('Symbols and debug information loaded.'),
    );
    let lines = 0;
    for (const { module, path } of modules.programs) {
      const text = module.sections().get('.text');
      const region = module.regions.find(({ name }) => name === 'text');
      if (text === undefined || !region) continue;
      const next = [...module.sections().values()].filter((address) => address > text);
      const end = next.reduce((first, address) => (address < first ? address : first), region.end);
      const offsets = Array.from({ length: Number(end - text) / 2 }, (_, n) => 2 * n);
      const asked = offsets.map((offset) => `0x${offset.toString(16)}`);
      const printed = runTool('riscv64-linux-gnu-addr2line', ['-j', '.text', '-e', path!, ...asked])!;
      printed
        .trim()
        .split('\n')
        .forEach((line, n) => {
          const [, file, number] = /([^/]*):(\d+|\?)[^:]*$/.exec(line)!;
          const ours = program.lines!.at(text + BigInt(offsets[n]!));
          const mine = ours && `${ours.file.split('/').pop()}:${ours.line}`;
          // 0 and ? are of addresses that belong to no line.
          assert.equal(mine, Number(number) > 0 ? `${file}:${number}` : undefined, asked[n]);
          if (mine !== undefined) lines++;
        });
    }
    assert.ok(lines > 50, String(lines));
  });

  it('stop at lines of theirs that were chosen before they came, with variables and types', async () => {
    const client = DapClient.inProcess();
    await client.launch(options(), async () => {
      // The line of `dump_stack()`, and that of `demo_wait(20)`.
      const names = ['unwind_demo.c:22', 'unwind_demo.c:14'];
      const { breakpoints } = await client.send('setFunctionBreakpoints', {
        breakpoints: names.map((name) => ({ name })),
      });
      assert.ok(breakpoints.every(({ verified, message }) => !verified && message!.includes('modulePaths')));
    });
    const stop = async () => {
      const { threadId } = await client.stopped();
      const [frame] = (await client.send('stackTrace', { threadId: threadId! })).stackFrames;
      const evaluate = async (expression: string) =>
        (await client.send('evaluate', { expression, context: 'watch', frameId: frame!.id })).result;
      return { threadId: threadId!, frame: frame!, evaluate };
    };
    const first = await stop();
    assert.match(first.frame.name, /^demo_trace\+0x[0-9a-f]+\/0x[0-9a-f]+ \[unwind_demo\]$/);
    assert.equal(first.frame.source?.name, 'unwind_demo.c');
    assert.equal(await first.evaluate('counter'), '7');
    assert.equal(await first.evaluate('worker'), '0x0');
    await client.send('continue', { threadId: first.threadId });
    let second = await stop();
    while (!second.frame.name.startsWith('demo_worker')) {
      await client.send('continue', { threadId: second.threadId });
      second = await stop();
    }
    assert.equal(await second.evaluate('worker->comm'), '"demo"');
    assert.equal(await second.evaluate('worker == $task'), '1');
    client.close();
  });

  it('are where the last call before wild execution came from', async () => {
    const guest = await Guest.boot();
    const { debuggee } = guest;
    await guest.runTo('ksys_sync');
    const hart = debuggee.target.harts[await guest.runTo('demo_trace+0x0')]!;
    assert.match(
      lastCall(debuggee, hart, hart.bare),
      /^the last call came from demo_exit\+0x\w+\/0x\w+ \[unwind_demo\] \(ra\)$/,
    );
  });

  it("give a waiting thread's stack the names that sysrq t prints", async () => {
    const guest = await Guest.boot();
    await guest.runTo('ksys_sync');
    const { debuggee } = guest;
    const log = logText(kernelLog(debuggee)!);
    const trace = log.slice(log.indexOf('task:demo'));
    const printed = [...trace.slice(0, trace.indexOf('task:', 5)).matchAll(/>\] (\S+ \[unwind_demo\])/g)];
    const task = debuggee.kernel.tasks(memoryOf(hartOfKernel(debuggee))).find(({ comm }) => comm === 'demo')!;
    const rows = blockedStack(debuggee, task).rows.flatMap((row) => (row.kind === 'frame' ? row.text : []));
    assert.match(
      rows.join('\n'),
      /^schedule_timeout\+\S+\nmsleep\+\S+\ndemo_wait\S+\+\S+ \[unwind_demo\]\ndemo_worker\S+ \[unwind_demo\]\nkthread/m,
    );
    assert.deepEqual(
      rows.filter((row) => row.endsWith(']')),
      printed.map(([, row]) => row),
    );
  });

  it('have the stack of their initialization as dump_stack() prints it', async () => {
    const client = DapClient.inProcess();
    await client.launch(options(), async () => {
      const { breakpoints } = await client.send('setFunctionBreakpoints', {
        breakpoints: [{ name: 'demo_trace' }, { name: 'user_init [unwind_user]' }, { name: 'demo_tracee' }],
      });
      assert.deepEqual(
        breakpoints.map(({ verified, message }) => [verified, message!.replace(/ Did you mean.*?\?/, '')]),
        [
          [
            false,
            "There is no function or label 'demo_trace' in the program. If it is a function of a module, the breakpoint is set when the module is loaded.",
          ],
          [
            false,
            "There is no function 'user_init' in a loaded module 'unwind_user'. The breakpoint is set when the module is loaded.",
          ],
          [
            false,
            "There is no function or label 'demo_tracee' in the program. If it is a function of a module, the breakpoint is set when the module is loaded.",
          ],
        ],
      );
    });
    const stack = async () => {
      const { stackFrames } = await client.send('stackTrace', {
        threadId: (await client.stopped()).threadId!,
      });
      return stackFrames.map(({ name }) => name);
    };
    const { breakpoint: changed } = (await client.event('breakpoint')).body as Dap.BreakpointEvent['body'];
    assert.equal(changed.verified, true);
    assert.match((await stack())[0]!, /^demo_trace\+0x8\/0x26 \[unwind_demo\]$/);
    const loaded = client.events.filter(({ event }) => event === 'module') as Dap.ModuleEvent[];
    assert.deepEqual(
      loaded.map(({ body }) => [body.reason, body.module.name]),
      [['new', 'unwind_demo']],
    );
    const { modules, totalModules } = await client.send('modules', {});
    assert.equal(totalModules, 2);
    assert.deepEqual(
      modules.map(({ name, symbolStatus }) => [name, symbolStatus]),
      [
        ['vmlinux', 'Symbols and debug information loaded.'],
        ['unwind_demo', 'Symbols and debug information loaded.'],
      ],
    );

    await client.send('continue', { threadId: 1 });
    await stack();
    await client.send('continue', { threadId: 1 });
    const rows = await stack();
    await client.send('setFunctionBreakpoints', { breakpoints: [{ name: 'user_init [unwind_user]' }] });
    await client.send('continue', { threadId: 1 });
    assert.match((await stack())[0]!, /^user_init\+0x[0-9a-f]+\/0x1000 \[unwind_user\]$/);
    const evaluate = async (expression: string) =>
      (await client.send('evaluate', { expression, context: 'repl' })).result;
    // What dump_stack() has printed at the place of the third stop, below its own frames.
    const printed = /demo_trace\+0x24[^]*?demo_init[^\n]*/.exec(await evaluate('dmesg'))![0];
    assert.deepEqual(
      rows.slice(0, 4).map((row) => row.replace('demo_trace+0x8/', 'demo_trace+0x24/')),
      printed.split('\n').map((line) => line.replace(/^.*>\] /, '')),
    );
    assert.match(await evaluate('lsmod'), /^unwind_user +20480 +1 +- +Loading +0x[0-9a-f]+ +\(O\)$/m);
    await client.send('continue', { threadId: 1 });
    let event: Dap.ModuleEvent['body'];
    do {
      event = (await client.event('module')).body as Dap.ModuleEvent['body'];
    } while (event.reason !== 'removed');
    assert.equal(event.module.name, 'unwind_user');
    client.close();
  });
});
