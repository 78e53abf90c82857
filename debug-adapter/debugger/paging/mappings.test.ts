import assert from 'node:assert/strict';
import { mappingsFrom } from './mappings';
import { mappingsText } from './walk-text';

const V = 1n;
const RWX = 0xen;
const AD = 0xc0n;
const root = 0x8000_0000n;

/** Tables by physical address, each with the entries given. */
function tables(content: Readonly<Record<string, Readonly<Record<number, bigint>>>>) {
  return {
    mode: { name: 'Sv39', levels: 3 } as const,
    root,
    napot: true,
    pbmte: false,
    readPhysical: (address: bigint) => {
      const entries = content[`0x${address.toString(16)}`];
      if (!entries) return undefined;
      const words = new BigUint64Array(512);
      for (const [index, bits] of Object.entries(entries)) words[Number(index)] = bits;
      return new Uint8Array(words.buffer);
    },
  };
}

const page = (physical: bigint, bits: bigint): bigint => (physical >> 2n) | bits;

describe('mappings of an address space', () => {
  const given = tables({
    '0x80000000': {
      0: page(0x8000_1000n, V),
      2: page(0x8000_0000n, V | RWX | AD),
      511: page(0x8000_2000n, V),
    },
    '0x80001000': {
      0: page(0x8000_3000n, V),
      1: page(0x8020_0000n, V | RWX | AD),
      2: page(0x8040_0000n, V | RWX | AD),
    },
    '0x80002000': { 511: page(0x8060_0000n, V | 2n), 510: 0xfffn, 509: page(0x8060_1000n, V | 2n) },
    '0x80003000': {
      1: page(0x8000_5000n, V | 0x12n),
      2: page(0x8000_6000n, V | 0x12n),
      3: page(0x8000_6000n, V | 0x12n),
      ...Object.fromEntries(
        Array.from({ length: 16 }, (_, i) => [16 + i, page(0x8001_8000n, V | 2n) | (1n << 63n)]),
      ),
    },
  });

  it('are one range where virtual and physical pages are neighbours with the same flags', () => {
    const { ranges, next } = mappingsFrom(0n, given, 100);
    assert.equal(next, undefined);
    assert.equal(
      mappingsText({ ranges, next }),
      [
        'virtual             physical      size   flags',
        '0x0000000000001000  0x0080005000  8 KiB  V R--U---',
        '0x0000000000003000  0x0080006000  4 KiB  V R--U---',
        '0x0000000000010000  0x0080010000  64 KiB  V R------ N',
        '0x0000000000200000  0x0080200000  4 MiB  V RWX--AD',
        '0x0000000080000000  0x0080000000  1 GiB  V RWX--AD',
        '0xffffffffffe00000  0x0080600000  2 MiB  V R------',
      ]
        .join('\n')
        .replace(/(\d+ [KMG]iB|size) +/g, (cell) => `${cell.trim().padEnd(6)}  `),
    );
  });

  it('are listed a part at a time', () => {
    const first = mappingsFrom(0n, given, 2);
    assert.equal(first.ranges.length, 2);
    assert.equal(first.next, 0x1_0000n);
    const rest = mappingsFrom(first.next, given, 100);
    assert.deepEqual([...first.ranges, ...rest.ranges], mappingsFrom(0n, given, 100).ranges);
    assert.deepEqual(
      mappingsFrom(0xffff_ffff_0000_0000n, given, 100).ranges.map(({ virtual }) => virtual),
      [0xffff_ffff_ffe0_0000n],
    );
  });

  it('end somewhere though tables point to themselves', () => {
    const endless = tables({
      '0x80000000': Object.fromEntries(Array.from({ length: 512 }, (_, i) => [i, page(root, V)])),
    });
    const { ranges, next } = mappingsFrom(0n, { ...endless, mode: { name: 'Sv57', levels: 5 } }, 10);
    assert.deepEqual(ranges, []);
    assert.notEqual(next, undefined);
  });
});
