import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { DapClient } from './dap-client.test-support';
import {
  fakeLauncher,
  sampleKernel,
  sampleSources,
  stepTo,
  symbolAddress,
  type FakeTarget,
} from './fake-target.test-support';

describe('a session that is stopped', () => {
  let client: DapClient;
  let target: FakeTarget;
  const start = symbolAddress('start_kernel');

  beforeEach(async () => {
    const launcher = fakeLauncher();
    client = DapClient.inProcess({ launch: launcher.launch });
    await client.launch({
      program: sampleKernel,
      sourceFolders: [sampleSources],
      stopOnEntry: true,
      smp: 2,
    });
    await client.stopped();
    target = launcher.targets[0]!;
  });
  afterEach(() => client.close());

  const stack = () => client.send('stackTrace', { threadId: 1 });

  async function scopes(): Promise<ReadonlyMap<string, number>> {
    const frameId = (await stack()).stackFrames[0]!.id;
    const found = (await client.send('scopes', { frameId })).scopes;
    return new Map(found.map((scope) => [scope.name.replace(/ \(.*/, ''), scope.variablesReference]));
  }

  async function variables(variablesReference: number): Promise<ReadonlyMap<string, Dap.Variable>> {
    const found = (await client.send('variables', { variablesReference })).variables;
    return new Map(found.map((variable) => [variable.name, variable]));
  }

  async function evaluate(expression: string, context = 'repl'): Promise<string> {
    return (await client.send('evaluate', { expression, context })).result;
  }

  describe('call stacks', () => {
    it('has one thread for each hart, numbered from 1', async () => {
      const { threads } = await client.send('threads');
      assert.deepEqual(
        threads.map(({ id }) => id),
        [1, 2],
      );
      assert.match(threads[1]!.name, /^hart 1: /);
    });

    it('begins with the live pc and ends with how the walk ended', async () => {
      const { stackFrames, totalFrames } = await stack();
      assert.equal(totalFrames, stackFrames.length);
      const [first] = stackFrames;
      assert.match(first!.name, /^start_kernel\+0x0\/0x/);
      assert.equal(first!.instructionPointerReference, `0x${start.toString(16)}`);
      assert.equal(first!.source?.path, join(sampleSources, 'main.c'));
      assert.equal(first!.canRestart, false);
      const [end, verdict] = stackFrames.slice(-2);
      assert.deepEqual([end!.presentationHint, verdict!.presentationHint], ['label', 'label']);
      assert.match(end!.name, /^R\d+: /);
      assert.match(verdict!.name, /^not reliable for livepatch \(R20\): /);
    });

    it('is given in pages with stable ids', async () => {
      const whole = await stack();
      const page = await client.send('stackTrace', { threadId: 1, startFrame: 1, levels: 1 });
      assert.equal(page.totalFrames, whole.totalFrames);
      assert.deepEqual(page.stackFrames, whole.stackFrames.slice(1, 2));
      const beyond = await client.send('stackTrace', { threadId: 1, startFrame: 1e9, levels: 20 });
      assert.deepEqual(beyond.stackFrames, []);
    });

    it('knows no thread beyond the harts', async () => {
      const error = await client.failure('stackTrace', { threadId: 3 });
      assert.equal(
        error.format,
        "There is no thread 3: threads are the machine's harts, numbered from 1, and the tasks that wait now.",
      );
    });

    it('does not know frames and variables of an earlier stop', async () => {
      const frameId = (await stack()).stackFrames[0]!.id;
      const variablesReference = (await scopes()).get('Registers')!;
      target.script.push(stepTo(start + 4n));
      await client.send('stepIn', { threadId: 1, granularity: 'instruction' });
      await client.stopped();
      assert.match((await client.failure('scopes', { frameId })).format, /belongs to an earlier stop/);
      assert.match(
        (await client.failure('variables', { variablesReference })).format,
        /belong to an earlier stop/,
      );
    });

    it('cannot be seen while the machine runs', async () => {
      await client.send('continue', { threadId: 1 });
      const error = await client.failure('stackTrace', { threadId: 1 });
      assert.equal(error.format, 'The machine is running. Pause it first to see its call stack.');
      assert.equal((await client.send('threads')).threads.length, 2);
      await client.send('pause', { threadId: 1 });
      assert.equal((await client.stopped()).reason, 'pause');
    });
  });

  describe('variables', () => {
    it('shows the registers by ABI name, with symbols', async () => {
      target.harts[0]!.setX(1, symbolAddress('handle_exception') + 2n);
      const registers = await variables((await scopes()).get('Registers')!);
      assert.equal([...registers.keys()].join(' ').slice(0, 23), 'pc ra sp gp tp t0 t1 t2');
      assert.equal(registers.get('pc')!.value, `0x${start.toString(16)} <start_kernel>`);
      assert.match(registers.get('ra')!.value, /^0x\w+ <handle_exception\+0x2>$/);
      assert.equal(registers.size, 32);
    });

    it('shows and writes float registers as numbers and as bits', async () => {
      const hart = target.harts[0]!;
      hart.setF(10, 0x3ff8_0000_0000_0000n);
      hart.setF(11, 0xffff_ffff_3fc0_0000n);
      const variablesReference = (await scopes()).get('Float registers')!;
      const registers = await variables(variablesReference);
      assert.equal(registers.size, 32);
      assert.equal([...registers.keys()].slice(0, 9).join(' '), 'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0');
      assert.equal(registers.get('ft0')!.value, '0 (0x0)');
      assert.equal(registers.get('fa0')!.value, '1.5 (0x3ff8000000000000)');
      assert.equal(registers.get('fa1')!.value, '1.5 single (0xffffffff3fc00000)');
      const write = async (name: string, value: string) =>
        (await client.send('setVariable', { variablesReference, name, value })).value;
      assert.equal(await write('fa0', '-0.1'), '-0.1 (0xbfb999999999999a)');
      assert.equal(await write('fa0', '-inf'), '-inf (0xfff0000000000000)');
      assert.equal(await write('fa1', '0.1'), '0.1 single (0xffffffff3dcccccd)');
      assert.equal(await write('fa1', '0x7ff8000000000000'), 'nan (0x7ff8000000000000)');
      assert.equal(hart.getF(11), 0x7ff8_0000_0000_0000n);
      const unknown = await client.failure('setVariable', { variablesReference, name: 'ft12', value: '1' });
      assert.equal(unknown.format, "There is no variable 'ft12' here.");
    });

    it('decodes the fields of a CSR and the name of a cause', async () => {
      const csrs = await variables((await scopes()).get('Supervisor CSRs')!);
      assert.equal(csrs.get('sstatus')!.value, '0x102 [SIE SPP=supervisor]');
      assert.equal(csrs.get('scause')!.value, '0xd (load page fault)');
      const fields = await variables(csrs.get('sstatus')!.variablesReference);
      assert.equal(fields.get('SPP')!.value, '0x1 (supervisor)');
      assert.equal(fields.get('SPP')!.type, 'Previous privilege (bit 8)');
    });

    it('writes registers from expressions and rebuilds the call stack', async () => {
      const variablesReference = (await scopes()).get('Registers')!;
      const { value } = await client.send('setVariable', {
        variablesReference,
        name: 'pc',
        value: 'handle_exception + 4',
      });
      assert.match(value, /<handle_exception\+0x4>$/);
      assert.deepEqual((await client.event('invalidated')).body, { areas: ['all'] });
      assert.match((await stack()).stackFrames[0]!.name, /^handle_exception\+0x4\//);
    });

    it('writes CSRs and single fields, by the name of a value too', async () => {
      const groups = await scopes();
      const csrs = await variables(groups.get('Supervisor CSRs')!);
      const fields = csrs.get('sstatus')!.variablesReference;
      await client.send('setVariable', { variablesReference: fields, name: 'SPP', value: 'user' });
      assert.equal(target.harts[0]!.getCsr(0x100), 2n);
      await client.send('setVariable', {
        variablesReference: groups.get('Supervisor CSRs')!,
        name: 'sstatus',
        value: '0x100',
      });
      assert.equal(target.harts[0]!.getCsr(0x100), 0x100n);
      const wide = await client.failure('setVariable', {
        variablesReference: fields,
        name: 'SPP',
        value: '2',
      });
      assert.equal(
        wide.format,
        "'2' is not a value that can be written here: SPP has 1 bits, so at most 0x1.",
      );
      const readOnly = await client.failure('setVariable', {
        variablesReference: groups.get('Unprivileged CSRs')!,
        name: 'cycle',
        value: '1',
      });
      assert.equal(readOnly.format, "'cycle' cannot be changed: the register is read-only.");
    });

    it('says what is wrong with a new value', async () => {
      const variablesReference = (await scopes()).get('Registers')!;
      const error = await client.failure('setVariable', { variablesReference, name: 'a0', value: '1 +' });
      assert.match(error.format, /\S/);
      const unknown = await client.failure('setVariable', { variablesReference, name: 'q9', value: '1' });
      assert.equal(unknown.format, "There is no variable 'q9' here.");
    });
  });

  describe('expressions and commands', () => {
    it('evaluates registers, CSRs, symbols, memory and arithmetic', async () => {
      target.harts[0]!.setX(10, 0x40n);
      assert.equal(await evaluate('a0 + 2'), '0x42');
      assert.equal(await evaluate('$sstatus'), '0x102 [SIE SPP=supervisor]');
      assert.match(await evaluate('handle_exception', 'hover'), /^0xffffffff8\w+ <handle_exception>$/);
      assert.equal(await evaluate('1 - 2'), '-1 (0xffffffffffffffff)');
      assert.match(await evaluate('u16[start_kernel]'), /^0x\w{1,4}$/);
      const error = await client.failure('evaluate', { expression: 'nothing_here', context: 'watch' });
      assert.match(error.format, /^"nothing_here" is neither a register nor a symbol/);
      assert.equal(error.showUser, false);
    });

    it('prints the call stack, the harts and help', async () => {
      assert.match(
        await evaluate('bt'),
        /^ {2}start_kernel\+0x0\/\w+ {2}\S+main\.c:\d+\nR\d+: .*\nnot reliable for livepatch \(R20\): /,
      );
      assert.equal((await evaluate('info threads')).split('\n').length, 2);
      assert.match(await evaluate('help'), /x\/8gx ADDRESS/);
    });

    it('examines memory in the formats of gdb', async () => {
      assert.match(
        await evaluate('x/3i start_kernel'),
        /^0x\w+ <start_kernel\+0x0\/\w+>: addi sp,sp,-\d+\n(.*\n){1}.*$/,
      );
      assert.match(await evaluate('x/4wx start_kernel'), /^0x\w+: (0x[\da-f]{8} ?){4}$/);
      assert.equal(await evaluate('x/2gx 0x10'), '0x10: cannot be read');
      const error = await client.failure('evaluate', { expression: 'x/8q pc', context: 'repl' });
      assert.match(error.format, /^'\/8q' is no format/);
    });

    it('sends a line to the guest, also while it runs', async () => {
      await client.send('continue', { threadId: 1 });
      assert.equal(await evaluate('> ls -l'), '');
      await client.send('riscvUnwind/consoleInput', { data: 'é' });
      const text = target.consoleInput.map((bytes) => new TextDecoder().decode(bytes));
      assert.deepEqual(text, ['ls -l\n', 'é']);
      const error = await client.failure('evaluate', { expression: 'a0', context: 'repl' });
      assert.equal(error.format, 'The machine is running. Pause it first to evaluate expressions.');
    });

    it('completes registers, CSRs, symbols and commands', async () => {
      const labels = async (text: string) =>
        (await client.send('completions', { text, column: text.length + 1 })).targets.map(
          ({ label }) => label,
        );
      assert.deepEqual(await labels('sst'), ['sstatus']);
      assert.deepEqual(await labels('1 + $sca'), ['$scause']);
      assert.ok((await labels('handle_ex')).includes('handle_exception'));
      assert.equal((await labels('hel'))[0], 'help');
      assert.ok((await labels('')).length <= 200);
    });

    it('lists labels with their lines, those that the assembler dropped too', async () => {
      const { labels } = await client.send('riscvUnwind/labels');
      const park = labels.find(({ name }) => name === '.Lsecondary_park')!;
      assert.equal(park.file, join(sampleSources, 'head.S'));
      assert.ok(park.line > 0);
      assert.ok(labels.some(({ name }) => name === 'handle_exception'));
    });
  });

  describe('memory', () => {
    const memoryReference = `0x${start.toString(16)}`;

    it('is read and written as base64', async () => {
      const { data } = await client.send('readMemory', { memoryReference, offset: 2, count: 4 });
      const bytes = target.harts[0]!.readMemory(start + 2n, 4);
      assert.deepEqual(Buffer.from(data!, 'base64'), Buffer.from(bytes));
      const written = await client.send('writeMemory', { memoryReference, data: 'AAAA' });
      assert.equal(written.bytesWritten, 3);
      assert.deepEqual([...target.harts[0]!.readMemory(start, 3)], [0, 0, 0]);
      await client.event('invalidated');
    });

    it('says how much cannot be read, and bounds what is asked for', async () => {
      const none = await client.send('readMemory', { memoryReference: '0x10', count: 64 });
      assert.deepEqual(none, { address: '0x10', unreadableBytes: 64 });
      const much = await client.send('readMemory', { memoryReference, count: 1e12 });
      assert.ok(Buffer.from(much.data!, 'base64').length <= 1 << 20);
      const nothing = await client.send('readMemory', { memoryReference, count: -1 });
      assert.equal(nothing.data, undefined);
    });

    it('says what cannot be written', async () => {
      const hole = await client.failure('writeMemory', { memoryReference: '0x10', data: 'AAAA' });
      assert.match(hole.format, /^The memory at 0x10 cannot be written/);
      const partial = await client.send('writeMemory', {
        memoryReference: '0x10',
        data: 'AAAA',
        allowPartial: true,
      });
      assert.equal(partial.bytesWritten, 0);
      const garbage = await client.failure('writeMemory', { memoryReference, data: '***' });
      assert.equal(garbage.format, 'The data to write is not valid base64.');
      const place = await client.failure('readMemory', { memoryReference: 'pc', count: 1 });
      assert.match(place.format, /^'pc' is not an address/);
    });
  });

  describe('disassembly', () => {
    const handler = symbolAddress('handle_exception');

    async function rows(address: bigint, instructionOffset: number, instructionCount: number) {
      const memoryReference = `0x${address.toString(16)}`;
      const { instructions } = await client.send('disassemble', {
        memoryReference,
        instructionOffset,
        instructionCount,
      });
      return instructions;
    }

    it('returns exactly as many rows as asked for, wherever', async () => {
      for (const address of [handler, handler + 4n, 0n, 8n, 0xffff_ffff_ffff_fff0n]) {
        for (const offset of [-200, -3, 0, 5]) {
          assert.equal((await rows(address, offset, 50)).length, 50, `${address} ${offset}`);
        }
      }
      assert.equal((await rows(handler, 0, 0)).length, 0);
      assert.equal((await rows(handler, -1e9, 10)).length, 10);
    });

    it('goes back to the same instructions that lie before an address', async () => {
      const forward = await rows(handler, 0, 40);
      const address = BigInt(forward[30]!.address);
      assert.deepEqual(
        (await rows(address, -30, 40)).map((row) => row.instruction),
        (await rows(handler, 0, 40)).map((row) => row.instruction),
      );
      assert.equal((await rows(address, -30, 31))[30]!.address, forward[30]!.address);
    });

    it('puts the label into the text and the line where it changes', async () => {
      const [before, first, ...rest] = await rows(handler, -1, 30);
      assert.doesNotMatch(before!.instruction, /handle_exception>: /);
      assert.match(first!.instruction, /^<handle_exception>: /);
      assert.equal(first!.location?.path, join(sampleSources, 'entry.S'));
      const lines = [first!, ...rest].map((row) => row.line);
      for (let i = 1; i < lines.length; i++) {
        assert.ok(lines[i] === undefined || lines[i] !== lines[i - 1]);
      }
      assert.ok(
        rest.some((row) => row.instructionBytes?.length === 5),
        'a 2-byte instruction',
      );
      assert.ok(
        rest.some((row) => row.instructionBytes?.length === 11),
        'a 4-byte instruction',
      );
    });

    it('pads what cannot be read', async () => {
      const [row] = await rows(0x10n, 0, 1);
      assert.deepEqual(row, { address: '0x10', instruction: 'not readable', presentationHint: 'invalid' });
    });
  });

  describe('sources', () => {
    it('explains where a source that is not found could be', async () => {
      const launcher = fakeLauncher();
      const lost = DapClient.inProcess({ launch: launcher.launch });
      await lost.launch({ program: sampleKernel, sourceFolders: ['/nowhere'], stopOnEntry: true });
      await lost.stopped();
      const { stackFrames } = await lost.send('stackTrace', { threadId: 1 });
      const { source } = stackFrames[0]!;
      assert.equal(source!.path, undefined);
      assert.ok(source!.sourceReference! > 0);
      const { content } = await lost.send('source', {
        sourceReference: source!.sourceReference!,
        source: source!,
      });
      assert.match(content, /main\.c is not on this machine[^]*sourceFileMap/);
      const stale = await lost.failure('source', { sourceReference: 999 });
      assert.match(stale.format, /belongs to an earlier session/);
      lost.close();
    });
  });
});
