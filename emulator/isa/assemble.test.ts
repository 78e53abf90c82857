import assert from 'node:assert/strict';
import fc from 'fast-check';
import { assemble } from './assemble';
import { decode } from './decode';
import { disassemble } from './disassemble';
import { insertFields } from './encoding';
import { instructions } from './table';

describe('assemble', () => {
  it('gives back what the disassembler printed, for any instruction and fields', () => {
    const word = fc.tuple(fc.constantFrom(...instructions), fc.integer()).map(
      ([{ encoding }, random]) =>
        // Random bits where the encoding leaves them free.
        ((random & ~encoding.mask) | encoding.match) >>> 0,
    );
    fc.assert(
      fc.property(word, fc.bigInt(0n, 1n << 63n), (bits, address) => {
        const pc = address & ~1n;
        const { text, mnemonic } = disassemble(bits, pc);
        // Reserved fields of fences are not printed.
        fc.pre(!mnemonic.startsWith('fence') && !text.includes('unknown'));
        const again = assemble(text, pc);
        assert.notEqual(again, undefined, text);
        assert.equal(disassemble(again!, pc).text, text);
      }),
      { numRuns: 2000 },
    );
  });

  it('knows aliases, ABI and numeric register names, negative and hexadecimal numbers', () => {
    assert.equal(assemble('addi sp,sp,-32'), 0xfe01_0113);
    assert.equal(assemble('addi x2, x2, -0x20'), 0xfe01_0113);
    assert.equal(assemble('ret'), 0x0000_8067);
    assert.equal(assemble('csrw stvec,t0'), 0x1052_9073);
    assert.equal(assemble('amoadd.w.aqrl a0,a1,(a2)'), 0x06b6_252f);
    assert.equal(assemble('beqz a0,0x1010', 0x1000n), 0x0005_0863);
  });

  it('refuses what does not fit', () => {
    for (const text of [
      'addi a0,a0,2048',
      'addi a0,b0,1',
      'slli a0,a0,64',
      'beqz a0,0x2001',
      'frobnicate a0',
      'ld a0',
    ]) {
      assert.equal(assemble(text), undefined, text);
    }
  });
});

describe('decode', () => {
  it('finds the instruction and the fields that were encoded', () => {
    for (const instruction of instructions) {
      // Some encodings with rd = 0 are another instruction's.
      const fields = Object.fromEntries(
        instruction.encoding.fields.map(({ name, bias }) => [name, name === 'rd' ? 1 : bias]),
      );
      const bits = insertFields(instruction.encoding, fields);
      assert.notEqual(bits, undefined, instruction.mnemonic);
      assert.deepEqual(decode(bits!), { instruction, fields, length: 4 });
    }
  });

  it('rejects reserved compressed encodings', () => {
    const reserved = [0x0000, 0x2001, 0x4002, 0x6002, 0x6101, 0x6081, 0x8002, 0x9c41 | 0x0020];
    for (const bits of reserved) assert.equal(decode(bits), undefined, bits.toString(16));
  });
});
