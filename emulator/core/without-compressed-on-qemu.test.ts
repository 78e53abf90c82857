import assert from 'node:assert/strict';
import { assemble } from '../isa/assemble';
import { implementedExtensions } from '../isa/extensions';
import { Core } from './core';
import { compareWithQemu, DATA } from './experiment.test-support';
import { hasQemu } from './qemu.test-support';
import { TestHart } from './test-hart.test-support';

const extensions = new Set([...implementedExtensions].filter((name) => name !== 'c'));
const base = BigInt(DATA);

function branchOver(branch: string, distance: number): Uint8Array {
  const pc = 0x1_0000;
  return new Uint8Array(Uint32Array.of(assemble(`${branch},${pc + distance}`, BigInt(pc))!).buffer);
}

describe('a machine without compressed instructions', function () {
  this.timeout(60_000);
  it('traps jumps and branches to half a word as QEMU does, and only if they are taken', function () {
    if (!hasQemu) this.skip(); // Needs qemu-system-riscv64.
    const targets = [0n, 2n, 4n, 6n].map((offset) => base + offset);
    const branches = ['beq a1,a2', 'bne a1,a2', 'bltu a1,a2'].flatMap((branch) =>
      [6, 10, 8, -2, 4094, -4094].map((distance) => ({ branch, distance })),
    );
    const word = 0x0010_0073_0010_0073n; // ebreak
    compareWithQemu(
      [
        ...targets.map((a1) => ({ code: 'jalr a0,0(a1)', x: { a0: 1n, a1 }, memory: [word, word, word] })),
        ...targets.map((a1) => ({ code: 'jr 1(a1)', x: { a1 }, memory: [word, word, word] })),
        ...branches.flatMap(({ branch, distance }) =>
          [1n, 2n].map((a2) => ({ code: branchOver(branch, distance), x: { a1: 1n, a2 } })),
        ),
      ],
      { extensions },
    );
  });

  // QEMU shows the bits until they are used (priv 1.13 §3.1.14).
  it('has no bit 1 in mepc and sepc', () => {
    const test = new TestHart({}, new Core(1 << 20, extensions));
    for (const name of ['mepc', 'sepc']) {
      test.setCsr(name, 0x8000_0007n);
      assert.equal(test.csr(name), 0x8000_0004n);
    }
  });
});
