import assert from 'node:assert/strict';
import { Privilege } from '../api';
import { RAM_BASE } from './guest-memory';
import {
  V,
  R,
  G,
  A,
  ROOT,
  MIDDLE,
  LEAVES,
  PAGE,
  MEGA,
  DATA,
  entry,
  PagedHart,
  LOAD,
} from './paged-hart.test-support';

const { supervisor } = Privilege;

describe('translations that are kept', () => {
  it('uses a new mapping after sfence.vma for its address, its address space, or all', () => {
    for (const [fence, a2] of [
      ['sfence.vma a1', 0n],
      ['sfence.vma a1,a2', 1n],
      ['sfence.vma zero,a2', 1n],
      ['sfence.vma', 0n],
    ] as const) {
      const test = new PagedHart(supervisor, `${LOAD}\n${fence}\n${LOAD}`);
      test.map(0, V | R, DATA);
      test.write64(DATA + 8, 1n);
      test.write64(DATA + 0x1008, 2n);
      test.hart.setX(12, a2);
      test.step();
      assert.equal(test.hart.getX(10), 1n);
      test.write64(LEAVES, entry(DATA + 0x1000, V | R));
      test.step(2);
      assert.equal(test.hart.getX(10), 2n, fence);
    }
  });

  it('uses a new mapping of a device after sfence.vma, and asks for each kind of access', () => {
    const readDevice = (_: number, address: number): bigint => BigInt(address);
    for (const fence of ['sfence.vma a1', 'sfence.vma a1,a2', 'sfence.vma zero,a2', 'sfence.vma']) {
      const source = `${LOAD}\n${fence}\n${LOAD}\nsd a0,0(a1)`;
      const test = new PagedHart(supervisor, source, { board: { readDevice, writeDevice: () => true } });
      test.map(0, V | R, 0x1000_0000);
      test.hart.setX(12, 1n);
      test.step();
      assert.equal(test.hart.getX(10), 0x1000_0008n);
      test.write64(LEAVES, entry(0x2000_0000, V | R));
      test.step(2);
      assert.equal(test.hart.getX(10), 0x2000_0008n, fence);
      test.step();
      assert.equal(test.csr('mcause'), 15n);
    }
  });

  it('uses a new superpage mapping after sfence.vma for any address in it', () => {
    const test = new PagedHart(supervisor, `${LOAD}\nsfence.vma a2\n${LOAD}`);
    test.write64(MIDDLE + 8, entry(RAM_BASE, V | R | A));
    test.hart.setX(11, MEGA + 0x20000n);
    test.hart.setX(12, MEGA + 0x5000n);
    test.write64(DATA, 1n);
    test.step();
    assert.equal(test.hart.getX(10), 1n);
    test.write64(MIDDLE + 8, 0n);
    test.step(2);
    assert.equal(test.csr('mcause'), 13n);
  });

  it('keeps address spaces apart and finds global pages in each', () => {
    const test = new PagedHart(supervisor, `${LOAD}\ncsrw satp,a3\n${LOAD}\nld a4,0(a5)`);
    const otherRoot = RAM_BASE + 0x14000;
    test.map(0, V | R, DATA);
    test.map(1, V | R | G, DATA + 0x2000);
    test.write64(DATA + 8, 1n);
    test.write64(DATA + 0x1008, 2n);
    test.write64(DATA + 0x2008, 3n);
    test.write64(otherRoot + 16, test.read64(ROOT + 16), 0n);
    test.write64(otherRoot + 8, entry(otherRoot + 0x1000, V));
    test.write64(otherRoot + 0x1000, entry(otherRoot + 0x2000, V));
    test.write64(otherRoot + 0x2000, entry(DATA + 0x1000, V | R), entry(DATA + 0x2000, V | R | G));
    test.hart.setX(13, (8n << 60n) | (2n << 44n) | BigInt(otherRoot / 4096));
    test.hart.setX(15, PAGE + 0x1008n);
    test.step();
    assert.equal(test.hart.getX(10), 1n);
    test.step(2);
    assert.equal(test.hart.getX(10), 2n);
    test.step();
    assert.equal(test.hart.getX(14), 3n);
  });
});
