import assert from 'node:assert/strict';
import type { Privilege } from '../api';
import { RAM_BASE } from './guest-memory';
import { TestHart } from './test-hart.test-support';

const START = BigInt(RAM_BASE);
const HANDLER = START + 0x4000n;
const DATA = START + 0x8000n;
const NOTHING_THERE = 0x1000_0000n;
const EVERYWHERE = (1n << 54n) - 1n;
const R = 1n;
const W = 2n;
const X = 4n;
const TOR = 8n;
const NA4 = 16n;
const NAPOT = 24n;
const L = 128n;

const napot = (base: bigint, size: number) => (base >> 2n) | (BigInt(size) / 8n - 1n);
const config = (...entries: readonly bigint[]) =>
  entries.reduce((bits, entry, index) => bits | (entry << BigInt(8 * index)), 0n);

class ProtectedHart extends TestHart {
  constructor(source: string) {
    super();
    this.load(source);
    this.setCsr('mtvec', HANDLER);
    this.hart.setX(11, DATA);
  }

  /** Executes one instruction with this privilege; gives cause and tval if it traps. */
  attempt(privilege: Privilege, at = START): { cause: bigint; tval: bigint } | undefined {
    this.enter(privilege, at);
    const before = this.hart.lastTrap;
    this.step();
    const trap = this.hart.lastTrap;
    if (trap !== before && trap) return { cause: trap.cause, tval: trap.tval };
    // Back to M-mode: whatever is tried there traps.
    this.hart.pc = NOTHING_THERE;
    if (privilege !== 3) this.step();
    return undefined;
  }
}

const causeOf = (trap: { cause: bigint } | undefined) => trap?.cause;

describe('physical memory protection', () => {
  it('denies S-mode what no entry allows, lets the lowest entry decide, and binds M-mode only when locked', () => {
    const test = new ProtectedHart('ld a0,0(a1)');
    assert.equal(causeOf(test.attempt(1)), 1n, 'no entry: not even the fetch');
    test.setCsr('pmpaddr0', napot(DATA, 4096));
    test.setCsr('pmpaddr1', EVERYWHERE);
    test.setCsr('pmpcfg0', config(NAPOT, NAPOT | R | W | X));
    assert.equal(causeOf(test.attempt(1)), 5n, 'the first entry gives nothing');
    assert.equal(test.attempt(3), undefined);
    test.setCsr('pmpcfg0', config(NAPOT | R, NAPOT | R | W | X));
    assert.equal(test.attempt(1), undefined, 'now it may be read');
    test.setCsr('pmpcfg0', config(NAPOT | L, NAPOT | R | W | X));
    assert.equal(causeOf(test.attempt(3)), 5n, 'locked');
    test.setCsr('pmpcfg0', config(NAPOT | R | W | X, NAPOT | R | W | X));
    assert.equal(test.csr('pmpcfg0') & 0xffn, NAPOT | L, 'locked entries stay as they are');
  });

  it('has 4 bytes as its grain', () => {
    const test = new ProtectedHart('lw a0,0(a1)\nlw a0,4(a1)\nlw a0,8(a1)\nsw a0,4(a1)');
    test.setCsr('pmpaddr0', EVERYWHERE);
    assert.equal(test.csr('pmpaddr0'), EVERYWHERE);
    test.setCsr('pmpaddr0', (DATA + 4n) >> 2n);
    test.setCsr('pmpaddr1', EVERYWHERE);
    test.setCsr('pmpcfg0', config(NA4 | R, NAPOT | X));
    const causes = [0n, 4n, 8n, 12n].map((offset) => test.attempt(1, START + offset));
    assert.deepEqual(causes, [
      { cause: 5n, tval: DATA },
      undefined,
      { cause: 5n, tval: DATA + 8n },
      { cause: 7n, tval: DATA + 4n },
    ]);
    // The same again, in another order: nothing about the page was cached.
    const again = [4n, 0n].map((offset) => causeOf(test.attempt(1, START + offset)));
    assert.deepEqual(again, [undefined, 5n]);
  });

  it('denies an access that the deciding entry matches only in part, in M-mode too', () => {
    const test = new ProtectedHart('ld a0,16(a1)\nlw a0,16(a1)\nsd a0,12(a1)');
    test.setCsr('pmpaddr0', (DATA + 16n) >> 2n);
    test.setCsr('pmpaddr1', EVERYWHERE);
    test.setCsr('pmpcfg0', config(NA4 | R | W, NAPOT | R | W | X));
    test.write64(Number(DATA) + 12, 5n);
    for (const privilege of [1, 3] as const) {
      assert.equal(causeOf(test.attempt(privilege)), 5n);
      assert.equal(test.attempt(privilege, START + 4n), undefined);
      assert.equal(causeOf(test.attempt(privilege, START + 8n)), 7n);
      assert.equal(test.read64(Number(DATA) + 12), 5n, 'no byte was stored');
    }
  });

  it('gives ranges up to an address with TOR, empty ones match nothing', () => {
    const test = new ProtectedHart('ld a0,0(a1)\nld a0,-8(a1)\nld a0,8(a1)');
    test.setCsr('pmpaddr0', (DATA + 8n) >> 2n);
    test.setCsr('pmpaddr1', DATA >> 2n); // ends before it begins
    test.setCsr('pmpaddr2', DATA >> 2n); // begins at the end of entry 1: empty
    test.setCsr('pmpaddr3', (DATA + 8n) >> 2n);
    test.setCsr('pmpaddr4', EVERYWHERE);
    test.setCsr('pmpcfg0', config(0n, TOR, TOR, TOR, NAPOT | R | X));
    assert.equal(causeOf(test.attempt(1)), 5n);
    assert.equal(test.attempt(1, START + 4n), undefined);
    assert.equal(test.attempt(1, START + 8n), undefined);
    test.setCsr('pmpcfg0', config(TOR | X, 0n, 0n, 0n, NAPOT | R | X));
    assert.equal(causeOf(test.attempt(1)), 5n, 'entry 0 begins at address 0');
    assert.equal(test.attempt(1, START + 8n), undefined);
  });

  it('keeps the address below a locked TOR entry, and that of a locked entry', () => {
    const test = new ProtectedHart('nop');
    test.setCsr('pmpaddr1', 0x100n);
    test.setCsr('pmpaddr2', 0x200n);
    test.setCsr('pmpcfg0', config(0n, 0n, TOR | L));
    for (const [name, after] of [
      ['pmpaddr0', 0x999n],
      ['pmpaddr1', 0x100n],
      ['pmpaddr2', 0x200n],
    ] as const) {
      test.setCsr(name, 0x999n);
      assert.equal(test.csr(name), after, name);
    }
  });

  it('ignores the reserved combination of write without read', () => {
    const test = new ProtectedHart('nop');
    test.setCsr('pmpcfg0', NA4 | R);
    test.setCsr('pmpcfg0', NA4 | W);
    assert.equal(test.csr('pmpcfg0'), NA4 | R);
    test.setCsr('pmpcfg0', NA4 | 0x60n);
    assert.equal(test.csr('pmpcfg0'), NA4, 'bits 6:5 are zero');
  });

  it('checks every instruction of a page that is executable in part only, both its halves', () => {
    const test = new ProtectedHart(
      'addi a0,zero,1\naddi a0,a0,2\nj 0x80000010\nnop\naddi a0,a0,4\naddi a0,a0,8',
    );
    test.setCsr('pmpaddr0', (START + 0x14n) >> 2n);
    test.setCsr('pmpcfg0', config(TOR | X));
    test.enter(1, START);
    test.step(4);
    assert.equal(test.hart.getX(10), 7n);
    assert.equal(test.hart.pc, START + 0x14n);
    test.step();
    assert.deepEqual(
      [test.csr('mcause'), test.csr('mtval'), test.csr('mepc')],
      [1n, START + 20n, START + 20n],
    );

    // An instruction whose second half is outside; its compressed first half would be fine.
    const split = new ProtectedHart('nop');
    split.core.memory.write(RAM_BASE + 2, Uint8Array.of(0x13, 0x05, 0x10, 0x00)); // addi a0,zero,1
    split.setCsr('pmpaddr0', (START + 4n) >> 2n);
    split.setCsr('pmpcfg0', config(TOR | X));
    split.enter(1, START + 2n);
    split.step();
    assert.deepEqual(
      [split.csr('mcause'), split.csr('mtval'), split.csr('mepc')],
      [1n, START + 4n, START + 2n],
    );
  });

  it('runs loops and straddling instructions in such pages, and stops there at breakpoints', () => {
    const test = new ProtectedHart('nop');
    const page = START + 0x1000n;
    // A loop at the end of a page whose last word only M-mode may execute; its branch lies across the page's end.
    test.load('addi a0,a0,1', Number(page) - 6);
    test.load(`bne a0,a1,0x${(page - 6n).toString(16)}`, Number(page) - 2);
    test.load('ebreak', Number(page) + 2);
    test.setCsr('pmpaddr0', (page + 0xffcn) >> 2n);
    test.setCsr('pmpaddr1', (page + 0x1000n) >> 2n);
    test.setCsr('pmpcfg0', config(TOR | X, TOR));
    test.hart.setX(10, 0n);
    test.hart.setX(11, 5n);
    test.enter(1, page - 6n);
    test.step(11);
    assert.equal(test.hart.getX(10), 5n);
    assert.deepEqual([test.csr('mcause'), test.csr('mepc')], [3n, page + 2n]);

    test.core.setBreakpoints([page + 2n]);
    test.hart.setX(10, 4n);
    test.enter(1, page - 6n);
    assert.deepEqual(test.hart.run(100), { kind: 'breakpoint', hart: 0, pc: page + 2n });
    assert.equal(test.hart.pc, page + 2n);
    test.hart.passBreakpoint();
    test.step();
    assert.equal(test.csr('mcause'), 3n);
  });

  it('checks the page tables that a walk reads and updates, as an access by S-mode', () => {
    const test = new ProtectedHart('ld a0,0(a1)');
    const root = RAM_BASE + 0x10000;
    // A gigabyte of itself; A is clear, so that the walk has to write.
    test.write64(root + 16, (0x8000_0000n >> 2n) | 0xfn);
    test.setCsr('satp', (8n << 60n) | (BigInt(root) >> 12n));
    test.setCsr('pmpaddr0', BigInt(root + 16) >> 2n);
    test.setCsr('pmpaddr1', EVERYWHERE);
    const walkWith = (bits: bigint) => {
      test.setCsr('pmpcfg0', config(bits, NAPOT | R | W | X));
      return test.attempt(1);
    };
    assert.deepEqual(walkWith(NA4), { cause: 1n, tval: START });
    test.setCsr('pmpaddr0', napot(BigInt(root + 16), 8));
    assert.deepEqual(walkWith(NAPOT | R), { cause: 1n, tval: START }, 'A cannot be set');
    assert.equal(walkWith(NAPOT | R | W), undefined);
    assert.equal(test.read64(root + 16) & 0xffn, 0x4fn);
    assert.equal(walkWith(NAPOT | R), undefined, 'and now it need not be');
  });

  it('uses the privilege of MPP for loads under MPRV', () => {
    const test = new ProtectedHart('ld a0,0(a1)');
    test.setCsr('pmpaddr0', napot(START, 0x1000));
    test.setCsr('pmpcfg0', config(NAPOT | X));
    assert.equal(test.attempt(3), undefined);
    test.setCsr('mstatus', (1n << 17n) | (1n << 11n));
    test.hart.pc = START;
    test.step();
    assert.deepEqual([test.csr('mcause'), test.csr('mtval')], [5n, DATA]);
  });
});
