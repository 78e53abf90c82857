import assert from 'node:assert/strict';
import { constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { inflateZlib } from './inflate';

const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;

describe('inflateZlib', () => {
  it('unpacks what zlib packs, with every kind of block', () => {
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      // Repetitive data makes long matches; its alphabet is small, as that of debug information is.
      fc
        .array(fc.uint8Array({ maxLength: 12 }), { maxLength: 20 })
        .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part, ...part, ...part]))),
    );
    const options = fc.record({
      level: fc.integer({ min: 0, max: 9 }),
      strategy: fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE),
    });
    fc.assert(
      fc.property(data, options, (bytes, how) => {
        assert.deepEqual(inflateZlib(deflateSync(bytes, how), bytes.length), Uint8Array.from(bytes));
      }),
      { numRuns: 60 },
    );
  });

  it('unpacks long streams of many blocks', () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> (i % 13));
    assert.deepEqual(inflateZlib(deflateSync(bytes), bytes.length), bytes);
  });

  it('gives nothing for streams that are damaged, cut short, or of another size than they claim', () => {
    const bytes = new TextEncoder().encode('frame record '.repeat(50));
    const packed = deflateSync(bytes);
    assert.equal(inflateZlib(packed, bytes.length + 1), undefined);
    assert.equal(inflateZlib(packed, bytes.length - 1), undefined);
    assert.equal(inflateZlib(packed, 2 ** 50), undefined);
    assert.equal(inflateZlib(new Uint8Array(0), 1), undefined);
    assert.equal(inflateZlib(packed.subarray(0, packed.length >> 1), bytes.length), undefined);
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Uint8Array.from(packed);
        damaged[at]! ^= flip;
        const result = inflateZlib(damaged, bytes.length);
        assert.ok(result === undefined || result.length === bytes.length);
      }),
      { numRuns: 200 },
    );
  });
});
