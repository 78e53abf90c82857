/** The symbol readers on a real Linux kernel; `RISCV_UNWIND_LINUX` names the folder that has it. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Program } from '../../debug-adapter/symbols/api';
import { findLabels } from '../../debug-adapter/symbols/labels/labels';
import { loadProgram } from '../../debug-adapter/symbols/program';
import { runTool } from './fixtures.test-support';

/** Numbers that look random and are the same in each run (Numerical Recipes' generator). */
function* numbers(): Generator<number> {
  for (let state = 7; ;) yield (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
}

describe('symbols of a Linux kernel', () => {
  const folder = process.env['RISCV_UNWIND_LINUX'] ?? '';
  const packed = join(folder, 'vmlinux-metadata.gz');
  let program: Program;
  let bytes: Uint8Array;

  before(function () {
    if (folder === '' || !existsSync(packed)) return this.skip();
    bytes = new Uint8Array(gunzipSync(readFileSync(packed)));
    program = loadProgram(bytes);
  });

  it('name 1000 addresses and their lines as binutils does', function () {
    const directory = mkdtempSync(join(tmpdir(), 'riscv-unwind-'));
    try {
      const path = join(directory, 'vmlinux');
      writeFileSync(path, bytes);
      const text = program.text.find(({ start }) => start === program.symbols.named('_stext')[0]?.address);
      const { start, end } = text ?? program.text[1]!;
      const random = numbers();
      const pcs = Array.from(
        { length: 1000 },
        () => start + ((BigInt(random.next().value as number) % (end - start)) & ~1n),
      );
      const input = pcs.map((pc) => `0x${pc.toString(16)}\n`).join('');
      const output = runTool('riscv64-linux-gnu-addr2line', ['-f', '-e', path], input);
      if (output === undefined) return this.skip();
      const answers = output.trim().split('\n');
      let compared = 0;
      pcs.forEach((pc, i) => {
        const theirs = posix.normalize(answers[2 * i + 1]!.replace(/ \(discriminator \d+\)$/, ''));
        const found = program.lines?.at(pc);
        if (found === undefined || theirs.startsWith('??')) return;
        assert.equal(`${found.file}:${found.line}`, theirs, `0x${pc.toString(16)}`);
        compared++;
      });
      assert.ok(compared > 950, `${compared} of 1000 have a line`);
      const unnamed = pcs.filter((pc) => program.symbols.at(pc) === undefined);
      assert.ok(unnamed.length < 20, `${unnamed.length} of 1000 are padding between functions`);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('have the layout of pt_regs that unwinding needs', () => {
    const { size, members } = program.types.struct('pt_regs')!;
    assert.equal(size, 312);
    assert.deepEqual(members.get('stackframe'), { offset: 288, size: 24 });
    assert.deepEqual(members.get('stackframe.type'), { offset: 304, size: 8 });
    const task = program.types.struct('task_struct')!.members;
    assert.equal(task.get('thread_info')?.offset, 0);
    assert.equal(task.get('thread.s')?.size, 96);
    assert.equal(task.get('comm')?.size, 16);
    assert.equal(program.types.struct('no_such_structure'), undefined);
  });

  it('include the labels of entry.S and head.S that the assembler dropped', () => {
    const labels = findLabels(program, (file) => {
      const path = file.replace('/usr/src/linux-7.3', join(folder, 'src'));
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    });
    const park = labels.find(({ name }) => name === '.Lsecondary_park');
    assert.match(park!.file, /riscv\/kernel\/head\.S$/);
    // It is a loop of wfi and a jump, the last thing of its function.
    assert.equal(program.symbols.at(park!.addresses[0]!)?.name, 'secondary_start_sbi');
    assert.ok(labels.some(({ name }) => name === '.Lsave_context'));
    assert.ok(labels.length > 10_000);
  });
});
