import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadElf } from '../elf.test-support';
import { xorshift } from '../xorshift.test-support';
import { disassemble } from './disassemble';
import { instructions } from './table';
import { asIn240, hasObjdump, objdump } from './objdump.test-support';

/** Where we differ on purpose. */
const isException = (ours: string, theirs: string): boolean =>
  theirs.startsWith('c.') || // hints: we print what they execute as
  (theirs.startsWith('.4byte') && /^fcvt\.d\.(wu?|s) .*,[a-z]+$/.test(ours)) || // rounding modes of what is exact
  theirs.startsWith('hinval.') || // Svinval for the hypervisor extension, which this machine lacks
  ours.startsWith('czero.') || // Zicond is younger than binutils 2.40
  (theirs.startsWith('.4byte') && ours.startsWith('fence')) || // fences with reserved fields are fences
  /0x|h$/.test(/^(csr\S+) .*/.test(ours) ? ours : '') || // CSRs that exist on RV32 only, or not in the manual
  /^mv (\w+),\1$/.test(ours) || // c.addi with a zero immediate
  (ours === '.2byte 0x6101' && theirs === 'add sp,sp,0'); // reserved

function compare(words: readonly number[]): number {
  const theirs = objdump(new Uint8Array(Uint32Array.from(words).buffer));
  let compared = 0;
  words.forEach((bits, index) => {
    const ours = disassemble(bits, BigInt(index * 4)).text;
    const expected = theirs.get(index * 4)!;
    if (isException(ours, expected)) return;
    assert.equal(asIn240(ours), asIn240(expected), `0x${bits.toString(16)}`);
    compared++;
  });
  return compared;
}

describe('disassemble', () => {
  describe('agrees with objdump', () => {
    before(function () {
      if (!hasObjdump) this.skip(); // Needs riscv64-unknown-elf-objdump.
    });

    it('on every 16-bit pattern', () => {
      const C_NOP = 0x0001_0000;
      const halfwords = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => (bits & 3) !== 3);
      assert.ok(compare(halfwords.map((bits) => bits | C_NOP)) > 40_000);
    });

    it('on random 32-bit words of the opcodes that this machine has', () => {
      const opcodes = [0x37, 0x17, 0x6f, 0x67, 0x63, 0x03, 0x23, 0x13, 0x33, 0x1b, 0x3b, 0x0f, 0x73, 0x2f];
      const random = xorshift(0x5eed);
      const words = Array.from({ length: 28_000 }, (_, i) => ((random() & ~0x7f) | opcodes[i % 14]!) >>> 0);
      assert.ok(compare(words) > 24_000);
    });

    it('on floating-point instructions in all rounding modes', () => {
      const random = xorshift(0xf10a7);
      const words = instructions
        .filter(({ extension }) => extension === 'f' || extension === 'd')
        .flatMap(({ encoding }) =>
          Array.from({ length: 400 }, () => ((random() & ~encoding.mask) | encoding.match) >>> 0),
        );
      assert.ok(compare(words) > 20_000);
      const opcodes = [0x07, 0x27, 0x43, 0x47, 0x4b, 0x4f, 0x53];
      const others = Array.from({ length: 14_000 }, (_, i) => ((random() & ~0x7f) | opcodes[i % 7]!) >>> 0);
      assert.ok(compare(others) > 13_000);
    });

    it('on the names of the floating-point CSRs', () => {
      const random = xorshift(0xc5a);
      const words = Array.from({ length: 2000 }, (_, index) => {
        const registers = index & 1 ? 0x000f_8f80 : index & 2 ? 0x0f80 : 0x000f_8000;
        return (((index % 5) << 20) | (random() & (registers | 0x7000)) | 0x73) >>> 0;
      }).filter((bits) => bits & 0x3000);
      assert.ok(compare(words) > 800);
    });

    it('on the first segment of the sample kernel', function () {
      const path = fileURLToPath(
        new URL('../../sample-kernel/prebuilt/sample-metadata.elf', import.meta.url),
      );
      if (!existsSync(path)) this.skip(); // Built by `make -C sample-kernel`.
      const { data } = loadElf(readFileSync(path)).segments[0]!;
      const theirs = objdump(data);
      const view = new DataView(data.buffer, data.byteOffset, data.length);
      let compared = 0;
      for (const [address, expected] of theirs) {
        if (expected.startsWith('.') || address + 4 > data.length) continue;
        const bits = view.getUint32(address, true);
        const ours = disassemble(bits, BigInt(address)).text;
        if (isException(ours, expected)) continue;
        assert.equal(asIn240(ours), asIn240(expected), address.toString(16));
        compared++;
      }
      assert.ok(compared > 1000, `only ${compared}`);
    });
  });

  it('tells calls, jumps and returns by their link registers', () => {
    const flows = [
      [0x8082, 'ret', 'return'],
      [0x9082, 'jalr ra', 'call'],
      [0x8502, 'jr a0', 'jump'],
      [0x0080_00ef, 'jal 0x1008', 'call'],
      [0x0080_006f, 'j 0x1008', 'jump'],
      [0x0000_0073, 'ecall', 'trap'],
      [0x1020_0073, 'sret', 'trap'],
      [0xfe05_18e3, 'bnez a0,0xff0', 'branch'],
      [0x1050_0073, 'wfi', 'none'],
    ] as const;
    for (const [bits, text, flow] of flows) {
      const disassembly = disassemble(bits, 0x1000n);
      assert.deepEqual({ text: disassembly.text, flow: disassembly.flow }, { text, flow });
    }
  });

  it('says what is no instruction, with its length', () => {
    assert.deepEqual(disassemble(0x8000, 0n), {
      length: 2,
      text: '.2byte 0x8000',
      mnemonic: '.2byte',
      flow: 'none',
    });
    assert.deepEqual(disassemble(0x57, 0n), {
      length: 4,
      text: '.4byte 0x57',
      mnemonic: '.4byte',
      flow: 'none',
    });
    assert.equal(disassemble(0, 0n).text, 'unimp');
    assert.equal(disassemble(0xc000_1073, 0n).text, 'unimp');
  });
});
