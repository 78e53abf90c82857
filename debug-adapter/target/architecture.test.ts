import assert from 'node:assert/strict';
import { architecture } from './architecture';

describe('the disassembler of the target', () => {
  it('needs all bytes of an instruction', () => {
    const addi = Uint8Array.of(0x13, 0x01, 0x01, 0xfe);
    assert.equal(architecture.disassemble(addi, 0n)?.text, 'addi sp,sp,-32');
    assert.equal(architecture.disassemble(addi.subarray(0, 3), 0n), undefined);
    assert.equal(architecture.disassemble(Uint8Array.of(0x82, 0x80), 0n)?.text, 'ret');
    assert.equal(architecture.disassemble(Uint8Array.of(0x82), 0n), undefined);
  });

  it('names registers by their ABI names', () => {
    assert.deepEqual(
      [0, 1, 2, 8, 10, 31].map((index) => architecture.registerName(index)),
      ['zero', 'ra', 'sp', 's0', 'a0', 't6'],
    );
  });
});
