import assert from 'node:assert/strict';
import { cachedMemory } from './cached-memory';
import type { ReadMemory } from './types';

describe('cachedMemory', () => {
  /** Bytes are their address's lowest; nothing from 0x2800 on. */
  function counted(): { read: ReadMemory; reads: string[] } {
    const reads: string[] = [];
    const read: ReadMemory = (address, length) => {
      reads.push(`${length} at ${address.toString(16)}`);
      if (address < 0n || address + BigInt(length) > 0x2800n) return undefined;
      return Uint8Array.from({ length }, (_, n) => Number((address + BigInt(n)) & 0xffn));
    };
    return { read, reads };
  }

  it('reads a page once, and gives what is in it', () => {
    const { read, reads } = counted();
    const memory = cachedMemory(read);
    assert.deepEqual(memory(0x1010n, 2), Uint8Array.of(0x10, 0x11));
    assert.deepEqual(memory(0x1ffen, 2), Uint8Array.of(0xfe, 0xff));
    assert.deepEqual(reads, ['4096 at 1000']);
  });

  it('reads what crosses a page, or lies in one that ends early, as it is asked for', () => {
    const { read } = counted();
    const memory = cachedMemory(read);
    assert.equal(memory(0xff8n, 16)?.length, 16);
    assert.equal(memory(0x2000n, 16)?.length, 16);
    assert.equal(memory(0x2800n, 16), undefined);
    assert.equal(memory(-8n, 8), undefined);
  });
});
