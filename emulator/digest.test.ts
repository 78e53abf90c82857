import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Digest } from './digest';

const digestOf = (values: readonly (number | bigint)[], memory?: Uint8Array): string => {
  const digest = new Digest();
  digest.add(values);
  if (memory) digest.addMemory(memory);
  return digest.hex();
};

describe('digest', () => {
  it('is 32 hexadecimal digits and the same for the same input', () => {
    assert.match(digestOf([1, 2n]), /^[0-9a-f]{32}$/);
    assert.equal(digestOf([1, 2n]), digestOf([1, 2n]));
  });

  it('differs for each single bit of a value', () => {
    const seen = new Set([digestOf([0n])]);
    for (let bit = 0n; bit < 64n; bit++) seen.add(digestOf([1n << bit]));
    for (let bit = 0; bit < 53; bit++) seen.add(digestOf([2 ** bit]));
    assert.equal(seen.size, 1 + 64 + 53);
  });

  it('differs for the order and the number of values', () => {
    assert.notEqual(digestOf([1, 2]), digestOf([2, 1]));
    assert.notEqual(digestOf([0]), digestOf([0, 0]));
  });

  it('sees each bit of memory and the page it is in', () => {
    fc.assert(
      fc.property(fc.nat(8 * 3 * 4096 - 1), fc.nat(8 * 3 * 4096 - 1), (a, b) => {
        const withBit = (bit: number) => {
          const memory = new Uint8Array(3 * 4096);
          memory[bit >> 3] = 1 << (bit & 7);
          return digestOf([], memory);
        };
        assert.equal(withBit(a) === withBit(b), a === b);
        assert.notEqual(withBit(a), digestOf([], new Uint8Array(3 * 4096)));
      }),
    );
  });
});
