import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { StructLayout, TypeReader } from '../symbols/api';
import { loadProgram } from '../symbols/program';
import { constantPtRegsLayout } from '../unwind/pt-regs';
import { ptRegsFields } from '../unwind/pt-regs-fields.test-support';
import { createKernel } from './kernel';
import { ptRegsLayout } from './pt-regs-layout';
import { loadSample } from './sample.test-support';
import { taskLayout, taskLists, threadSize } from './task-layout';

const linux = { ...constantPtRegsLayout, source: 'dwarf' };

describe('the layouts of a kernel', () => {
  for (const name of ['metadata', 'm-mode'] as const) {
    it(`have stackframe at 288 and the record type at 304 in the ${name} sample`, () => {
      const kernel = createKernel(loadSample(name));
      assert.deepEqual(kernel.layout, linux);
      assert.equal(kernel.hasMetadata, true);
      assert.deepEqual(kernel.warnings, []);
      assert.deepEqual(ptRegsFields(kernel.layout).at(-1), { name: 'stackframe.type', offset: 304 });
    });
  }

  it('have no stackframe in a kernel without metadata', () => {
    const kernel = createKernel(loadSample('legacy'));
    assert.equal(kernel.layout.stackframe, undefined);
    assert.equal(kernel.layout.size, 288);
    assert.equal(kernel.hasMetadata, false);
  });

  it('are constants, and said to be, where the program describes no types', () => {
    const program = loadSample('metadata');
    const types = { struct: () => undefined, enumerator: () => undefined };
    const kernel = createKernel({ ...program, types });
    assert.equal(kernel.layout, constantPtRegsLayout);
    assert.equal(kernel.layout.source, 'constants');
    assert.equal(kernel.warnings.length, 2);
    assert.match(kernel.warnings[0]!, /struct pt_regs: offsets of Linux 7\.3 .* are assumed/);
  });

  it('are not taken from a description with a member beyond its end, or one of absurd size', () => {
    assert.equal(ptRegsLayout(ptRegsTypes(320)).source, 'dwarf');
    assert.equal(ptRegsLayout(ptRegsTypes(100)).source, 'constants');
    assert.equal(ptRegsLayout(ptRegsTypes(1e9)).source, 'constants');
  });

  it('find the argument registers inside a group', () => {
    assert.deepEqual(ptRegsLayout(ptRegsTypes(312, 'a_regs.')), linux);
  });

  it('size task stacks by the init stack of the linker script', () => {
    assert.equal(threadSize(loadSample('metadata')), 16384n);
  });

  it('are all found in a Linux 7.3 vmlinux', function () {
    const vmlinux = linuxImage();
    if (!vmlinux) {
      this.test!.title += ' (skipped: RISCV_UNWIND_LINUX names no folder with vmlinux-metadata.gz)';
      this.skip();
    }
    const program = loadProgram(vmlinux);
    assert.deepEqual(createKernel(program).layout, linux);
    assert.deepEqual(taskLayout(program), {
      cpu: 32,
      stack: 80,
      threadRa: 2144,
      threadSp: 2152,
      threadS: 2160,
      pid: 1104,
      comm: { offset: 1568, size: 16 },
      onCpu: { offset: 100, size: 1 },
      state: { offset: 72, size: 4 },
      exitState: { offset: 1000, size: 4 },
      tasks: 896,
      threads: { signal: 1624, node: 1272 },
      end: 2320,
    });
    assert.deepEqual(taskLists(program), { threadHead: 16, idle: 24 });
    assert.equal(threadSize(program), 16384n);
  });
});

/** `struct pt_regs` as DWARF would have it, cut at `size`; `group` is the path of a0 to a7. */
function ptRegsTypes(size: number, group = ''): TypeReader {
  const members = ptRegsFields(constantPtRegsLayout).map(
    ({ name, offset }) => [/^a[0-7]$/.test(name) ? `${group}${name}` : name, { offset, size: 8 }] as const,
  );
  const struct: StructLayout = {
    name: 'pt_regs',
    size,
    members: new Map([...members, ['stackframe', { offset: 288, size: 24 }]]),
  };
  return { struct: () => struct, enumerator: () => undefined };
}

function linuxImage(): Uint8Array | undefined {
  const folder = process.env['RISCV_UNWIND_LINUX'];
  const file = folder === undefined ? undefined : join(folder, 'vmlinux-metadata.gz');
  return file !== undefined && existsSync(file) ? gunzipSync(readFileSync(file)) : undefined;
}
