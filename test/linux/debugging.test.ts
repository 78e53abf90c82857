/** A client of the built adapter debugs a real kernel from a folder with some of its sources, as a kernel developer would. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { buildAdapter, type BuiltAdapter } from '../dap/built-adapter.test-support';
import { DapClient } from '../dap/dap-client.test-support';
import { linuxFolder, linuxInitrd, linuxKernel } from './linux.test-support';

const workspace = join(linuxFolder, 'src');
const kernelFolder = join(workspace, 'arch/riscv/kernel');
const machine = { append: 'console=ttyS0', memory: '256M', maxInstructions: 300_000_000 };

describe('a session with Linux 7.3', function () {
  this.timeout(180_000);
  let adapter: BuiltAdapter | undefined;
  let program: string;
  let client: DapClient;

  before(async function () {
    program = linuxKernel(this, 'metadata');
    adapter = await buildAdapter();
  });
  after(() => adapter?.remove());
  beforeEach(() => (client = DapClient.process(adapter!.script)));
  afterEach(() => {
    client.close();
  });

  async function launch(
    configure: () => Promise<unknown>,
    options: Record<string, unknown> = {},
  ): Promise<void> {
    const initrd = linuxInitrd;
    await client.launch({ ...machine, program, initrd, sourceFolders: [workspace], ...options }, configure);
  }

  async function setLines(path: string, ...lines: readonly number[]): Promise<readonly Dap.Breakpoint[]> {
    const breakpoints = lines.map((line) => ({ line }));
    return (await client.send('setBreakpoints', { source: { path }, breakpoints })).breakpoints;
  }

  async function setFunctions(...names: readonly string[]): Promise<readonly Dap.Breakpoint[]> {
    const breakpoints = names.map((name) => ({ name }));
    return (await client.send('setFunctionBreakpoints', { breakpoints })).breakpoints;
  }

  async function frames(threadId: number): Promise<readonly Dap.StackFrame[]> {
    return (await client.send('stackTrace', { threadId })).stackFrames;
  }

  /** In the pieces that the adapter answers with. */
  async function readMemory(start: bigint, count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let offset = 0; offset < count; offset += 65536) {
      const piece = { offset, count: Math.min(65536, count - offset) };
      const memory = await client.send('readMemory', { memoryReference: hex(start), ...piece });
      pieces.push(Buffer.from(memory.data!, 'base64'));
    }
    return Buffer.concat(pieces);
  }

  it('stops on lines of head.S before and after the MMU is on, and of entry.S', async () => {
    const headS = join(kernelFolder, 'head.S');
    const entryS = join(kernelFolder, 'entry.S');
    const clearBss = lineOf(headS, '.Lclear_bss:') + 1;
    const startKernel = lineOf(headS, 'tail start_kernel');
    const exchange = lineOf(entryS, 'csrrw tp, CSR_SCRATCH, tp');
    await launch(async () => {
      for (const { verified, message } of await setLines(headS, clearBss, startKernel)) {
        assert.ok(verified);
        assert.match(message!, /at 0xffffffff8\w+, also 0x802\w+ before the MMU is on/);
      }
      const [breakpoint] = await setLines(entryS, exchange);
      assert.ok(breakpoint!.verified);
      assert.equal(breakpoint!.line, exchange);
    });
    const first = await frames((await client.stopped()).threadId!);
    assert.deepEqual(place(first[0]!), { path: headS, line: clearBss });
    assert.match(first[0]!.name, /^_start_kernel\+0x\w+\/0x\w+ \[physical 0x802\w+\]$/);

    await setLines(headS, startKernel);
    await client.send('continue', { threadId: 1 });
    const second = await frames((await client.stopped()).threadId!);
    assert.deepEqual(place(second[0]!), { path: headS, line: startKernel });
    assert.equal(second.at(-2)!.name, 'FINAL: boot or idle task of a hart, nothing below it');

    await client.send('continue', { threadId: 1 });
    const third = await frames((await client.stopped()).threadId!);
    assert.deepEqual(place(third[0]!), { path: entryS, line: exchange });
    assert.match(third[0]!.name, /^handle_exception\+0x0\//);
  });

  it('says of a source that is not there which prefix to map', async () => {
    await launch(() => setFunctions('__clear_user'));
    const [frame] = await frames((await client.stopped()).threadId!);
    assert.equal(frame!.source!.path, undefined);
    const { content } = await client.send('source', {
      source: frame!.source!,
      sourceReference: frame!.source!.sourceReference!,
    });
    assert.match(
      content,
      /"\/usr\/src\/linux-7.3\/arch\/riscv\/lib": the folder that has it here to "sourceFileMap"/,
    );
  });

  it('finds sources by sourceFileMap alone', async () => {
    await launch(() => setFunctions('start_kernel'), {
      sourceFolders: [],
      sourceFileMap: { '/usr/src/linux-7.3': workspace },
    });
    const [frame] = await frames((await client.stopped()).threadId!);
    assert.equal(frame!.source!.path, join(workspace, 'init/main.c'));
  });

  it('steps over the fault that turns the MMU on', async () => {
    await launch(() => setFunctions('relocate_enable_mmu'));
    let { threadId } = await client.stopped();
    const seen: string[] = [];
    for (let steps = 0; steps < 60; steps++) {
      const [frame] = await frames(threadId!);
      if (!frame!.name.startsWith('relocate_enable_mmu')) break;
      seen.push(`${frame!.line} ${frame!.name.includes('physical') ? 'physical' : 'virtual'}`);
      await client.send('next', { threadId: threadId! });
      const stop = await client.stopped();
      assert.equal(stop.reason, 'step');
      threadId = stop.threadId;
    }
    const lines = seen.map((text) => parseInt(text));
    assert.deepEqual(
      lines,
      [...lines].sort((a, b) => a - b),
      'each line in its turn',
    );
    const on = seen.findIndex((text) => text.endsWith('virtual'));
    assert.ok(on > 0 && seen.slice(on).every((text) => text.endsWith('virtual')), seen.join('\n'));
    const source = readFileSync(join(kernelFolder, 'head.S'), 'utf8').split('\n');
    assert.match(source[lines[on - 1]! - 1]!, /csrw CSR_SATP, a0/);
    const [caller] = await frames(threadId!);
    assert.match(caller!.name, /^_start_kernel\+0x/);
  });

  it('takes breakpoints out of init text when the kernel frees it, and says so', async () => {
    await launch(async () => {
      const [start, write] = await setFunctions('start_kernel', 'ksys_write');
      assert.match(start!.message!, /in init text, freed after boot$/);
      assert.doesNotMatch(write!.message!, /init text/);
    });
    await client.stopped();
    await client.send('continue', { threadId: 1 });
    await client.stopped();
    const changes = client.events
      .filter(({ event }) => event === 'breakpoint')
      .map(({ body }) => (body as Dap.BreakpointEvent['body']).breakpoint);
    assert.equal(changes.length, 1);
    assert.equal(changes[0]!.verified, false);
    assert.match(changes[0]!.message!, /start_kernel is in init text, which the kernel has freed/);
    const [again] = await setFunctions('start_kernel');
    assert.equal(again!.verified, false);
  });

  it('disassembles text as the kernel has patched it', async () => {
    await launch(() => setFunctions('ksys_write'));
    await client.stopped();
    const elf = loadProgram(new Uint8Array(readFileSync(program)));
    const [text] = elf.segments;
    const symbol = (name: string) => elf.symbols.named(name)[0]!.address;
    const start = symbol('_stext');
    const count = Number(symbol('_etext') - start);
    const running = await readMemory(start, count);
    const file = text!.data.subarray(Number(start - text!.virtualAddress));
    assert.equal(running.length, count);
    const patched = running.findIndex((byte, i) => byte !== file[i]) & ~1;
    assert.ok(patched > 0, 'this kernel patches itself');

    const at = start + BigInt(patched);
    const { instructions } = await client.send('disassemble', {
      memoryReference: hex(at),
      instructionOffset: 0,
      instructionCount: 1,
    });
    const bytes = instructions[0]!.instructionBytes!.split(' ').map((byte) => parseInt(byte, 16));
    assert.deepEqual(bytes, [...running.subarray(patched, patched + bytes.length)]);
    assert.notDeepEqual(bytes, [...file.subarray(patched, patched + bytes.length)]);
  });

  it('names the task of each of four harts', async () => {
    await launch(() => setFunctions('ret_from_fork_user_asm'), { smp: 4 });
    const { threadId } = await client.stopped();
    const { threads } = await client.send('threads');
    const harts = threads.slice(0, 4);
    for (const { name } of harts) assert.match(name, /^CPU \d: (idle|\S+ \[\d+\](, in user mode)?)$/);
    assert.match(harts.find(({ id }) => id === threadId)!.name, /: init \[\d+\]$/);
    for (const { name } of threads.slice(4)) assert.match(name, /^\S+ \[\d+\] [RSDTtXZPI] \([a-z ]+\)$/);
    assert.ok(threads.some(({ name }) => name === 'kthreadd [2] S (sleeping)'));
  });
});

function lineOf(path: string, text: string): number {
  const index = readFileSync(path, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text));
  assert.ok(index >= 0, `${path} has ${text}`);
  return index + 1;
}

function place({ source, line }: Dap.StackFrame): { path: string | undefined; line: number } {
  return { path: source?.path, line };
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
