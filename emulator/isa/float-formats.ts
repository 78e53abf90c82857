import { binary32, binary64 } from '../float/format';
import type { Code, F32, F64, I32, I64 } from '../wasm/expression';
import { i32, i64 } from '../wasm/expression';
import { f32, f64 } from '../wasm/float-expression';

/** A register of 64 bits holds a single with ones above it (NaN boxing, unpriv §21.2). */
export const BOX = i64.constant(0xffff_ffff_0000_0000n);
const CANONICAL_NAN = i64.constant(0xffff_ffff_7fc0_0000n);

/** Puts the box around bits of a single. */
export const box = (bits: I64): I64 => i64.or(bits, BOX);
const isBoxed = (bits: I64): I32 => i64.geU(bits, BOX);
/** A register as an operand: the canonical NaN unless it holds a boxed single. */
export const unboxed = (bits: I64): I64 => i64.select(bits, CANONICAL_NAN, isBoxed(bits));

/** Generated code on the numbers of a format. */
export interface FloatCode<T extends Code> {
  readonly precision: number;
  /** From a register and to it. */
  readonly read: (register: I64) => T;
  readonly bits: (value: T) => I64;
  /** Conditions for registers to hold numbers of the format. */
  readonly held: (registers: readonly I64[]) => readonly I32[];
  /** The result in a register is at least any number or a small one, twice the least normal, and finite. */
  readonly isBetween: (register: I64, least: 'any' | 'small') => I32;
  readonly isNumber: (value: T) => I32;
  readonly negate: (value: T) => T;
  readonly min: (a: T, b: T) => T;
  readonly max: (a: T, b: T) => T;
  readonly eq: (a: T, b: T) => I32;
  readonly lt: (a: T, b: T) => I32;
  readonly le: (a: T, b: T) => I32;
  readonly toDouble: (value: T) => F64;
  /** The number, or NaN if it is none of the format, at the top of 64 bits. */
  readonly toTop: (register: I64) => I64;
  /** How far `toTop` shifts, and bit patterns before that. */
  readonly shift: bigint;
  readonly leastNormal: bigint;
  readonly infinity: bigint;
  readonly canonicalNan: bigint;
}

const LEAST_NORMAL_DOUBLE = 1n << 52n;
const LEAST_NORMAL_SINGLE = 1n << 23n;

/** Compares bits without their sign, which is shifted out at the top. */
const isBetween =
  (signBits: bigint, leastNormal: bigint, infinity: bigint) =>
  (register: I64, least: 'any' | 'small'): I32 => {
    const [from, to] = [least === 'any' ? 0n : (leastNormal << 1n) << signBits, infinity << signBits];
    const magnitude = i64.shl(register, i64.constant(signBits));
    return from === 0n
      ? i64.ltU(magnitude, i64.constant(to))
      : i64.ltU(i64.sub(magnitude, i64.constant(from)), i64.constant(to - from));
  };

export const double: FloatCode<F64> = {
  precision: binary64.precision,
  read: f64.ofBits,
  bits: f64.bits,
  held: () => [],
  isBetween: isBetween(1n, LEAST_NORMAL_DOUBLE, binary64.infinity),
  isNumber: (value) => f64.eq(value, value),
  negate: f64.neg,
  min: f64.min,
  max: f64.max,
  eq: f64.eq,
  lt: f64.lt,
  le: f64.le,
  toDouble: (value) => value,
  toTop: (register) => register,
  shift: 0n,
  leastNormal: LEAST_NORMAL_DOUBLE,
  infinity: binary64.infinity,
  canonicalNan: binary64.canonicalNan,
};

export const single: FloatCode<F32> = {
  precision: binary32.precision,
  read: (register) => f32.ofBits(i32.wrap(register)),
  bits: (value) => box(i64.zeroExtend32(f32.bits(value))),
  // Ones are in all of them where they are in their conjunction.
  held: (registers) => [isBoxed(registers.reduce((a, b) => i64.and(a, b)))],
  isBetween: isBetween(33n, LEAST_NORMAL_SINGLE, binary32.infinity),
  isNumber: (value) => f32.eq(value, value),
  negate: f32.neg,
  min: f32.min,
  max: f32.max,
  eq: f32.eq,
  lt: f32.lt,
  le: f32.le,
  toDouble: f64.promote,
  toTop: (register) => i64.shl(unboxed(register), i64.constant(32)),
  shift: 32n,
  leastNormal: LEAST_NORMAL_SINGLE,
  infinity: binary32.infinity,
  canonicalNan: binary32.canonicalNan,
};
