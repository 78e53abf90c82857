/** Sources, variables and breakpoints of a module that a kernel loads, unloads, and loads again at another place. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from '../dap/dap-client.test-support';
import { bases, buildKernel } from './kernel.test-support';
import { buildModule, run } from './module.test-support';

const source = (name: string) => join(import.meta.dirname, name);

/** The line of a source that has this text. */
function lineOf(name: string, text: string): number {
  return readFileSync(source(name), 'utf8')
    .slice(0, readFileSync(source(name), 'utf8').indexOf(text))
    .split('\n').length;
}

describe('a module that a kernel loads', function () {
  this.timeout(20_000);
  let folder: string;
  let client: DapClient;

  before(function () {
    folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-modules-'));
    if (!buildKernel(folder)) return this.skip();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => client.close());

  async function start(
    breakpoints: Readonly<Record<string, readonly string[]>>,
    modulePaths = ['modules'],
  ): Promise<readonly Dap.Breakpoint[]> {
    client = DapClient.inProcess();
    const set: Dap.Breakpoint[] = [];
    const options = {
      program: join(folder, 'kernel.elf'),
      // The test's module is looked for in no other place than that.
      symbols: join(folder, 'kernel.elf'),
      modulePaths: modulePaths.map((name) => join(folder, name)),
      maxInstructions: 50_000_000,
    };
    await client.launch(options, async () => {
      for (const [name, texts] of Object.entries(breakpoints)) {
        const reply =
          name === 'functions'
            ? await client.send('setFunctionBreakpoints', { breakpoints: texts.map((name) => ({ name })) })
            : await client.send('setBreakpoints', {
                source: { path: source(name) },
                breakpoints: texts.map((text) => ({ line: lineOf(name, text) })),
              });
        set.push(...reply.breakpoints);
      }
    });
    return set;
  }

  async function stack(): Promise<readonly Dap.StackFrame[]> {
    const { threadId } = await client.stopped();
    return (await client.send('stackTrace', { threadId: threadId! })).stackFrames;
  }

  const go = () => client.send('continue', { threadId: 1 });
  const place = ({ name, source: file, line }: Dap.StackFrame) =>
    `${name.replace(/\+\S+/, '').replace(' (L)', '')} ${file?.name}:${line}`;

  async function evaluate(expression: string, frameId?: number): Promise<string> {
    const answer = await client.send('evaluate', {
      expression,
      context: 'watch',
      ...(frameId !== undefined && { frameId }),
    });
    return answer.result;
  }

  async function locals(frame: Dap.StackFrame): Promise<Readonly<Record<string, string>>> {
    const { scopes } = await client.send('scopes', { frameId: frame.id });
    const scope = scopes.find(({ name }) => name === 'Locals')!;
    const { variables } = await client.send('variables', { variablesReference: scope.variablesReference });
    return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  }

  it('stops at lines that were chosen before it came, with its variables, wherever it is loaded', async () => {
    const text = 'if (total > limits[2])';
    const [waiting] = await start({ 'counter.c': [text] });
    assert.equal(waiting!.verified, false);
    assert.match(waiting!.message!, /the breakpoint is set when the module is loaded/);
    const pcs: bigint[] = [];
    for (const base of bases) {
      for (const factor of [2, 3]) {
        const [frame] = await stack();
        assert.equal(place(frame!), `counter_read [unwind_counter] counter.c:${lineOf('counter.c', text)}`);
        const pc = BigInt(frame!.instructionPointerReference!);
        assert.ok(pc >= base && pc < base + 0x1000n);
        pcs.push(pc - base);
        assert.equal(await evaluate('now.values[2]', frame!.id), '3');
        assert.equal(await evaluate('sizeof(struct reading)'), '32');
        // 1 + 2 + 3 + 4, and an eighth of each product as C divides it.
        const total = [1, 2, 3, 4].reduce((sum, v) => sum + v * factor + ((v * factor) >> 3), 0);
        assert.equal((await locals(frame!))['total'], String(total));
        assert.equal(await evaluate('readings', frame!.id), String(factor - 1));
        assert.match(await evaluate('mood'), /BUSY|CALM/);
        await go();
      }
    }
    const changes = client.events.flatMap(({ event, body }) =>
      event === 'breakpoint' ? [(body as Dap.BreakpointEvent['body']).breakpoint.verified] : [],
    );
    assert.deepEqual(changes.slice(0, 3), [true, false, true]);
    assert.equal(new Set(pcs).size, 1);
  });

  it('shows functions that were inlined in it, and steps over and out of them', async () => {
    await start({ 'counter.h': ['return product + (product >> 3)'] });
    const rows = await stack();
    assert.deepEqual(rows.slice(0, 3).map(place), [
      `scaled (inlined) counter.h:${lineOf('counter.h', 'return product')}`,
      `sum [unwind_counter] counter.c:${lineOf('counter.c', 'int part')}`,
      `counter_read [unwind_counter] counter.c:${lineOf('counter.c', 'int total = sum')}`,
    ]);
    assert.equal(await evaluate('one->values[1]', rows[1]!.id), '2');
    await client.send('setBreakpoints', { source: { path: source('counter.h') }, breakpoints: [] });
    await client.send('stepOut', { threadId: 1 });
    assert.match(place((await stack())[0]!), /^sum \[unwind_counter\] counter\.c/);
    await client.send('next', { threadId: 1 });
    assert.equal(
      place((await stack())[0]!),
      `sum [unwind_counter] counter.c:${lineOf('counter.c', 'for (int i')}`,
    );
  });

  it('stops in its initialization, and has no line there once that was given back', async () => {
    const line = 'last.kind = 1';
    await start({ functions: ['counter_init', 'module_arch_cleanup'], 'counter.c': [line] });
    const [frame] = await stack();
    assert.match(place(frame!), /^counter_init \[unwind_counter\] counter\.c:\d+$/);
    await go();
    const [later] = await stack();
    assert.equal(place(later!), `counter_init [unwind_counter] counter.c:${lineOf('counter.c', line)}`);
    const { breakpoints } = await client.send('setBreakpoints', {
      source: { path: source('counter.c') },
      breakpoints: [{ line: lineOf('counter.c', 'mood = CALM') }],
    });
    assert.equal(breakpoints[0]!.verified, true);
    await client.send('setExpression', { expression: 'last.kind', value: '6', frameId: later!.id });
    assert.equal(await evaluate('last.kind', later!.id), '6');
  });

  it('has no lines any more when it is gone, and its breakpoints wait again', async () => {
    await start({ functions: ['module_arch_cleanup'], 'counter.c': ['if (total >'] });
    await stack();
    await go();
    await stack();
    await go();
    assert.match(place((await stack())[0]!), /^module_arch_cleanup kernel\.c/);
    const changes = client.events.flatMap(({ event, body }) =>
      event === 'breakpoint' ? [(body as Dap.BreakpointEvent['body']).breakpoint.verified] : [],
    );
    assert.deepEqual(changes, [true, false]);
    const { modules } = await client.send('modules', {});
    assert.deepEqual(
      modules.map(({ name }) => name),
      ['kernel.elf'],
    );
  });

  describe('whose file', () => {
    async function status(modulePath: string): Promise<string> {
      const [set] = await start({ functions: ['counter_read'] }, [modulePath]);
      assert.equal(set!.verified, false);
      const [frame] = await stack();
      // The kernel's own symbols are there whatever the file is.
      assert.match(frame!.name, /^counter_read\+0x[0-9a-f]+\/0x[0-9a-f]+ \[unwind_counter\]$/);
      const { modules } = await client.send('modules', {});
      const listed = await client.send('evaluate', { expression: 'info modules', context: 'repl' });
      const { symbolStatus } = modules[1]!;
      const isComplete = symbolStatus === 'Symbols and debug information loaded.';
      assert.equal(listed.result.includes(symbolStatus!), !isComplete, listed.result);
      return symbolStatus!;
    }

    function write(name: string, bytes: Uint8Array): string {
      mkdirSync(join(folder, name), { recursive: true });
      const path = join(folder, name, 'unwind_counter.ko');
      writeFileSync(path, bytes);
      return path;
    }

    let ko: Uint8Array;
    before(() => {
      ko = readFileSync(join(folder, 'modules', 'unwind-counter.ko'));
      // The kernel's folder is searched, too.
      rmSync(join(folder, 'modules'), { recursive: true });
    });

    it('is nowhere has the symbols that the kernel keeps, and the user is told where it was looked for', async () => {
      assert.equal(
        await status('nowhere'),
        `Symbols from the kernel's memory only: there is no unwind_counter.ko in ${folder}/nowhere, ${folder}. Name its folder in "modulePaths" (--module-path).`,
      );
    });

    it('is of another build is not used', async () => {
      const path = write('other', buildModule(['riscv64-linux-gnu-gcc', '-O1', '-g', '-mno-relax'])!.ko);
      assert.match(await status('other'), new RegExp(`memory only: ${path} is of another build than`));
      rmSync(path);
    });

    it('is of another build is noticed without a build id, too', async () => {
      const other = write(
        'unnamed',
        buildModule(['riscv64-linux-gnu-gcc', '-fno-inline', '-g', '-mno-relax'])!.ko,
      );
      run('riscv64-linux-gnu-objcopy', ['--remove-section=.note.gnu.build-id', other]);
      assert.match(await status('unnamed'), /of another build than/);
      rmSync(other);
    });

    it('is cut off, damaged or no module is not used, with the reason', async () => {
      const path = write('bad', ko.subarray(0, ko.length / 2));
      assert.match(await status('bad'), /damaged: it ends before its sections do|file ends inside/);
      client.close();
      write('bad', readFileSync(join(folder, 'kernel.elf')));
      assert.match(await status('bad'), /not a relocatable object file/);
      client.close();
      write('bad', new TextEncoder().encode('no module'));
      assert.match(await status('bad'), /The file is text/);
      rmSync(path);
    });

    it('is stripped needs another one with debug information', async () => {
      const path = write('stripped', ko);
      run('riscv64-linux-gnu-strip', ['-g', path]);
      assert.match(await status('stripped'), /there is no debug information in .*unwind_counter\.ko/);
      client.close();
      const debug = write('split', ko);
      run('riscv64-linux-gnu-objcopy', ['--only-keep-debug', debug, `${debug}.debug`]);
      rmSync(debug);
      assert.equal(await status('split'), 'Symbols and debug information loaded.');
      rmSync(path);
      rmSync(`${debug}.debug`);
    });
  });
});
