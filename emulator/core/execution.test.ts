import assert from 'node:assert/strict';
import { assemble } from '../isa/assemble';
import { DecodedPage } from '../wasm/layout';
import { Core } from './core';
import { RAM_BASE } from './guest-memory';
import { TestHart } from './test-hart.test-support';

const START = BigInt(RAM_BASE);
const C_NOP = 0x0001;
const halfwords = (...values: readonly number[]) => new Uint8Array(Uint16Array.from(values).buffer);
const instruction = (text: string, pc = 0n): [number, number] => {
  const bits = assemble(text, pc)!;
  return [bits & 0xffff, bits >>> 16];
};

describe('running', () => {
  const loop = 'li a0,0\nnext:\naddi a0,a0,1\nj next';

  it('uses its budget exactly, however it is sliced', () => {
    const whole = new TestHart();
    whole.load(loop);
    whole.hart.run(10_001);
    const sliced = new TestHart();
    sliced.load(loop);
    for (let left = 10_001, size = 1; left > 0; left -= size, size = Math.min(left, (size * 7) % 97)) {
      assert.deepEqual(sliced.hart.run(size), { kind: 'budget' });
    }
    assert.equal(whole.hart.getX(10), 5000n);
    assert.deepEqual(sliced.hart.stateForDigest(), whole.hart.stateForDigest());
  });

  it('executes 4-byte instructions that begin at the last halfword of a page', () => {
    const test = new TestHart();
    const at = START + 0xffen;
    test.core.memory.write(Number(at), halfwords(...instruction('jal a0,0x80000ffe', at)));
    test.hart.pc = at;
    test.step(3);
    assert.equal(test.hart.pc, at, 'a branch to itself is not a near branch of its slot');
    test.core.memory.write(Number(at), halfwords(...instruction('addi a0,a0,2'), C_NOP));
    test.step();
    assert.equal(test.hart.getX(10), at + 4n + 2n);
    assert.equal(test.hart.pc, at + 4n);
    test.step();
    assert.equal(test.hart.pc, at + 6n);
  });

  it('sees a changed second half of such an instruction', () => {
    const test = new TestHart();
    const at = RAM_BASE + 0xffe;
    for (const immediate of [1, 2]) {
      const [low, high] = instruction(`li a0,${immediate}`);
      test.core.memory.write(at, halfwords(low));
      test.core.memory.write(at + 2, halfwords(high));
      test.hart.pc = BigInt(at);
      test.step();
      assert.equal(test.hart.getX(10), BigInt(immediate));
    }
  });

  it('sees instructions that the program itself has changed, also in the page that it runs in', () => {
    const test = new TestHart();
    const labels = test.load(
      'la a1,patched\nloop:\nsw a2,0(a1)\nfence.i\npatched:\nli a0,1\nsw a3,0(a1)\nj patched',
    );
    test.hart.setX(12, BigInt(assemble('li a0,2')!));
    test.hart.setX(13, BigInt(assemble('li a0,3')!));
    while (test.hart.pc !== labels.get('patched')) test.step();
    test.step();
    assert.equal(test.hart.getX(10), 2n);
    test.step(3);
    assert.equal(test.hart.getX(10), 3n);
  });

  it('lets go of code that is overwritten as data, and finds what is executed there later', () => {
    const test = new TestHart();
    const page = RAM_BASE + 0x8000;
    // Calls the page, then stores the word in a3 to its beginning and others behind it.
    const labels = test.load(`
      li a2,${page}
      call:
      jalr ra,0(a2)
      li t0,500
      mv t1,a2
      sw a3,0(a2)
      fill:
      sw t0,8(t1)
      addi t1,t1,4
      addi t0,t0,-1
      bnez t0,fill
      done:
      j call`);
    test.load('addi a0,a0,1\nret', page);
    let expected = 0n;
    for (const increment of [1n, 2n, 3n, 4n]) {
      test.hart.setX(13, BigInt(assemble(`addi a0,a0,${increment + 1n}`)!));
      test.core.setBreakpoints([labels.get('done')!]);
      assert.equal(test.hart.run(10_000).kind, 'breakpoint');
      expected += increment;
      assert.equal(test.hart.getX(10), expected);
      assert.equal(test.core.pages.has(page), false);
      test.hart.passBreakpoint();
    }
  });

  it('survives more pages of code than are kept decoded', () => {
    const pages = DecodedPage.count + 3;
    const test = new TestHart({}, new Core((pages + 1) * 4096));
    const jump = instruction('addi a0,a0,1');
    for (let page = 0; page < pages; page++) {
      const at = RAM_BASE + page * 4096 + 0xffe;
      // Straddles, and goes on at the last halfword of the next page.
      test.core.memory.write(at, halfwords(...jump, ...instruction('jalr zero,0(a1)')));
    }
    for (let round = 0; round < 2; round++) {
      for (let page = 0; page < pages; page++) {
        test.hart.pc = BigInt(RAM_BASE + page * 4096 + 0xffe);
        test.hart.setX(11, START);
        test.step(2);
        assert.equal(test.hart.pc, START);
      }
    }
    assert.equal(test.hart.getX(10), BigInt(2 * pages));
  });
});

describe('breakpoints', () => {
  it('stop before the instruction executes, each time, and let it pass once when asked', () => {
    const test = new TestHart();
    test.load('li a0,0\nnext:\naddi a0,a0,1\naddi a1,a1,1\nj next');
    test.step(10);
    const at = START + 8n;
    test.core.setBreakpoints([at]);
    for (let count = 0; count < 3; count++) {
      assert.deepEqual(test.hart.run(100), { kind: 'breakpoint', hart: 0, pc: at });
      assert.deepEqual(test.hart.run(100), { kind: 'breakpoint', hart: 0, pc: at });
      assert.equal(test.hart.getX(10), test.hart.getX(11) + 1n);
      test.hart.passBreakpoint();
    }
    test.core.setBreakpoints([]);
    assert.deepEqual(test.hart.run(100), { kind: 'budget' });
  });

  it('can stand on a 2-byte instruction, on one that crosses a page, and where code is rewritten', () => {
    const test = new TestHart();
    const at = RAM_BASE + 0xffc;
    test.core.setBreakpoints([BigInt(at), BigInt(at + 2)]);
    for (let round = 0; round < 2; round++) {
      test.core.memory.write(at, halfwords(C_NOP, ...instruction('li a0,5')));
      test.hart.pc = BigInt(at);
      assert.equal(test.hart.run(9).kind, 'breakpoint');
      test.hart.passBreakpoint();
      assert.deepEqual(test.hart.run(9), { kind: 'breakpoint', hart: 0, pc: BigInt(at + 2) });
      test.hart.passBreakpoint();
      test.step();
      assert.equal(test.hart.pc, BigInt(at + 6));
    }
  });

  it('do not stop at the same place of the page under another address', () => {
    const test = new TestHart();
    test.load('addi a0,a0,1\naddi a0,a0,1');
    test.core.setBreakpoints([START + 4n, 0x1000_0004n]);
    // Arm through one address, then run with the set for another.
    assert.equal(test.hart.run(5).kind, 'breakpoint');
    test.core.breakpoints.replace([0x1000_0004n]);
    test.step();
    assert.equal(test.hart.getX(10), 2n);
  });
});

describe('LR and SC', () => {
  const source = 'lr.d a0,(a1)\nsc.d a2,a3,(a1)\nsc.d a4,a3,(a1)';
  const address = RAM_BASE + 0x8000;
  const prepare = () => {
    const test = new TestHart();
    test.load(source);
    test.hart.setX(11, BigInt(address));
    test.hart.setX(13, 99n);
    return test;
  };

  it('store once for each reservation', () => {
    const test = prepare();
    test.step(3);
    assert.equal(test.hart.getX(12), 0n);
    assert.equal(test.hart.getX(14), 1n);
    assert.equal(test.read64(address), 99n);
  });

  it('fail after a device or a debugger wrote there, and not after a write elsewhere', () => {
    for (const [offset, failed] of [
      [0, 1n],
      [7, 1n],
      [8, 0n],
      [-1, 0n],
    ] as const) {
      const test = prepare();
      test.step();
      test.core.memory.write(address + offset, Uint8Array.of(1));
      test.step();
      assert.equal(test.hart.getX(12), failed, `offset ${offset}`);
    }
  });

  it('fail after another hart had its turn, or after a trap', () => {
    const test = prepare();
    const other = new TestHart({}, test.core, 1);
    other.hart.pc = START + 0x100n;
    test.load('nop', RAM_BASE + 0x100);
    test.step();
    other.step();
    test.step();
    assert.equal(test.hart.getX(12), 1n);
  });

  it('fail for another address or size', () => {
    for (const sc of ['sc.d a2,a3,(a4)', 'sc.w a2,a3,(a1)']) {
      const test = prepare();
      test.load(`lr.d a0,(a1)\n${sc}`);
      test.hart.setX(14, BigInt(address + 8));
      test.step(2);
      assert.equal(test.hart.getX(12), 1n);
    }
  });
});

describe('counters', () => {
  it('count instructions and not traps, can be written, and stand still when inhibited', () => {
    const test = new TestHart();
    test.load(
      'csrw minstret,zero\ncsrr a0,minstret\ncsrr a1,minstret\necall\nnop\ncsrr a2,minstret\ncsrr a3,mcycle\ncsrr a4,mcycle',
    );
    test.setCsr('mtvec', START + 16n);
    test.step(9);
    assert.deepEqual(
      [10, 11, 12].map((x) => test.hart.getX(x)),
      [0n, 1n, 3n],
    );
    assert.equal(test.hart.getX(14) - test.hart.getX(13), 1n);
    test.setCsr('mcountinhibit', 5n);
    const frozen = test.csr('minstret');
    test.hart.pc = START;
    test.hart.setX(10, 1n);
    test.load('nop\nnop');
    test.step(2);
    assert.equal(test.csr('minstret'), frozen);
  });
});
