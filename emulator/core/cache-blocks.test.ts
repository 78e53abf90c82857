import assert from 'node:assert/strict';
import { implementedExtensions } from '../isa/extensions';
import { Core } from './core';
import { RAM_BASE } from './guest-memory';
import { TestHart } from './test-hart.test-support';

const HANDLER = BigInt(RAM_BASE + 0x4000);
const BLOCK = RAM_BASE + 0x8040;
const NOWHERE = 0x1_0000_0023n;

/** A hart at `source` with a1 set, in M-mode. */
function start(source: string, a1: bigint): TestHart {
  const test = new TestHart();
  test.load(source);
  test.setCsr('mtvec', HANDLER);
  test.hart.setX(11, a1);
  return test;
}

// What QEMU does differently from the manual, and what it does not show.
describe('cache-block instructions', () => {
  it('fault with the address in rs1, where there is no memory as stores do', () => {
    for (const mnemonic of ['cbo.zero', 'cbo.inval', 'cbo.clean', 'cbo.flush']) {
      const test = start(`${mnemonic} (a1)`, NOWHERE);
      test.step();
      assert.deepEqual([test.csr('mcause'), test.csr('mtval')], [7n, NOWHERE], mnemonic);
    }
  });

  it('zero their block and nothing else, the first time and again', () => {
    const test = start('cbo.zero (a1)\nsd a1,0(a1)\ncbo.zero (a1)', BigInt(BLOCK + 56));
    const around = () => [-8, 0, 56, 64].map((offset) => test.read64(BLOCK + offset));
    test.write64(BLOCK - 8, ...Array.from({ length: 10 }, () => 7n));
    test.step();
    assert.deepEqual(around(), [7n, 0n, 0n, 7n]);
    test.step();
    assert.deepEqual(around(), [7n, 0n, BigInt(BLOCK + 56), 7n]);
    test.step();
    assert.deepEqual(around(), [7n, 0n, 0n, 7n]);
  });

  it('zero code that has been executed: it is an illegal instruction then', () => {
    const test = start('jalr ra,0(a1)\ncbo.zero (a1)\njalr ra,0(a1)', BigInt(BLOCK));
    test.load('ret', BLOCK);
    test.step(4);
    assert.equal(test.csr('mcause'), 0n);
    test.step();
    assert.equal(test.csr('mcause'), 2n);
  });

  it('have fields in menvcfg and senvcfg if the machine has them, and CBIE never its reserved value', () => {
    const test = new TestHart();
    for (const name of ['menvcfg', 'senvcfg']) {
      test.setCsr(name, 0xf0n);
      assert.equal(test.csr(name) & 0xffn, 0xf0n);
      test.setCsr(name, 0xa0n);
      assert.equal(test.csr(name) & 0xffn, 0xb0n, name);
    }
    const without = new Set([...implementedExtensions].filter((name) => !/^zicbo[mz]$/.test(name)));
    const plain = new TestHart({}, new Core(1 << 20, without));
    for (const name of ['menvcfg', 'senvcfg']) {
      plain.setCsr(name, 0xf1n);
      assert.equal(plain.csr(name) & 0xffn, 1n, name);
    }
  });
});
