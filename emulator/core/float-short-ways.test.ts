import assert from 'node:assert/strict';
import fc from 'fast-check';
import { binary32 } from '../float/format';
import type { FloatOperation, Place } from '../float/operations';
import { floatOperations } from '../float/operations';
import { edgeIntegers, patterns, relatedOperands } from '../float/patterns.test-support';
import { DYNAMIC, Flag, RoundingMode } from '../float/rounding';
import { instructions } from '../isa/table';
import { encodeFloat, RD, RS1, RS2, RS3 } from './float-instructions.test-support';
import { RAM_BASE } from './guest-memory';
import { TestHart } from './test-hart.test-support';

const BOX = 0xffff_ffff_0000_0000n;
const BEFORE = 0x1234n;
const [CLEAN, DIRTY] = [2n, 3n];
const FS_SHIFT = 13n;
const START = BigInt(RAM_BASE);

/** A register's bits. Some hold no boxed single. */
const anyRegister = (place: Place): fc.Arbitrary<bigint> => {
  if (place === 'integer') {
    const any = fc.bigInt(0n, (1n << 64n) - 1n);
    const fewBits = fc.tuple(any, fc.nat(63), fc.nat(63), fc.bigInt(-2n, 2n));
    return fc.oneof(
      fc.constantFrom(...edgeIntegers),
      fewBits.map(([bits, down, up, more]) =>
        BigInt.asUintN(64, ((bits >> BigInt(down)) << BigInt(up)) + more),
      ),
    );
  }
  if (place !== binary32) return patterns(place);
  return fc.oneof(
    { arbitrary: patterns(place).map((bits) => BOX | bits), weight: 20 },
    fc.constantFrom(0x3f80_0000n, 0xffff_fffe_3f80_0000n, 0x7fff_ffff_3f80_0000n),
  );
};

function anyRegisters({ operands: [first = 'integer', ...others] }: FloatOperation): fc.Arbitrary<bigint[]> {
  const any = fc.tuple(...[first, ...others].map(anyRegister));
  if (first === 'integer') return any;
  const box = first === binary32 ? BOX : 0n;
  return fc.oneof(
    any,
    relatedOperands(first).map((all) => all.map((bits) => box | bits)),
  );
}

/** The operand that a register is. */
const operandOf = (place: Place | undefined, register = 0n): bigint => {
  if (place !== binary32) return register;
  return register >= BOX ? register - BOX : place.canonicalNan;
};

interface Circumstances {
  readonly mode: RoundingMode;
  readonly accrued: number;
}

const { NX, DZ } = Flag;
const nearest: readonly Circumstances[] = [0, NX, NX | DZ].map((accrued) => ({
  mode: RoundingMode.RNE,
  accrued,
}));
const others: readonly Circumstances[] = [
  RoundingMode.RTZ,
  RoundingMode.RDN,
  RoundingMode.RUP,
  RoundingMode.RMM,
].map((mode) => ({ mode, accrued: 0 }));

describe('floating-point operations in generated code', function () {
  this.timeout(120_000);
  const test = new TestHart();
  const { hart } = test;
  let asked = 0;
  const imports = { ...hart.imports };
  hart.imports.float = (operation, bits) => {
    asked++;
    imports.float(operation, bits);
  };

  const start = ({ mnemonic }: FloatOperation): void => {
    const instruction = instructions.find((each) => each.mnemonic === mnemonic)!;
    test.core.memory.write(RAM_BASE, encodeFloat(instruction, DYNAMIC));
  };

  /** Executes the instruction on these registers and compares everything with what is computed with integers; tells if it asked. */
  const check = (
    operation: FloatOperation,
    registers: readonly bigint[],
    { mode, accrued }: Circumstances,
  ): boolean => {
    const { operands, result } = operation;
    const [a, b, c] = [0, 1, 2].map((index) => operandOf(operands[index], registers[index])) as [
      bigint,
      bigint,
      bigint,
    ];
    const expected = operation.compute(mode, a, b, c);
    test.setCsr('fcsr', BigInt((mode << 5) | accrued));
    [RS1, RS2, RS3].forEach((register, index) => {
      hart.setX(register, registers[index] ?? 0n);
      hart.setF(register, registers[index] ?? 0n);
    });
    hart.setX(RD, BEFORE);
    hart.setF(RD, BEFORE);
    test.setCsr('mstatus', CLEAN << FS_SHIFT);
    hart.pc = START;
    const before = asked;
    test.step();
    const bits = expected.bits | (result === binary32 ? BOX : 0n);
    const isDirty = result !== 'integer' || expected.flags !== 0;
    assert.deepEqual(
      {
        x: hart.getX(RD),
        f: hart.getF(RD),
        fcsr: test.csr('fcsr'),
        floatStatus: (test.csr('mstatus') >> FS_SHIFT) & 3n,
        pc: hart.pc,
      },
      {
        x: result === 'integer' ? bits : BEFORE,
        f: result === 'integer' ? BEFORE : bits,
        fcsr: BigInt((mode << 5) | accrued | expected.flags),
        floatStatus: isDirty ? DIRTY : CLEAN,
        pc: START + 4n,
      },
      `${operation.mnemonic} ${[a, b, c].map((each) => each.toString(16)).join(' ')} mode ${mode}`,
    );
    return asked !== before;
  };

  for (const operation of floatOperations) {
    it(`${operation.mnemonic} has the result and the flags that integers give, with and without them`, () => {
      start(operation);
      const numRuns = 4000;
      const taken = new Map([...nearest, ...others].map((each) => [each, 0]));
      fc.assert(
        fc.property(
          anyRegisters(operation),
          fc.constantFrom(...nearest, ...nearest, ...others),
          (registers, each) => {
            if (!check(operation, registers, each)) taken.set(each, taken.get(each)! + 1);
          },
        ),
        { numRuns },
      );
      const total = [...taken.values()].reduce((a, b) => a + b, 0);
      for (const each of nearest) {
        assert.ok(taken.get(each)! > numRuns / 20, `accrued ${each.accrued}: ${taken.get(each)}`);
      }
      // fclass is the only one that can always be done.
      if (operation.mnemonic.startsWith('fclass')) assert.equal(total, numRuns);
      else assert.ok(total < numRuns - numRuns / 200, `not taken: ${numRuns - total}`);
    });
  }
});
