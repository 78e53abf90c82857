import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeFiles } from '../cli/node-files';
import { KeptFiles } from './kept-files';
import { launch } from './launch';

const sample = (build: string) =>
  join(import.meta.dirname, `../../sample-kernel/prebuilt/sample-${build}.elf`);

describe('what launches keep of files', () => {
  let folder: string;
  let program: string;
  let kept: KeptFiles;
  const again = (options: { readonly symbols?: string } = {}) =>
    launch({ program, ...options }, createNodeFiles(), {}, kept);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-kept-'));
    program = join(folder, 'kernel.elf');
    copyFileSync(sample('metadata'), program);
    kept = new KeptFiles();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is the program with its symbols, and nothing of the machine', async () => {
    const [first, second] = [await again(), await again()];
    assert.equal(second.program, first.program);
    assert.notEqual(second.target, first.target);
    assert.notEqual(second.kernel, first.kernel);
    first.target.harts[0]!.setX(5, 1n);
    assert.equal(second.target.harts[0]!.getX(5), 0n);
    assert.deepEqual(
      second.files.map(({ path }) => path),
      [program],
    );
  });

  it('is not used for a file that was written again', async () => {
    const first = await again();
    writeFileSync(program, readFileSync(sample('legacy')));
    const second = await again();
    assert.notEqual(second.program, first.program);
    assert.notDeepEqual(
      second.program.symbols.named('start_kernel'),
      first.program.symbols.named('start_kernel'),
    );
  });

  it('is not used when the symbols come from elsewhere', async () => {
    const symbols = join(folder, 'symbols.elf');
    copyFileSync(program, symbols);
    const own = await again();
    const named = await again({ symbols });
    assert.notEqual(named.program, own.program);
    assert.equal((await again({ symbols })).program, named.program);
    assert.deepEqual(
      named.files.map(({ path }) => path),
      [program, symbols],
    );
  });

  it('gives no names of a file that was written over while it is in use', async () => {
    const { program: running } = await again();
    writeFileSync(program, new Uint8Array(300_000).fill(0xaa));
    const [symbol] = running.symbols.named('start_kernel');
    assert.equal(running.symbols.at(symbol!.address)?.name, 'start_kernel');
    const line = running.lines?.at(symbol!.address);
    assert.ok(line === undefined || line.file.endsWith('main.c'), JSON.stringify(line));
  });
});
