import assert from 'node:assert/strict';
import { Privilege } from '../api';
import { Core } from './core';
import {
  V,
  R,
  LEAVES,
  PAGE,
  DATA,
  CODE,
  entry,
  roots,
  PagedHart,
  LOAD,
  without,
} from './paged-hart.test-support';
import { TestHart } from './test-hart.test-support';

const { supervisor } = Privilege;

describe('Sv48 and Sv57', () => {
  for (const [mode, bits] of [
    [8, 39],
    [9, 48],
    [10, 57],
  ] as const) {
    it(`translate ${bits} bits with satp.MODE = ${mode}, and fault for all others`, () => {
      const test = new PagedHart(supervisor, LOAD, { mode });
      test.map(0, V | R);
      test.write64(DATA + 8, 42n);
      assert.equal(test.tryIt(), undefined);
      assert.equal(test.hart.getX(10), 42n);
      for (let bit = bits; bit < 64; bit++) {
        const address = PAGE | (1n << BigInt(bit));
        test.hart.setX(11, address);
        assert.equal(test.tryIt(), 13n, `bit ${bit}`);
        assert.equal(test.csr('mtval'), address);
        test.enter(supervisor, CODE);
      }
      // The highest bit makes all above it ones. Entry 256 of the root maps a superpage.
      const first = mode === 8 ? 0x8000_0000 : 0;
      test.write64(roots[mode] + 256 * 8, entry(first, V | R));
      test.hart.fenceVma(undefined, undefined, undefined);
      test.hart.setX(11, BigInt.asUintN(64, -1n << BigInt(bits - 1)) + BigInt(DATA - first) + 8n);
      test.hart.setX(10, 0n);
      assert.equal(test.tryIt(), undefined);
      assert.equal(test.hart.getX(10), 42n);
    });

    it(`need the extension: without it satp keeps its value (MODE = ${mode})`, () => {
      const names = { 8: ['sv39', 'sv48', 'sv57'], 9: ['sv48', 'sv57'], 10: ['sv57'] }[mode];
      const test = new TestHart({}, new Core(1 << 20, without(...names)));
      test.setCsr('satp', BigInt(mode) << 60n);
      assert.equal(test.csr('satp'), 0n);
    });
  }

  it('forget single pages in all parts of the address space', () => {
    for (const [mode, bits] of [
      [8, 39],
      [9, 48],
      [10, 57],
    ] as const) {
      const test = new PagedHart(supervisor, `${LOAD}\nsfence.vma a1\n${LOAD}`, { mode });
      // The upper half of the address space shows the lower one again.
      const address = PAGE + BigInt.asUintN(64, -1n << BigInt(bits - 1)) + 8n;
      for (let index = 0; index < 4; index++) {
        test.write64(roots[mode] + (256 + index) * 8, test.read64(roots[mode] + index * 8));
      }
      test.hart.setX(11, address);
      test.map(0, V | R);
      assert.equal(test.tryIt(), undefined);
      test.write64(LEAVES, 0n);
      test.step(2);
      assert.deepEqual([test.csr('mcause'), test.csr('mtval')], [13n, address]);
    }
  });

  it('map superpages of 512 GiB and 256 TiB, and fault for misaligned ones', () => {
    for (const [mode, pages] of [
      [9, 2n ** 27n],
      [10, 2n ** 36n],
    ] as const) {
      const test = new PagedHart(supervisor, LOAD, { mode });
      test.write64(DATA + 8, 42n);
      // The second entry of the root maps physical memory from 0.
      test.write64(roots[mode] + 8, V | R);
      test.hart.setX(11, pages * 4096n + BigInt(DATA) + 8n);
      assert.equal(test.tryIt(), undefined);
      assert.equal(test.hart.getX(10), 42n);
      assert.equal(test.hart.translate(pages * 4096n + BigInt(DATA)), DATA);
      test.write64(roots[mode] + 8, entry(0, V | R) | ((pages / 2n) << 10n));
      test.hart.fenceVma(undefined, undefined, undefined);
      assert.equal(test.tryIt(), 13n);
    }
  });
});
