import type { F32, F64, I32, I64 } from '../wasm/expression';
import { f32, f64, i32, i64 } from '../wasm/expression';
import type { Emitter, ShortWay } from './semantics';

/**
 * Short ways for frequent operations: WebAssembly rounds to nearest even, so where that is asked for and it is known that inexactness
 * has accrued, only results at the ends of the exponent range and NaNs are left to `float/`. They are told from the result:
 * below the least normal numbers lies what may have underflowed, above the largest what overflowed, divided by zero or is a NaN.
 */

const BOX = i64.constant(0xffff_ffff_0000_0000n);

/** How a format's operations are written, and the range of results, in bits without the sign at the top of 64. */
interface Format<T> {
  readonly operands: (m: Emitter) => readonly [T, T];
  /** The registers hold numbers of the format. */
  readonly held: (m: Emitter) => I32 | undefined;
  readonly bits: (value: T) => I64;
  readonly signless: (bits: I64) => I64;
  readonly infinity: bigint;
  /** Twice the least normal number. */
  readonly small: bigint;
}

const double: Format<F64> = {
  operands: (m) => [f64.ofBits(m.frs1), f64.ofBits(m.frs2)],
  held: () => undefined,
  bits: f64.bits,
  signless: (bits) => i64.shl(bits, i64.constant(1)),
  infinity: 0x7ff0_0000_0000_0000n << 1n,
  small: 0x0020_0000_0000_0000n << 1n,
};

const single: Format<F32> = {
  operands: (m) => [f32.ofBits(i32.wrap(m.frs1)), f32.ofBits(i32.wrap(m.frs2))],
  held: (m) => i32.and(i64.geU(m.frs1, BOX), i64.geU(m.frs2, BOX)),
  bits: (value) => i64.or(i64.zeroExtend32(f32.bits(value)), BOX),
  signless: (bits) => i64.shl(bits, i64.constant(33)),
  infinity: 0x7f80_0000n << 33n,
  small: 0x0100_0000n << 33n,
};

type Way = (m: Emitter) => ShortWay;

/** @param least results below it are not certain. */
const rounding =
  <T>(format: Format<T>, operation: (a: T, b: T) => T, least: bigint): Way =>
  (m) => {
    const held = format.held(m);
    return {
      possible: held ? i32.and(m.nearestAndInexact, held) : m.nearestAndInexact,
      result: format.bits(operation(...format.operands(m))),
      certain: (bits) =>
        i64.ltU(i64.sub(format.signless(bits), i64.constant(least)), i64.constant(format.infinity - least)),
      write: (bits) => m.writeFrd(bits),
    };
  };

/** Comparisons of numbers raise nothing. */
const comparing =
  <T>(format: Format<T>, isEqual: (a: T, b: T) => I32, compare: (a: T, b: T) => I32): Way =>
  (m) => {
    const [a, b] = format.operands(m);
    const numbers = i32.and(isEqual(a, a), isEqual(b, b));
    const held = format.held(m);
    return {
      possible: held ? i32.and(held, numbers) : numbers,
      result: i64.zeroExtend32(compare(a, b)),
      write: (flag) => m.writeRd(flag),
    };
  };

/** By mnemonic. A sum that is too small to be normal is exact, and no root is that small. */
export const shortWays: Readonly<Partial<Record<string, Way>>> = {
  'fadd.d': rounding(double, f64.add, 0n),
  'fsub.d': rounding(double, f64.sub, 0n),
  'fmul.d': rounding(double, f64.mul, double.small),
  'fdiv.d': rounding(double, f64.div, double.small),
  'fsqrt.d': rounding(double, (a) => f64.sqrt(a), 0n),
  'feq.d': comparing(double, f64.eq, f64.eq),
  'flt.d': comparing(double, f64.eq, f64.lt),
  'fle.d': comparing(double, f64.eq, f64.le),
  'fadd.s': rounding(single, f32.add, 0n),
  'fsub.s': rounding(single, f32.sub, 0n),
  'fmul.s': rounding(single, f32.mul, single.small),
  'fdiv.s': rounding(single, f32.div, single.small),
  'feq.s': comparing(single, f32.eq, f32.eq),
  'flt.s': comparing(single, f32.eq, f32.lt),
  'fle.s': comparing(single, f32.eq, f32.le),
};
