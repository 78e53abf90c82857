import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteReader, stringAt } from './byte-reader';

/** LEB128 of a number (DWARF 5 appendix C). */
function leb(value: bigint, signed: boolean): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = signed ? rest === (low & 0x40 ? -1n : 0n) : rest === 0n;
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

describe('ByteReader', () => {
  it('reads LEB128 of every size back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const bytes = Uint8Array.from(leb(value, false));
        assert.equal(new ByteReader(bytes).uleb64(), value);
        const reader = new ByteReader(bytes);
        const small = reader.uleb();
        if (value < 2n ** 53n) assert.equal(small, Number(value));
        else assert.ok(reader.failed(), 'a count that no file can have');
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const bytes = Uint8Array.from(leb(value, true));
        assert.equal(new ByteReader(bytes).sleb64(), value);
        const reader = new ByteReader(bytes);
        const small = reader.sleb();
        if (value > -(2n ** 53n) && value < 2n ** 53n) assert.equal(small, Number(value));
        else assert.ok(reader.failed(), 'a distance that no file can have');
      }),
      // Negative, odd, and of so many bytes that the sum without its sign is beyond 2^53; then the last ones that are read.
      { examples: [[-283590119626265n], [1n - 2n ** 53n], [2n ** 53n - 1n], [-(2n ** 53n)], [2n ** 53n]] },
    );
  });

  it('gives zeros and stays failed once it has read past the end', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3));
    assert.equal(reader.u16(), 0x0201);
    assert.equal(reader.u32(), 0);
    assert.deepEqual([reader.failed(), reader.more(), reader.u8()], [true, false, 0]);
    assert.ok(new ByteReader(Uint8Array.of(1), 5).failed());
    assert.ok(new ByteReader(Uint8Array.of(1), Number.NaN).failed());
    const endless = new ByteReader(new Uint8Array(20).fill(0x80));
    assert.deepEqual([endless.uleb(), endless.failed()], [0, true]);
  });

  it('finds no string that does not end inside its section', () => {
    const section = new TextEncoder().encode('ab\0größe\0cut');
    assert.equal(stringAt(section, 1, 100), 'b');
    assert.equal(stringAt(section, 3, 100), 'größe');
    assert.equal(stringAt(section, 11, 100), undefined);
    assert.equal(stringAt(section, 99, 100), undefined);
    assert.equal(stringAt(section, -1, 100), undefined);
  });
});
