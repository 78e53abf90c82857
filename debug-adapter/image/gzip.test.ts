import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { gunzip, isGzip } from './gzip';

describe('gzip', () => {
  const text = new Uint8Array(Buffer.from('Linux version 7.3 '.repeat(300_000)));
  const packed = new Uint8Array(gzipSync(text));

  it('is unpacked to what zlib packed', async () => {
    assert.ok(isGzip(packed));
    assert.ok(Buffer.from(await gunzip(packed)).equals(text));
    assert.equal((await gunzip(new Uint8Array(gzipSync('')))).length, 0);
  });

  it('is unpacked from the middle of a buffer', async () => {
    const within = new Uint8Array(packed.length + 20);
    within.set(packed, 7);
    assert.equal((await gunzip(within.subarray(7, 7 + packed.length))).length, text.length);
  });

  it('is refused wherever it is cut or changed', async () => {
    const small = new Uint8Array(gzipSync('a kernel that is not one, a kernel that is not one'));
    for (let length = 3; length < small.length; length++) {
      await assert.rejects(gunzip(small.subarray(0, length)), /incomplete/, `cut to ${length}`);
    }
    // Bytes 4 to 9 of the header are time, level and system.
    for (let at = 10; at < small.length; at++) {
      const changed = Uint8Array.from(small);
      changed[at]! ^= 0x55;
      await assert.rejects(gunzip(changed), { name: 'ImageError' }, `changed at ${at}`);
    }
  });

  it('is never unpacked to more than the limit', async () => {
    await assert.rejects(gunzip(packed, { limit: text.length - 1 }), /unpacks to 5400000 bytes, more than/);
    const lying = Uint8Array.from(packed);
    new DataView(lying.buffer).setUint32(lying.length - 4, 100, true);
    await assert.rejects(gunzip(lying, { limit: 100 }), /damaged/);
    new DataView(lying.buffer).setUint32(lying.length - 4, 0xffff_ffff, true);
    await assert.rejects(gunzip(lying), /damaged/, 'no room is made for what cannot be there');
  });

  it('gives bytes or an error for any input', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
        const bytes = Uint8Array.from([0x1f, 0x8b, 8, ...noise]);
        await gunzip(bytes).then(
          () => undefined,
          (error: unknown) => assert.equal((error as Error).name, 'ImageError'),
        );
      }),
    );
  });

  it('stops when it is cancelled', async () => {
    const reason = new Error('cancelled');
    await assert.rejects(gunzip(packed, { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const unpacking = gunzip(packed, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(unpacking, reason);
  });
});
