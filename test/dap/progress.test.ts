/** Long work in the built adapter: shown, cut short, and not in the way of what is urgent. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { tinyElf, waitForEver } from '../cli/tiny-elf.test-support';
import { buildAdapter, type BuiltAdapter } from './built-adapter.test-support';
import { DapClient } from './dap-client.test-support';

const u32 = (value: number) => [...new Uint8Array(Uint32Array.of(value).buffer)];
const u64 = (value: bigint) => [...new Uint8Array(BigUint64Array.of(value).buffer)];
const text = 0x8000_0000n;

/** A program of version 4 (DWARF 4 §6.2.4) whose only file is `big.h`, with a statement in each of its lines. */
function lineProgram(lines: number): readonly number[] {
  const tables = [0, ...Buffer.from('big.h\0'), 0, 0, 0, 0];
  const rest = [1, 1, 1, -5 & 0xff, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, ...tables];
  // Set the address; then a line further in each row; then four bytes of code, and the end.
  const program = [0, 9, 2, ...u64(text), ...new Array<number>(lines).fill(19), 2, 4, 0, 1, 1];
  const body = [4, 0, ...u32(rest.length), ...rest, ...program];
  return [...u32(body.length), ...body];
}

/** As many programs as a large kernel has, which all include one header. */
function manyPrograms(programs: number): Uint8Array {
  const one = Uint8Array.from(lineProgram(1000));
  const all = new Uint8Array(one.length * programs);
  for (let i = 0; i < programs; i++) all.set(one, i * one.length);
  return all;
}

/** Elf64_Chdr and a zlib stream (ELF gABI, "Compression Header"). */
function compressed(bytes: Uint8Array): Uint8Array {
  const header = [...u32(1), ...u32(0), ...u64(BigInt(bytes.length)), ...u64(1n)];
  return Buffer.concat([Uint8Array.from(header), deflateSync(bytes)]);
}

describe('long work', function () {
  this.timeout(60_000);
  let adapter: BuiltAdapter;
  let folder: string;
  let client: DapClient;
  const plain = () => join(folder, 'plain.elf');
  const packed = () => join(folder, 'packed.elf');

  before(async () => {
    adapter = await buildAdapter();
    folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-progress-'));
    const lines = manyPrograms(5_000);
    writeFileSync(plain(), tinyElf({ ...waitForEver, extra: { '.debug_line': lines } }));
    const elf = tinyElf({ ...waitForEver, extra: { '.debug_line': compressed(lines) } });
    // SHF_COMPRESSED in the header of the last section.
    elf[elf.length - 64 + 9] = 8;
    writeFileSync(packed(), elf);
  });

  after(async () => {
    rmSync(folder, { recursive: true });
    await adapter.remove();
  });

  beforeEach(async () => {
    client = DapClient.process(adapter.script);
    const capabilities = await client.send('initialize', {
      adapterID: 'riscv-unwind',
      supportsProgressReporting: true,
    });
    assert.equal(capabilities.supportsCancelRequest, true);
  });

  afterEach(() => client.close());

  const launched = async () => {
    await client.sendRaw('launch', { program: plain() });
    await client.event('initialized');
  };
  const progressStart = async () =>
    (await client.event('progressStart')).body as unknown as Dap.ProgressStartEvent['body'];
  const setBreakpoint = () =>
    client.send('setBreakpoints', { source: { path: join(folder, 'big.h') }, breakpoints: [{ line: 700 }] });
  const searchStart = async () => {
    const { title, cancellable, progressId } = await progressStart();
    assert.match(title, /big\.h/);
    assert.equal(cancellable, true);
    return progressId;
  };

  it('shows how far it is and ends with the display gone', async () => {
    await launched();
    const setting = setBreakpoint();
    const progressId = await searchStart();
    assert.equal((await setting).breakpoints[0]?.verified, true);
    const events = client.events.filter(
      ({ body }) => (body as { progressId?: string } | undefined)?.progressId === progressId,
    );
    assert.equal(events.at(-1)?.event, 'progressEnd');
    const percentages = events.flatMap(({ body }) => (body as { percentage?: number }).percentage ?? []);
    assert.ok(percentages.length > 2, `${percentages.length} updates`);
    assert.deepEqual(
      percentages,
      [...percentages].sort((a, b) => a - b),
    );
    assert.ok(percentages.every((percentage) => percentage >= 0 && percentage <= 100));
    // What was found is kept.
    const before = client.events.length;
    assert.equal((await setBreakpoint()).breakpoints[0]?.verified, true);
    assert.ok(!client.events.slice(before).some(({ event }) => event === 'progressStart'));
  });

  it('is cut short by its display, answered, and done when asked for again', async () => {
    await launched();
    const setting = setBreakpoint();
    const progressId = await searchStart();
    await client.send('cancel', { progressId });
    // Had this waited for its turn, the search would be done.
    const [breakpoint] = (await setting).breakpoints;
    assert.equal(breakpoint?.verified, false);
    assert.match(breakpoint.message ?? '', /big\.h was cancelled: ask for it again/);
    assert.equal((await setBreakpoint()).breakpoints[0]?.verified, true);
  });

  it('is cut short by the number of its request; one that waits is taken back', async () => {
    await launched();
    const setting = setBreakpoint();
    const first = client.lastRequest;
    await searchStart();
    const waiting = client.failure('threads');
    const second = client.lastRequest;
    await client.send('cancel', { requestId: second });
    await client.send('cancel', { requestId: first });
    assert.equal((await setting).breakpoints[0]?.verified, false);
    assert.equal((await waiting).format, 'cancelled');
    assert.equal((await client.send('threads')).threads.length, 1, 'the session goes on');
    await client.send('cancel', { requestId: 4711, progressId: 'nothing' });
  });

  it('does not keep a session from ending', async () => {
    await launched();
    void setBreakpoint();
    await searchStart();
    await client.send('terminate');
    assert.equal((await client.event('terminated')).event, 'terminated');
  });

  it('unpacks a kernel piece by piece, and a cancelled launch can be made again', async () => {
    const launching = client.failure('launch', { program: packed() });
    const loading = await progressStart();
    assert.match((await progressStart()).title, /debug information/);
    await client.send('cancel', { progressId: loading.progressId });
    assert.match((await launching).format, /packed\.elf was cancelled/);
    await client.sendRaw('launch', { program: packed() });
    assert.equal((await setBreakpoint()).breakpoints[0]?.verified, true);
  });
});
