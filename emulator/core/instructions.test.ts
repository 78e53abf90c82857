import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RAM_BASE } from './guest-memory';
import {
  atomicOperations,
  branchConditions,
  immediateOperations,
  registerOperations,
  shiftOperations,
} from './reference.test-support';
import { TestHart } from './test-hart.test-support';

const edges = [
  0n,
  1n,
  2n,
  63n,
  64n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  1n << 32n,
  (1n << 63n) - 1n,
  1n << 63n,
];
const value = fc.oneof(
  fc.constantFrom(...edges, ...edges.map((edge) => BigInt.asUintN(64, -edge))),
  fc.bigInt(0n, (1n << 64n) - 1n),
);
const unsigned = (result: bigint): bigint => BigInt.asUintN(64, result);
const START = BigInt(RAM_BASE);
const DATA = RAM_BASE + 0x8000;

describe('instructions', () => {
  const test = new TestHart();
  const { hart } = test;

  /** Executes one instruction with a1 and a2 set; gives a0. */
  const execute = (text: string, a1: bigint, a2 = 0n): bigint => {
    test.load(text);
    hart.pc = START;
    hart.setX(11, a1);
    hart.setX(12, a2);
    test.step();
    return hart.getX(10);
  };

  for (const [mnemonic, operation] of Object.entries(registerOperations)) {
    it(`${mnemonic} does what the manual says`, () => {
      fc.assert(
        fc.property(value, value, (a, b) => {
          assert.equal(execute(`${mnemonic} a0,a1,a2`, a, b), unsigned(operation(a, b)));
          assert.equal(hart.pc, START + 4n);
        }),
      );
    });
  }

  for (const [mnemonic, operation] of Object.entries(immediateOperations)) {
    it(`${mnemonic} does what the manual says`, () => {
      fc.assert(
        fc.property(value, fc.integer({ min: -2048, max: 2047 }), (a, immediate) => {
          const expected = unsigned(operation(a, unsigned(BigInt(immediate))));
          assert.equal(execute(`${mnemonic} a0,a1,${immediate}`, a), expected);
        }),
      );
    });
  }

  for (const [mnemonic, { bits, operation }] of Object.entries(shiftOperations)) {
    it(`${mnemonic} does what the manual says`, () => {
      fc.assert(
        fc.property(value, fc.integer({ min: 0, max: 2 ** bits - 1 }), (a, amount) => {
          assert.equal(execute(`${mnemonic} a0,a1,${amount}`, a), unsigned(operation(a, BigInt(amount))));
        }),
      );
    });
  }

  for (const [mnemonic, holds] of Object.entries(branchConditions)) {
    it(`${mnemonic} branches, in its page and out of it, exactly if the condition holds`, () => {
      fc.assert(
        fc.property(
          value,
          fc.option(value),
          fc.constantFrom(-4096, -8, 8, 2048, 4094),
          (a, other, distance) => {
            const b = other ?? a;
            const at = START + 0x1000n;
            const target = at + BigInt(distance);
            test.load(`${mnemonic} a1,a2,0x${target.toString(16)}`, Number(at));
            hart.pc = at;
            hart.setX(11, a);
            hart.setX(12, b);
            test.step();
            assert.equal(hart.pc, holds(a, b) ? target : at + 4n);
          },
        ),
      );
    });
  }

  it('lui and auipc sign-extend their 32 bits', () => {
    for (const upper of [0, 1, 0x7ffff, 0x80000, 0xfffff]) {
      const extended = BigInt.asIntN(32, BigInt(upper) << 12n);
      assert.equal(execute(`lui a0,${upper}`, 0n), unsigned(extended));
      assert.equal(execute(`auipc a0,${upper}`, 0n), unsigned(START + extended));
    }
  });

  it('jal and jalr link, and jalr clears bit 0 and may link to its own base', () => {
    assert.equal(execute('jal a0,0x80000800', 0n), START + 4n);
    assert.equal(hart.pc, START + 0x800n);
    assert.equal(execute('jalr a0,6(a1)', START + 0x101n), START + 4n);
    assert.equal(hart.pc, START + 0x106n);
    execute('jalr a1,0(a1)', START + 0x2000n);
    assert.equal(hart.pc, START + 0x2000n);
    assert.equal(hart.getX(11), START + 4n);
  });

  it('x0 stays zero whatever writes it', () => {
    test.write64(DATA, 5n);
    for (const text of [
      'addi zero,a1,1',
      'jal zero,0x80000004',
      'ld zero,0(a1)',
      'amoadd.d zero,a1,(a1)',
      'csrr zero,mhartid',
    ]) {
      execute(text, BigInt(DATA));
      assert.equal(hart.getX(0), 0n);
    }
    assert.equal(execute('add a0,zero,zero', 0n), 0n);
  });

  it('loads extend and stores truncate, at every alignment and across pages', () => {
    const loads = {
      lb: [8, true],
      lbu: [8, false],
      lh: [16, true],
      lhu: [16, false],
      lw: [32, true],
    } as const;
    const all = { ...loads, lwu: [32, false], ld: [64, false] } as const;
    const stores = ['sb', 'sh', 'sw', 'sd'] as const;
    const address = fc.integer({ min: DATA + 4096 - 16, max: DATA + 4096 + 16 });
    fc.assert(
      fc.property(address, value, value, value, (at, first, second, third) => {
        const base = at - 8;
        test.write64(base, first, second, third);
        const bytes = first | (second << 64n) | (third << 128n);
        for (const [mnemonic, [bits, isSigned]] of Object.entries(all)) {
          const raw = BigInt.asUintN(bits, bytes >> 64n);
          const expected = unsigned(isSigned ? BigInt.asIntN(bits, raw) : raw);
          assert.equal(execute(`${mnemonic} a0,0(a1)`, BigInt(at)), expected, mnemonic);
        }
        stores.forEach((mnemonic, log) => {
          const bits = BigInt(8 << log);
          test.write64(base, first, second, third);
          execute(`${mnemonic} a2,-5(a1)`, BigInt(at + 5), third);
          const mask = ((1n << bits) - 1n) << 64n;
          const expected = (bytes & ~mask) | ((third << 64n) & mask);
          const stored = [base, base + 8, base + 16].map((place) => test.read64(place));
          assert.equal(stored[0]! | (stored[1]! << 64n) | (stored[2]! << 128n), expected, mnemonic);
        });
      }),
      { numRuns: 60 },
    );
  });

  for (const [name, update] of Object.entries(atomicOperations)) {
    for (const [suffix, bits] of [
      ['w', 32],
      ['d', 64],
    ] as const) {
      it(`${name}.${suffix} updates memory and returns what was there`, () => {
        fc.assert(
          fc.property(value, value, (old, operand) => {
            test.write64(DATA, old);
            const signedOld = BigInt.asIntN(bits, old);
            const result = execute(`${name}.${suffix} a0,a2,(a1)`, BigInt(DATA), operand);
            assert.equal(result, unsigned(signedOld));
            const updated = update(signedOld, BigInt.asIntN(bits, operand), bits);
            assert.equal(BigInt.asUintN(bits, test.read64(DATA)), BigInt.asUintN(bits, updated));
            assert.equal(test.read64(DATA) >> BigInt(bits), old >> BigInt(bits));
          }),
          { numRuns: 50 },
        );
      });
    }
  }
});
