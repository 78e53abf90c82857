import assert from 'node:assert/strict';
import { Privilege } from '../api';
import { RAM_BASE } from './guest-memory';
import {
  V,
  R,
  W,
  X,
  U,
  A,
  D,
  MIDDLE,
  PAGE,
  MEGA,
  DATA,
  CODE,
  HANDLER,
  entry,
  PagedHart,
  LOAD,
  STORE,
  JUMP,
} from './paged-hart.test-support';

const { user, supervisor } = Privilege;

describe('page tables', () => {
  it('sets A on loads and D on stores, and neither when the access faults', () => {
    const test = new PagedHart(supervisor, `${LOAD}\n${STORE}`);
    test.map(0, V | R | W);
    test.write64(DATA + 8, 42n);
    test.step();
    assert.equal(test.hart.getX(10), 42n);
    assert.equal(test.leaf(0), V | R | W | A);
    test.step();
    assert.equal(test.leaf(0), V | R | W | A | D);

    const denied = new PagedHart(supervisor, STORE);
    denied.map(0, V | R);
    assert.equal(denied.tryIt(), 15n);
    assert.equal(denied.csr('mtval'), PAGE + 8n);
    assert.equal(denied.leaf(0), V | R);
  });

  const verdicts: readonly [
    what: string,
    bits: bigint,
    privilege: Privilege,
    source: string,
    status: bigint,
    cause?: bigint,
  ][] = [
    ['a page that is not valid', R | W, supervisor, LOAD, 0n, 13n],
    ['a write-only page', V | W, supervisor, LOAD, 0n, 13n],
    ['a pointer in the last level', V, supervisor, LOAD, 0n, 13n],
    ['reserved bits', V | R | (1n << 54n), supervisor, LOAD, 0n, 13n],
    ['a load from a page that is only executable', V | X, supervisor, LOAD, 0n, 13n],
    ['the same with MXR', V | X, supervisor, LOAD, 1n << 19n],
    ['a user page in S-mode', V | R | U, supervisor, LOAD, 0n, 13n],
    ['the same with SUM', V | R | U, supervisor, LOAD, 1n << 18n],
    ['executing a user page in S-mode with SUM', V | R | X | U, supervisor, JUMP, 1n << 18n, 12n],
    ['a user page in U-mode', V | R | U, user, LOAD, 0n],
    ['a supervisor page in U-mode', V | R, user, LOAD, 0n, 13n],
    ['executing a page without X', V | R, supervisor, JUMP, 0n, 12n],
    ['storing to a read-only page', V | R | X, supervisor, STORE, 0n, 15n],
  ];
  for (const [what, bits, privilege, source, status, cause] of verdicts) {
    it(`${cause === undefined ? 'allows' : 'faults for'} ${what}`, () => {
      const test = new PagedHart(privilege, source);
      test.setCsr('sstatus', status);
      test.map(0, bits);
      let result = test.tryIt();
      if (source === JUMP && result === undefined) {
        test.step();
        result = test.hart.pc === HANDLER ? test.csr('mcause') : undefined;
      }
      assert.equal(result, cause);
      if (cause !== undefined) assert.equal(test.csr('mtval'), PAGE + 8n);
    });
  }

  it('faults for addresses whose bits 63:39 are not copies of bit 38', () => {
    const test = new PagedHart(supervisor, LOAD);
    test.map(0, V | R);
    test.hart.setX(11, PAGE | (1n << 40n));
    assert.equal(test.tryIt(), 13n);
    assert.equal(test.csr('mtval'), PAGE | (1n << 40n));
  });

  it('maps superpages, and faults for misaligned ones', () => {
    const test = new PagedHart(supervisor, LOAD);
    test.write64(MIDDLE + 8, entry(RAM_BASE, V | R));
    test.write64(DATA + 0x18, 7n);
    test.hart.setX(11, MEGA + 0x20018n);
    assert.equal(test.tryIt(), undefined);
    assert.equal(test.hart.getX(10), 7n);

    const misaligned = new PagedHart(supervisor, LOAD);
    misaligned.write64(MIDDLE + 8, entry(DATA, V | R));
    misaligned.hart.setX(11, MEGA);
    assert.equal(misaligned.tryIt(), 13n);
  });

  it('lends M-mode the rights of MPP through MPRV for loads, not for fetches', () => {
    const test = new PagedHart(supervisor, LOAD);
    test.map(0, V | R);
    test.write64(DATA + 8, 9n);
    test.enter(Privilege.machine, CODE);
    test.setCsr('mstatus', (1n << 17n) | (1n << 11n));
    assert.equal(test.tryIt(), undefined);
    assert.equal(test.hart.getX(10), 9n);
    assert.equal(test.hart.privilege, Privilege.machine);
  });

  it('translates for a debugger without setting A', () => {
    const test = new PagedHart(supervisor, LOAD);
    test.map(0, V | R | U);
    assert.equal(test.hart.translate(PAGE + 0x123n), DATA + 0x123);
    assert.equal(test.hart.translate(PAGE + 0x5000n), undefined);
    assert.equal(test.leaf(0), V | R | U);
    assert.equal(test.hart.bare, false);
  });
});
