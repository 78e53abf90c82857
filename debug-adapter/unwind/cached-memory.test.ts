import assert from 'node:assert/strict';
import { cachedMemory } from './cached-memory';
import type { ReadMemory } from './types';

describe('cachedMemory', () => {
  /** Bytes are their address's lowest; nothing from 0x2800 on. */
  function counted(): { memory: ReadMemory; asked: string[] } {
    const asked: string[] = [];
    const read: ReadMemory = (address, length) => {
      asked.push(`${length} at ${address.toString(16)}`);
      if (address < 0n || address + BigInt(length) > 0x2800n) return undefined;
      return Uint8Array.from({ length }, (_, n) => Number((address + BigInt(n)) & 0xffn));
    };
    return { memory: cachedMemory((start) => read(start, 4096), read), asked };
  }

  it('asks for a page once, and gives what is in it', () => {
    const { memory, asked } = counted();
    assert.deepEqual(memory(0x1010n, 2), Uint8Array.of(0x10, 0x11));
    assert.deepEqual(memory(0x1ffen, 2), Uint8Array.of(0xfe, 0xff));
    assert.deepEqual(asked, ['4096 at 1000']);
  });

  it('goes from page to page and back without asking again, for one that is not there neither', () => {
    const { memory, asked } = counted();
    for (const address of [0x10n, 0x1010n, 0x3010n, 0x10n, 0x3010n, 0x1010n]) memory(address, 2);
    assert.deepEqual(
      asked.filter((question) => question.startsWith('4096')),
      ['4096 at 0', '4096 at 1000', '4096 at 3000'],
    );
  });

  it('reads what crosses a page, or lies in one that ends early, as it is asked for', () => {
    const { memory } = counted();
    assert.equal(memory(0xff8n, 16)?.length, 16);
    assert.equal(memory(0x2000n, 16)?.length, 16);
    assert.equal(memory(0x2800n, 16), undefined);
    assert.equal(memory(-8n, 8), undefined);
  });
});
