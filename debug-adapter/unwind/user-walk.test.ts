import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StackImage } from './stack-image.test-support';
import { walkUser } from './user-walk';

const low = 0x3f_0000_0000n;
const isUser = (address: bigint) => address > 0n && address < 1n << 38n;

/** jalr ra,0(t1) in both halves of a word, or c.jalr t1 behind something else. */
const calls = [0x0003_00e7_0003_00e7n, 0x9302_0001_9302_0001n];

/** A stack, and text in which a call stands before each of the tests' return addresses. */
function userStack(): StackImage {
  const image = new StackImage();
  image.add('task', low, 0x4000n);
  image.add('task', 0x1_0000n, 0x1000n);
  [0x1_0100n, 0x1_0200n, 0x1_0300n].forEach((ra, n) => image.write(ra - 8n, calls[n % 2]!));
  return image;
}

describe('walkUser', () => {
  it('gives the pc, ra where it is none of a record, and the return addresses of records', () => {
    const image = userStack();
    image.record(low + 0x100n, low + 0x200n, 0x1_0200n);
    image.record(low + 0x200n, 0n, 0x1_0300n);
    const registers = { pc: 0x1_0000n, ra: 0x1_0100n, fp: low + 0x100n };
    assert.deepEqual(walkUser(registers, image.memory, isUser), [
      { pc: 0x1_0000n, from: 'pc' },
      { pc: 0x1_0100n, from: 'ra' },
      { pc: 0x1_0200n, from: 'record' },
      { pc: 0x1_0300n, from: 'record' },
    ]);
    assert.equal(walkUser({ ...registers, ra: 0x1_0200n }, image.memory, isUser).length, 3);
  });

  it('ends where s0 is no frame pointer, leads into the kernel, or leads nowhere', () => {
    const image = userStack();
    image.record(low + 0x100n, low + 0x80n, 0x1_0200n);
    for (const fp of [0n, 8n, low + 0x101n, 0xffff_ffff_8000_0000n, low + 0x300n])
      assert.equal(walkUser({ pc: 1n, ra: 0n, fp }, image.memory, isUser).length, 1);
    assert.equal(walkUser({ pc: 1n, ra: 0n, fp: low + 0x100n }, image.memory, isUser).length, 2);
    assert.equal(walkUser({ pc: 1n, ra: 0n, fp: low + 0x100n }, () => undefined, isUser).length, 1);
  });

  it('takes nothing for a return address that no call stands before', () => {
    const image = userStack();
    image.record(low + 0x100n, low + 0x200n, 0x1_0204n);
    const frames = walkUser({ pc: 0x1_0000n, ra: 0x1_0400n, fp: low + 0x100n }, image.memory, isUser);
    assert.deepEqual(frames, [{ pc: 0x1_0000n, from: 'pc' }]);
  });

  it('ends whatever memory holds', () => {
    const word = fc.oneof(
      fc.bigInt(0n, (1n << 64n) - 1n),
      fc.bigInt(1n, 0x800n).map((n) => low + 8n * n),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 2 }), word, (words, fp) => {
        const memory = (address: bigint, length: number) => {
          if (length === 4) return Uint8Array.of(0, 0, 0x02, 0x93);
          const view = new DataView(new ArrayBuffer(length));
          for (let at = 0; at < length; at += 8)
            view.setBigUint64(
              at,
              words[Number((address / 8n + BigInt(at / 8)) % BigInt(words.length))]!,
              true,
            );
          return new Uint8Array(view.buffer);
        };
        assert.ok(walkUser({ pc: 1n, ra: 1n, fp }, memory, isUser).length <= 66);
      }),
    );
  });
});
