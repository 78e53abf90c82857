import assert from 'node:assert/strict';
import { examine, parseFormat } from './examine';

describe('the x command', () => {
  const memory = Uint8Array.from({ length: 32 }, (_, i) => (i < 4 ? 0xff : i));
  const read = (address: bigint, length: number): Uint8Array => {
    const start = Number(address) - 0x100;
    return start < 0 || start >= memory.length ? new Uint8Array() : memory.subarray(start, start + length);
  };
  const x = (format: string, address = 0x100n): string => examine(parseFormat(format)!, address, read);

  it('prints words in rows of 16 bytes', () => {
    assert.equal(x('', 0x108n), '0x108: 0x0f0e0d0c0b0a0908');
    assert.equal(x('3gx'), '0x100: 0x07060504ffffffff 0x0f0e0d0c0b0a0908\n0x110: 0x1716151413121110');
    assert.equal(x('2xw'), '0x100: 0xffffffff 0x07060504');
    assert.equal(x('2hd'), '0x100: -1 -1');
    assert.equal(x('4b', 0x104n), '0x104: 0x04 0x05 0x06 0x07');
  });

  it('says where memory ends', () => {
    assert.equal(x('4gx', 0x118n), '0x118: 0x1f1e1d1c1b1a1918\n0x120: cannot be read');
    assert.equal(x('2s', 0x200n), '0x200: cannot be read');
  });

  it('bounds the count and refuses other formats', () => {
    assert.equal(parseFormat('999999gx')!.count, 1000);
    for (const format of ['q', 'xg8', 'bgx4', 'wxw', '-1x'])
      assert.equal(parseFormat(format), undefined, format);
  });
});
