import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { implementedExtensions } from '../isa/extensions';
import { buildDeviceTree } from './device-tree';

const hasDtc = spawnSync('dtc', ['--version']).status === 0;

/** The tree as dtc's source text; dtc's warnings on stderr. */
function decompile(tree: Uint8Array): { readonly source: string; readonly warnings: string } {
  const result = spawnSync('dtc', ['-I', 'dtb', '-O', 'dts'], { input: tree });
  assert.equal(result.status, 0, result.stderr.toString());
  // Versions of dtc differ in how they write lists of strings.
  const source = result.stdout.toString().replaceAll('\\0', '", "');
  return { source, warnings: result.stderr.toString() };
}

describe('device tree of the board', () => {
  before(function () {
    if (!hasDtc) this.skip(); // Needs the device tree compiler.
  });

  it('decompiles to the expected source', () => {
    const { source, warnings } = decompile(
      buildDeviceTree({
        harts: 2,
        memory: 0x1000_0000,
        extensions: implementedExtensions,
        append: 'console=ttyS0 quiet',
        kaslrSeed: 0x123_4567_89ab_cdefn,
        initrd: { start: 0x8f00_0000, end: 0x8f00_1600 },
      }),
    );
    assert.equal(warnings, '');
    const golden = new URL('../../test/golden/device-tree.dts', import.meta.url);
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, source);
    assert.equal(source, readFileSync(golden, 'utf8'));
  });

  it('has one cpu node, one interrupt controller and two PLIC contexts for each of 8 harts', () => {
    const { source, warnings } = decompile(
      buildDeviceTree({ harts: 8, memory: 0x800_0000, extensions: implementedExtensions }),
    );
    assert.equal(warnings, '');
    assert.equal(source.match(/cpu@\d \{/g)?.length, 8);
    assert.equal(source.match(/riscv,cpu-intc/g)?.length, 8);
    const plic = /plic@c000000 \{[^}]*interrupts-extended = <([^>]*)>/.exec(source)?.[1] ?? '';
    assert.equal(plic.trim().split(/\s+/).length, 8 * 2 * 2);
    assert.doesNotMatch(source, /bootargs|initrd|kaslr/);
  });

  it("describes the real-time clock, the UART, the test device and virtio's slots as QEMU does", function () {
    const folder = mkdtempSync(join(tmpdir(), 'riscv-unwind-'));
    try {
      const blob = join(folder, 'virt.dtb');
      const qemu = spawnSync('qemu-system-riscv64', ['-M', `virt,dumpdtb=${blob}`, '-display', 'none']);
      if (qemu.error) this.skip(); // Needs QEMU.
      const theirs = decompile(readFileSync(blob)).source;
      const ours = decompile(
        buildDeviceTree({ harts: 1, memory: 0x800_0000, extensions: implementedExtensions }),
      ).source;
      const names = [...ours.matchAll(/\t(?:rtc|serial|test|virtio_mmio)@[0-9a-f]+/g)].map(([name]) => name);
      assert.equal(names.length, 11);
      for (const name of names) assert.deepEqual(properties(ours, name), properties(theirs, name));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The lines of a node without children, in no order of their own; phandles are each tree's own. */
function properties(source: string, name: string): string[] {
  const body = source.split(`${name} {`)[1]!.split('}')[0]!;
  const lines = body.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !/^(phandle|interrupt-parent)\b/.test(line)).toSorted();
}
