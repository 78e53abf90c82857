import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Overlay } from './overlay';

const image = Uint8Array.from({ length: 20_000 }, (_, index) => (index * 13) & 0xff);
const base = {
  size: image.length,
  read: (offset: number, target: Uint8Array) => {
    assert.ok(offset + target.length <= image.length);
    target.set(image.subarray(offset, offset + target.length));
    return true;
  },
};

describe('overlay of a disk', () => {
  it('reads like a copy of the image that was written to', () => {
    const size = Math.ceil(image.length / 512) * 512;
    const write = fc
      .record({ offset: fc.nat(size - 1), length: fc.nat(9000), byte: fc.nat(255) })
      .map(({ offset, length, byte }) => ({
        offset,
        data: new Uint8Array(Math.min(length, size - offset)).fill(byte),
      }));
    fc.assert(
      fc.property(fc.array(write, { maxLength: 8 }), fc.nat(size), (writes, from) => {
        const overlay = new Overlay(base);
        const model = new Uint8Array(size);
        model.set(image);
        for (const { offset, data } of writes) {
          model.set(data, offset);
          assert.equal(overlay.write(offset, data), true);
        }
        const all = new Uint8Array(size - from);
        assert.equal(overlay.read(from, all), true);
        assert.deepEqual(all, model.subarray(from));
      }),
    );
  });

  it('takes no more blocks than it is allowed, and keeps what it has', () => {
    const overlay = new Overlay(base, 8192);
    assert.equal(overlay.write(4000, new Uint8Array(200).fill(1)), true);
    assert.equal(overlay.write(9000, Uint8Array.of(1)), false);
    assert.equal(overlay.write(0, new Uint8Array(8192).fill(2)), true);
    const [byte, beyond] = [new Uint8Array(1), new Uint8Array(1)];
    overlay.read(8191, byte);
    overlay.read(9000, beyond);
    assert.deepEqual([byte[0], beyond[0]], [2, image[9000]]);
  });

  it('passes on that the image cannot be read', () => {
    const overlay = new Overlay({ size: 8192, read: () => false });
    assert.equal(overlay.read(0, new Uint8Array(512)), false);
    assert.equal(overlay.write(0, new Uint8Array(512)), false);
  });
});
