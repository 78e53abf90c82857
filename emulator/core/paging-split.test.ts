import assert from 'node:assert/strict';
import { Privilege } from '../api';
import { V, R, W, PAGE, DATA, PagedHart, LOAD, STORE } from './paged-hart.test-support';

const { supervisor } = Privilege;

describe('accesses across pages', () => {
  it('gives the second half of a split access its own address, and does nothing before both are translated', () => {
    for (const [source, cause] of [
      [LOAD, 13n],
      [STORE, 15n],
    ] as const) {
      const test = new PagedHart(supervisor, source);
      test.map(0, V | R | W);
      test.write64(DATA + 0xff8, 0x1122_3344_5566_7788n);
      test.hart.setX(10, 0n);
      test.hart.setX(11, PAGE + 0xffcn);
      assert.equal(test.tryIt(), cause);
      assert.equal(test.csr('mtval'), PAGE + 0x1000n);
      assert.equal(test.read64(DATA + 0xff8), 0x1122_3344_5566_7788n);
    }
  });

  it('joins a split access whose pages lie apart', () => {
    const test = new PagedHart(supervisor, `${STORE}\n${LOAD}`);
    test.map(0, V | R | W, DATA);
    test.map(1, V | R | W, DATA + 0x5000);
    test.hart.setX(10, 0x0102_0304_0506_0708n);
    test.hart.setX(11, PAGE + 0xffdn);
    test.step();
    assert.equal(test.read64(DATA + 0xff8) >> 40n, 0x06_0708n);
    assert.equal(test.read64(DATA + 0x5000) & 0xff_ffff_ffffn, 0x01_0203_0405n);
    test.hart.setX(10, 0n);
    test.step();
    assert.equal(test.hart.getX(10), 0x0102_0304_0506_0708n);
  });

  it('finds both halves of an access across pages that are not neighbours in memory', () => {
    const test = new PagedHart(supervisor, `${LOAD}\nld a2,0(a1)\nsd a2,0(a1)`);
    test.map(0, V | R | W, DATA);
    test.map(1, V | R | W, DATA + 0x3000);
    test.write64(DATA + 0xff8, 0x4433_2211_0000_0000n);
    test.write64(DATA + 0x3000, 0x8877_6655n);
    for (const page of [PAGE, PAGE + 0x1000n]) {
      // Both pages are in the TLB when the access comes that touches both.
      test.hart.setX(11, page);
      test.tryIt();
    }
    test.hart.setX(11, PAGE + 0xffcn);
    test.step();
    assert.equal(test.hart.getX(12), 0x8877_6655_4433_2211n);
    test.hart.setX(12, 0x1122_3344_5566_7788n);
    test.step();
    assert.equal(test.read64(DATA + 0xff8), 0x5566_7788_0000_0000n);
    assert.equal(test.read64(DATA + 0x3000), 0x1122_3344n);
  });
});
