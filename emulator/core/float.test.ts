import assert from 'node:assert/strict';
import { Privilege } from '../api';
import { csrNumber } from '../isa/csr-names';
import { parseIsa } from '../isa/extensions';
import { instructions } from '../isa/table';
import { Core } from './core';
import { RAM_BASE } from './guest-memory';
import { TestHart } from './test-hart.test-support';

const START = BigInt(RAM_BASE);
const DATA = RAM_BASE + 0x8000;
const FS = 3n << 13n;
const SD = 1n << 63n;
const [off, initial, clean, dirty] = [0n, 1n << 13n, 2n << 13n, FS];
const ILLEGAL = 2n;
const A0 = 10;
const FA0 = 10;
const FA1 = 11;
const ONE = 0x3ff0_0000_0000_0000n;
const BOX = 0xffff_ffff_0000_0000n;

function withExtensions(isa: string): TestHart {
  const result = parseIsa(isa);
  assert.ok('extensions' in result);
  return new TestHart({}, new Core(1 << 20, result.extensions));
}

describe('the floating-point unit', () => {
  const test = new TestHart();
  const { hart } = test;
  const setFloatStatus = (value: bigint): void => test.setCsr('mstatus', value);
  const floatStatus = (): bigint => test.csr('mstatus') & (FS | SD);

  beforeEach(() => hart.start(START, Privilege.machine, 0n, 0n));

  /** Executes one instruction; its bits if it was illegal. */
  const execute = (text: string): bigint | undefined => {
    test.load(text);
    hart.pc = START;
    hart.setX(11, BigInt(DATA));
    const before = hart.lastTrap;
    test.step();
    const trap = hart.lastTrap;
    if (trap === before) return undefined;
    assert.equal(trap!.cause, ILLEGAL, text);
    return trap!.tval;
  };

  it('is off at reset, and then every instruction of it and every access to its CSRs is illegal', () => {
    assert.equal(floatStatus(), off);
    for (const { extension, mnemonic, encoding } of instructions) {
      if (extension !== 'f' && extension !== 'd') continue;
      test.write64(RAM_BASE, BigInt(encoding.match));
      hart.pc = START;
      test.step();
      assert.deepEqual(
        [hart.lastTrap?.cause, hart.lastTrap?.tval],
        [ILLEGAL, BigInt(encoding.match)],
        mnemonic,
      );
    }
    for (const text of ['frflags a0', 'frrm a0', 'frcsr a0', 'fsflags a0', 'fsrm a0', 'fscsr a0']) {
      assert.notEqual(execute(text), undefined, text);
    }
    const compressedFld = 0x2188n; // c.fld fa0,0(a1)
    test.write64(RAM_BASE, compressedFld);
    hart.pc = START;
    test.step();
    assert.equal(hart.lastTrap?.tval, compressedFld);
  });

  it('becomes dirty by what writes a register or raises a flag, and by nothing else', () => {
    test.write64(DATA, ONE);
    const writes = [
      'fld fa0,0(a1)',
      'flw fa0,0(a1)',
      'fmv.d.x fa0,a0',
      'fsgnj.s fa0,fa0,fa0',
      'fadd.d fa0,fa0,fa0',
    ];
    const flags = ['fcvt.w.d a0,fa1', 'flt.d a0,fa2,fa2', 'fsflags a0', 'csrwi frm,0', 'csrsi fcsr,0x1'];
    const neither = [
      'fsd fa0,0(a1)',
      'feq.d a0,fa0,fa0',
      'fmv.x.d a0,fa0',
      'fclass.d a0,fa0',
      'frcsr a0',
      'csrr a0,frm',
    ];
    for (const state of [initial, clean]) {
      for (const [texts, expected] of [
        [writes, dirty | SD],
        [flags, dirty | SD],
        [neither, state],
      ] as const) {
        for (const text of texts) {
          test.setCsr('fcsr', 0n);
          hart.setF(FA1, 0x3fe0_0000_0000_0000n); // 0.5
          hart.setF(12, 0x7ff8_0000_0000_0000n); // NaN
          setFloatStatus(state);
          assert.equal(execute(text), undefined, text);
          assert.equal(floatStatus(), expected, text);
        }
      }
    }
    assert.equal(test.csr('sstatus') & (FS | SD), floatStatus());
  });

  it('keeps its state when a load traps', () => {
    setFloatStatus(clean);
    const before = hart.getF(FA0);
    test.load('fld fa0,0(zero)');
    hart.pc = START;
    test.step();
    assert.equal(hart.lastTrap?.cause, 5n);
    assert.deepEqual([floatStatus(), hart.getF(FA0)], [clean, before]);
  });

  it('has flags and mode as parts of fcsr', () => {
    setFloatStatus(initial);
    test.setCsr('fcsr', 0xffff_ffffn);
    assert.deepEqual([test.csr('fcsr'), test.csr('frm'), test.csr('fflags')], [0xffn, 7n, 0x1fn]);
    test.setCsr('frm', 0x1an);
    test.setCsr('fflags', 0x25n);
    assert.deepEqual([test.csr('fcsr'), test.csr('frm'), test.csr('fflags')], [0x45n, 2n, 5n]);
  });

  it('refuses reserved rounding modes, in the instruction and in frm where that counts', () => {
    setFloatStatus(initial);
    const withMode = (text: string, mode: number): void => {
      test.load(text);
      const word = test.read64(RAM_BASE) & 0xffff_ffffn;
      test.write64(RAM_BASE, (word & ~0x7000n) | BigInt(mode << 12));
    };
    for (const text of [
      'fadd.s fa0,fa1,fa2',
      'fcvt.d.w fa0,a0',
      'fcvt.d.s fa0,fa1',
      'fmadd.d fa0,fa1,fa2,fa3',
      'fcvt.lu.d a0,fa0',
    ]) {
      for (let frm = 0n; frm < 8n; frm++) {
        for (let mode = 0; mode < 8; mode++) {
          test.setCsr('frm', frm);
          withMode(text, mode);
          hart.pc = START;
          const before = hart.lastTrap;
          test.step();
          const reserved = mode === 5 || mode === 6 || (mode === 7 && frm > 4n);
          assert.equal(hart.lastTrap !== before, reserved, `${text} rm ${mode} frm ${frm}`);
        }
      }
    }
    test.setCsr('frm', 5n);
    for (const text of ['fmin.s fa0,fa1,fa2', 'feq.d a0,fa0,fa1', 'fsgnj.d fa0,fa1,fa2', 'fclass.s a0,fa0']) {
      assert.equal(execute(text), undefined, text);
    }
  });

  it('takes a register that holds no boxed single for a NaN', () => {
    setFloatStatus(initial);
    hart.setF(FA0, 0x3f80_0000n);
    hart.setF(FA1, BOX | 0x3f80_0000n);
    execute('fadd.s fa0,fa0,fa1');
    assert.equal(hart.getF(FA0), BOX | 0x7fc0_0000n);
    hart.setF(FA0, 0x3f80_0000n);
    execute('fneg.s fa0,fa0');
    assert.equal(hart.getF(FA0), BOX | 0xffc0_0000n);
    hart.setF(FA0, 0x3f80_0000n);
    execute('fmv.x.w a0,fa0');
    assert.equal(hart.getX(A0), 0x3f80_0000n);
  });

  it('belongs to the hart', () => {
    const core = new Core(1 << 20);
    const harts = [new TestHart({}, core, 0), new TestHart({}, core, 1)];
    harts.forEach((each, index) => {
      each.setCsr('mstatus', initial);
      each.hart.setF(FA0, BigInt(index + 1));
      each.setCsr('fcsr', BigInt(index + 1));
      each.load('nop');
      each.step();
    });
    assert.deepEqual(
      harts.map((each) => each.hart.getF(FA0)),
      [1n, 2n],
    );
    assert.deepEqual(
      harts.map((each) => each.csr('fcsr')),
      [1n, 2n],
    );
  });

  it('is in what the digest is made of', () => {
    setFloatStatus(dirty);
    const before = hart.stateForDigest();
    hart.setF(31, 1n);
    assert.notDeepEqual(hart.stateForDigest(), before);
    hart.setF(31, 0n);
    assert.deepEqual(hart.stateForDigest(), before);
    test.setCsr('fflags', 1n);
    assert.notDeepEqual(hart.stateForDigest(), before);
  });

  it('does not exist without its extension', () => {
    const without = withExtensions('rv64imac');
    without.setCsr('mstatus', FS);
    without.setCsr('sstatus', FS);
    assert.equal(without.csr('mstatus') & (FS | SD), off);
    assert.equal(without.hart.getCsr(csrNumber('fcsr')!), undefined);
    assert.equal(without.csr('misa') & 0x28n, 0n);
  });

  it('has registers of 32 bits with F alone', () => {
    const single = withExtensions('rv64imaf');
    single.setCsr('mstatus', initial);
    single.load('fadd.s fa0,fa1,fa2\nfadd.d fa0,fa1,fa2');
    single.step();
    assert.deepEqual([single.hart.getF(FA0), single.hart.lastTrap], [BOX, undefined]);
    single.step();
    assert.equal(single.hart.lastTrap?.cause, ILLEGAL);
    assert.equal(single.csr('misa') & 0x28n, 0x20n);
  });
});
