import assert from 'node:assert/strict';
import { Privilege } from '../api';
import {
  V,
  R,
  W,
  A,
  D,
  MIDDLE,
  LEAVES,
  PAGE,
  MEGA,
  DATA,
  CODE,
  entry,
  type PagedOptions,
  PagedHart,
  LOAD,
  STORE,
  without,
} from './paged-hart.test-support';

const { supervisor } = Privilege;

describe('Svnapot', () => {
  const N = 1n << 63n;
  /** Page 16 of LEAVES is the first of a naturally aligned 64 KiB; so is DATA. */
  const RANGE = PAGE + 0x10000n;

  function napot(bits: bigint, options?: PagedOptions): PagedHart {
    const test = new PagedHart(supervisor, LOAD, options);
    for (let index = 16; index < 32; index++) test.map(index, bits, DATA);
    return test;
  }

  it('maps 64 KiB with entries that are all the same', () => {
    const test = napot(N | V | R | (8n << 10n));
    for (const page of [0, 1, 8, 15]) {
      test.write64(DATA + page * 4096 + 8, BigInt(page));
      test.hart.setX(11, RANGE + BigInt(page * 4096 + 8));
      assert.equal(test.tryIt(), undefined);
      assert.equal(test.hart.getX(10), BigInt(page));
    }
  });

  it('forgets all of a range after sfence.vma for any page of it', () => {
    const test = napot(N | V | R | (8n << 10n));
    test.hart.setX(11, RANGE + 0x5000n);
    assert.equal(test.tryIt(), undefined);
    for (let index = 16; index < 32; index++) test.write64(LEAVES + index * 8, 0n);
    test.hart.fenceVma(RANGE + 0xf000n, 1n, undefined);
    assert.equal(test.tryIt(), 13n);
  });

  it('faults for sizes that are reserved, above the last level, in pointers, and without the extension', () => {
    for (const size of [0n, 1n, 2n, 4n, 9n, 12n, 15n]) {
      const test = napot(N | V | R | (size << 10n));
      test.hart.setX(11, RANGE);
      assert.equal(test.tryIt(), 13n, `ppn[3:0] = ${size}`);
    }
    const mega = new PagedHart(supervisor, LOAD);
    mega.write64(MIDDLE + 8, entry(0x8000_0000, N | V | R | (8n << 10n)));
    mega.hart.setX(11, MEGA);
    assert.equal(mega.tryIt(), 13n);
    const pointer = new PagedHart(supervisor, LOAD);
    pointer.map(0, V | R);
    pointer.write64(MIDDLE, entry(LEAVES, N | V));
    assert.equal(pointer.tryIt(), 13n);
    const absent = napot(N | V | R | (8n << 10n), { isa: without('svnapot') });
    absent.hart.setX(11, RANGE);
    assert.equal(absent.tryIt(), 13n);
  });
});

describe('Svpbmt', () => {
  const PBMTE = 1n << 62n;
  const withType = (type: bigint, options?: PagedOptions): PagedHart => {
    const test = new PagedHart(supervisor, LOAD, options);
    test.map(0, V | R | (type << 61n));
    return test;
  };

  it('takes the memory types NC and IO, and faults for the reserved one', () => {
    assert.deepEqual(
      [0n, 1n, 2n, 3n].map((type) => withType(type).tryIt()),
      [undefined, undefined, undefined, 13n],
    );
  });

  it('faults for a type in a pointer, with menvcfg.PBMTE clear, and without the extension', () => {
    const pointer = withType(0n);
    pointer.write64(MIDDLE, entry(LEAVES, V | (1n << 61n)));
    assert.equal(pointer.tryIt(), 13n);
    const off = withType(1n);
    off.setCsr('menvcfg', off.csr('menvcfg') & ~PBMTE);
    assert.equal(off.tryIt(), 13n);
    const absent = withType(1n, { isa: without('svpbmt') });
    assert.equal(absent.tryIt(), 13n);
    absent.setCsr('menvcfg', PBMTE);
    assert.equal(absent.csr('menvcfg') & PBMTE, 0n);
  });
});

describe('Svadu', () => {
  const ADUE = 1n << 61n;

  it('leaves A and D to software while menvcfg.ADUE is clear: what would set them faults', () => {
    const test = new PagedHart(supervisor, `${LOAD}\n${STORE}`);
    test.setCsr('menvcfg', test.csr('menvcfg') & ~ADUE);
    test.map(0, V | R | W);
    assert.equal(test.tryIt(), 13n);
    assert.equal(test.leaf(0), V | R | W);
    test.map(0, V | R | W | A);
    test.enter(supervisor, CODE);
    assert.equal(test.tryIt(), undefined);
    test.step();
    assert.deepEqual([test.csr('mcause'), test.csr('mtval')], [15n, PAGE + 8n]);
    assert.equal(test.leaf(0), V | R | W | A);
    test.setCsr('menvcfg', ADUE);
    test.enter(supervisor, CODE + 4n);
    test.step();
    assert.equal(test.leaf(0), V | R | W | A | D);
  });

  it('is off, and cannot be put on, without the extension', () => {
    const test = new PagedHart(supervisor, LOAD, { isa: without('svadu') });
    test.map(0, V | R);
    assert.equal(test.tryIt(), 13n);
    test.setCsr('menvcfg', ADUE);
    assert.equal(test.csr('menvcfg') & ADUE, 0n);
  });
});
