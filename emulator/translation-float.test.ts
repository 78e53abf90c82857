import assert from 'node:assert/strict';
import fc from 'fast-check';
import { binary32, binary64 } from './float/format';
import { patterns, relatedOperands } from './float/patterns.test-support';
import { guest } from './guest.test-support';
import { insertFields } from './isa/encoding';
import { instructions } from './isa/table';
import { Machine } from './machine';

/** Everything that is executed twice is translated. */
const EAGER = 0;
const BOX = 0xffff_ffff_0000_0000n;
const PIECE = 40;
const STEPS = 4000;

const floatRegisters = ['ft0', 'ft1', 'ft2', 'ft3', 'ft4', 'ft5', 'ft6', 'ft7'].concat(
  ['fs0', 'fs1'],
  ['fa0', 'fa1', 'fa2', 'fa3', 'fa4', 'fa5'],
);

/** Floating-point instructions but loads and stores, and those on the flags and the mode. */
const floating = instructions.filter(
  ({ extension, mnemonic, operands }) =>
    ((extension === 'f' || extension === 'd') && !operands.endsWith('(rs1)')) ||
    /^f[rs](flags|rm|csr)/.test(mnemonic),
);

/** One of them on f0 to f15 and a0 to a5. Reserved modes trap. */
const word = fc
  .record({
    instruction: fc.constantFrom(...floating),
    x: fc.tuple(fc.integer({ min: 10, max: 15 }), fc.integer({ min: 10, max: 15 })),
    f: fc.tuple(fc.nat(15), fc.nat(15), fc.nat(15), fc.nat(15)),
    rm: fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 7, 7, 7),
    zimm: fc.constantFrom(0, 0, 1, 3, 16),
  })
  .map(({ instruction: { encoding }, x: [rd, rs1], f: [frd, frs1, frs2, frs3], rm, zimm }) => {
    const values: Readonly<Record<string, number>> = { rd, rs1, frd, frs1, frs2, frs3, rm, zimm };
    const fields = encoding.fields.map(({ name }) => [name, values[name]] as const);
    return insertFields(encoding, Object.fromEntries(fields))!;
  });

const operands = fc
  .tuple(
    fc.array(relatedOperands(binary64), { minLength: 2, maxLength: 2 }),
    fc.array(relatedOperands(binary32), { minLength: 2, maxLength: 2 }),
    fc.array(patterns(binary64), { minLength: 4, maxLength: 4 }),
  )
  .map(([doubles, singles, others]) => [
    ...doubles.flat(),
    ...singles.flat().map((bits) => BOX | bits),
    ...others,
  ]);

const lines = (line: (register: string, index: number) => string): string =>
  floatRegisters.map(line).join('\n');

/** Executes the words over and over on the same operands, with a random number and what has accrued in between, and sums up. */
const program = (words: readonly number[], values: readonly bigint[]): string => `
  la t0,trap
  csrw stvec,t0
  li t0,0x6000
  csrs sstatus,t0
  la s1,data
  li s2,0x9e3779b97f4a7c15
  again:
  ${lines((register, index) => `fld ${register},${index * 8}(s1)`)}
  slli t0,s2,13
  xor s2,s2,t0
  srli t0,s2,7
  xor s2,s2,t0
  slli t0,s2,17
  xor s2,s2,t0
  fmv.d.x fa0,s2
  fcvt.d.l fa1,s2
  mv a0,s2
  srai a1,s2,40
  ${Array.from({ length: words.length / 2 }, (_, index) => {
    const [low, high] = [words[2 * index]!, words[2 * index + 1]!].map((each) => BigInt(each >>> 0));
    return `.dword ${low! | (high! << 32n)}`;
  }).join('\n')}
  frcsr t1
  add s4,s4,t1
  ${lines((register) => `fmv.x.d t1,${register}\nadd s4,s4,t1\nrori s4,s4,7`)}
  ${['a0', 'a1', 'a2', 'a3', 'a4', 'a5'].map((register) => `add s4,s4,${register}\nrori s4,s4,7`).join('\n')}
  andi t0,s2,3
  bnez t0,again
  fsflagsi zero,0
  fsrmi zero,0
  j again
  .align 8
  trap:
  csrr t0,sepc
  addi t0,t0,4
  csrw sepc,t0
  sret
  .align 8
  data:
  ${values.map((value) => `.dword ${value}`).join('\n')}`;

function digest(source: string, translate: boolean): string {
  const machine = new Machine(
    { image: guest(source).image, memory: 1 << 20, translate },
    translate ? EAGER : undefined,
  );
  while (machine.instructions < STEPS) {
    assert.equal(machine.run({ budget: Math.min(777, STEPS - machine.instructions) }).kind, 'budget');
  }
  return machine.digest();
}

describe('translated floating-point code', function () {
  this.timeout(120_000);

  it('leaves the same state as the interpreter', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: PIECE, maxLength: PIECE }), operands, (words, values) => {
        const source = program(words, values);
        assert.equal(digest(source, true), digest(source, false));
      }),
      { numRuns: 25 },
    );
  });
});
