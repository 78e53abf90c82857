import assert from 'node:assert/strict';
import fc from 'fast-check';
import { binary32, binary64 } from './format';
import { hostOperations, UNDECIDED } from './host';
import { floatOperations } from './operations';
import type { FloatOperation, Place } from './operations';
import { edgeIntegers, patterns, toBits, toNumber } from './patterns.test-support';
import { Flag, RoundingMode } from './rounding';

const find = (mnemonic: string): FloatOperation =>
  floatOperations.find((operation) => operation.mnemonic === mnemonic)!;
const { NX, UF, OF, DZ, NV } = Flag;
const { RNE, RTZ, RDN, RUP, RMM } = RoundingMode;
const modes = Object.values(RoundingMode);
const registers = fc.oneof(fc.constantFrom(...edgeIntegers), fc.bigInt(0n, (1n << 64n) - 1n));
const operandsOf = (places: readonly Place[]): fc.Arbitrary<bigint[]> =>
  fc.tuple(...places.map((place) => (place === 'integer' ? registers : patterns(place))));

describe('floating point', () => {
  const onHost: Readonly<Record<string, (a: number, b: number) => number>> = {
    fadd: (a, b) => a + b,
    fsub: (a, b) => a - b,
    fmul: (a, b) => a * b,
    fdiv: (a, b) => a / b,
    fsqrt: (a) => Math.sqrt(a),
  };
  for (const format of [binary32, binary64]) {
    for (const [name, compute] of Object.entries(onHost)) {
      it(`${name}.${format.name} rounds to nearest as the host does`, () => {
        const operation = find(`${name}.${format.name}`);
        fc.assert(
          fc.property(patterns(format), patterns(format), (a, b) => {
            const expected = toBits(format, compute(toNumber(format, a), toNumber(format, b)));
            assert.equal(operation.compute(RNE, a, b, 0n).bits, expected);
          }),
          { numRuns: 2000 },
        );
      });
    }

    it(`conversions to .${format.name} round to nearest as the host does`, () => {
      fc.assert(
        fc.property(registers, patterns(binary64), (register, double) => {
          const expected = toBits(format, Number(BigInt.asIntN(64, register)));
          // Number() of a bigint rounds once, and to single again where that matters: compare where it does not.
          if (format === binary64) {
            assert.equal(find('fcvt.d.l').compute(RNE, register, 0n, 0n).bits, expected);
          }
          const small = BigInt.asIntN(32, register);
          const ofSmall = find(`fcvt.${format.name}.w`).compute(RNE, register, 0n, 0n).bits;
          assert.equal(ofSmall, toBits(format, Number(small)));
          const narrowed = find('fcvt.s.d').compute(RNE, double, 0n, 0n).bits;
          assert.equal(narrowed, toBits(binary32, toNumber(binary64, double)));
        }),
      );
    });
  }

  for (const operation of floatOperations.filter(({ rounds }) => rounds)) {
    const { mnemonic, operands, result } = operation;
    it(`${mnemonic} gives neighbours in opposite modes, and one of them in the others`, () => {
      fc.assert(
        fc.property(operandsOf(operands), ([a = 0n, b = 0n, c = 0n]) => {
          const [nearest, toZero, down, up, away] = modes.map((mode) => operation.compute(mode, a, b, c));
          if ((nearest!.flags & NX) === 0) return;
          const order = (bits: bigint): bigint => {
            if (result !== 'integer')
              return bits >> BigInt(result.width - 1) ? -BigInt.asUintN(result.width - 1, bits) : bits;
            return /^fcvt\..u/.test(mnemonic)
              ? BigInt.asUintN(mnemonic.startsWith('fcvt.w') ? 32 : 64, bits)
              : BigInt.asIntN(64, bits);
          };
          // A conversion may be invalid in one of the modes only.
          if ([nearest, toZero, down, up, away].some((each) => each!.flags & NV)) return;
          assert.equal(order(up!.bits) - order(down!.bits), 1n);
          for (const { bits } of [nearest!, toZero!, away!]) {
            assert.ok(bits === up!.bits || bits === down!.bits || order(bits) === 0n);
          }
          assert.ok(order(toZero!.bits) ** 2n <= order(nearest!.bits) ** 2n);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('is done by the host with the same results and exceptions, and mostly it is', () => {
    for (const [mnemonic, host] of Object.entries(hostOperations)) {
      const operation = find(mnemonic);
      const { result } = operation;
      let decided = 0;
      const numRuns = 2000;
      fc.assert(
        fc.property(operandsOf(operation.operands), (bits) => {
          const [a = 0, b = 0, c = 0] = bits.map((value, index) =>
            hostOperand(operation.operands[index]!, value),
          );
          const value = host!.compute(a, b, c);
          const flags = host!.flags(value, a, b, c);
          if (flags === UNDECIDED) return;
          decided++;
          const [x = 0n, y = 0n, z = 0n] = bits;
          const expected = operation.compute(host!.mode, x, y, z);
          const ours = result === 'integer' ? BigInt.asUintN(64, BigInt(value)) : toBits(result, value);
          assert.deepEqual({ bits: ours, flags }, expected, mnemonic);
        }),
        { numRuns },
      );
      assert.ok(decided > numRuns / 8, `${mnemonic}: ${decided}`);
    }
  });

  const hostOperand = (place: Place, bits: bigint): number => {
    if (place !== 'integer') return toNumber(place, bits);
    const value = Number(BigInt.asIntN(64, bits));
    return Number.isSafeInteger(value) ? value : NaN;
  };

  it('rounds fused multiply-add once', () => {
    // (1 + 2^-52)^2 - (1 + 2^-51) = 2^-104, which two roundings lose.
    const a = toBits(binary64, 1 + 2 ** -52);
    const c = toBits(binary64, -(1 + 2 ** -51));
    const result = find('fmadd.d').compute(RNE, a, a, c);
    assert.deepEqual(result, { bits: toBits(binary64, 2 ** -104), flags: 0 });
  });

  it('detects tininess after rounding', () => {
    const least = 0x0010_0000_0000_0000n;
    const half = toBits(binary64, 0.5);
    // The largest subnormal, and half of the odd number above 2^-1021: rounding up with one bit more makes it normal.
    const multiply = find('fmul.d');
    assert.deepEqual(multiply.compute(RNE, least + 1n, toBits(binary64, 1 - 2 ** -53), 0n), {
      bits: least,
      flags: NX,
    });
    assert.deepEqual(multiply.compute(RTZ, least + 1n, toBits(binary64, 1 - 2 ** -53), 0n), {
      bits: least,
      flags: NX,
    });
    assert.deepEqual(multiply.compute(RNE, least, toBits(binary64, 1 - 2 ** -53), 0n), {
      bits: least,
      flags: NX | UF,
    });
    assert.deepEqual(multiply.compute(RUP, 1n, half, 0n), { bits: 1n, flags: NX | UF });
    assert.deepEqual(multiply.compute(RMM, 1n, half, 0n), { bits: 1n, flags: NX | UF });
    assert.deepEqual(multiply.compute(RDN, 1n, half, 0n), { bits: 0n, flags: NX | UF });
    assert.deepEqual(multiply.compute(RNE, 2n, half, 0n), { bits: 1n, flags: 0 });
  });

  it('raises division by zero, overflow and invalid operation where they are due', () => {
    const { infinity, largest, canonicalNan } = binary32;
    const one = toBits(binary32, 1);
    const signaling = infinity | 1n;
    const cases = [
      ['fdiv.s', RNE, [one, 0n], infinity, DZ],
      ['fdiv.s', RNE, [0n, 0n], canonicalNan, NV],
      ['fdiv.s', RNE, [infinity, infinity], canonicalNan, NV],
      ['fmul.s', RNE, [largest, largest], infinity, OF | NX],
      ['fmul.s', RTZ, [largest, largest], largest, OF | NX],
      ['fmul.s', RDN, [largest, largest], largest, OF | NX],
      ['fsqrt.s', RNE, [toBits(binary32, -1)], canonicalNan, NV],
      ['fsqrt.s', RNE, [toBits(binary32, -0)], toBits(binary32, -0), 0],
      ['fmadd.s', RNE, [infinity, 0n, canonicalNan], canonicalNan, NV],
      ['fmin.s', RNE, [toBits(binary32, -0), 0n], toBits(binary32, -0), 0],
      ['fmax.s', RNE, [signaling, one], one, NV],
      ['feq.s', RNE, [canonicalNan, one], 0n, 0],
      ['fle.s', RNE, [canonicalNan, one], 0n, NV],
      ['fcvt.wu.s', RTZ, [toBits(binary32, -0.5)], 0n, NX],
      ['fcvt.wu.s', RTZ, [toBits(binary32, -1)], 0n, NV],
      ['fcvt.wu.s', RTZ, [toBits(binary32, 2 ** 32)], (1n << 64n) - 1n, NV],
      ['fcvt.w.s', RTZ, [signaling], 0x7fff_ffffn, NV],
      ['fsub.s', RDN, [one, one], toBits(binary32, -0), 0],
    ] as const;
    for (const [mnemonic, mode, [a, b = 0n, c = 0n], bits, flags] of cases) {
      assert.deepEqual(find(mnemonic).compute(mode, a, b, c), { bits, flags }, `${mnemonic} mode ${mode}`);
    }
  });
});
