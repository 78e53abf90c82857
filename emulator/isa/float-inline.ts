import type { Code, F64, I32, I64 } from '../wasm/expression';
import { i32, i64 } from '../wasm/expression';
import { f32, f64 } from '../wasm/float-expression';
import { generatedCalls } from '../wasm/imports';
import type { FloatCode } from './float-formats';
import { double, single } from './float-formats';
import type { Emitter, ShortWay } from './semantics';

/**
 * Short ways for floating-point operations. WebAssembly rounds to nearest even, so where that is asked for only results at the ends of
 * the exponent range and NaNs are left to `float/`. Both are told from the result: below the least normal numbers lies what may have
 * underflowed, above the largest what overflowed, divided by zero or is a NaN. Whether a result is inexact makes no difference
 * once that has accrued; until then, and for small results, functions of `wasm/float/` look closer.
 */

type Way = (m: Emitter) => ShortWay;

const always = i32.constant(1);
const nearest = (m: Emitter): I32 => i32.eqz(m.roundingMode);
const all = (...conditions: readonly I32[]): I32 =>
  conditions.length === 0 ? always : conditions.reduce((a, b) => i32.and(a, b));

/** Rounded arithmetic on `count` operands. @param least results below it are not certain. */
function rounding<T extends Code>(
  { read, bits, held, isBetween }: FloatCode<T>,
  count: 1 | 2,
  operation: (a: T, b: T) => T,
  least: 'any' | 'small',
  settle: (result: T, a: T, b: T) => I32,
): Way {
  return (m) => ({
    operands: [m.frs1, m.frs2].slice(0, count),
    possible: (...operands) => all(nearest(m), ...held(operands)),
    result: (a, b = a) => bits(operation(read(a), read(b))),
    certain: (result, a, b = a) =>
      i32.choose(
        i32.and(isBetween(result, least), m.inexactAccrued),
        always,
        settle(read(result), read(a), read(b)),
      ),
    write: (result) => m.writeFrd(result),
  });
}

/** Functions that tell by a NaN that they do not know the result. */
const fused =
  <T extends Code>(
    { read, bits, held, isNumber, negate }: FloatCode<T>,
    multiplyAdd: (a: T, b: T, c: T) => T,
    signs: { readonly product?: '-'; readonly addend?: '-' },
  ): Way =>
  (m) => ({
    operands: [m.frs1, m.frs2, m.frs3],
    possible: (...operands) => all(nearest(m), ...held(operands)),
    result: (a, b, c) =>
      bits(
        multiplyAdd(
          signs.product ? negate(read(a)) : read(a),
          read(b),
          signs.addend ? negate(read(c)) : read(c),
        ),
      ),
    certain: (result) => isNumber(read(result)),
    write: (result) => m.writeFrd(result),
  });

/** WebAssembly gives the number that RISC-V wants, unless there is a NaN. */
const extreme =
  <T extends Code>({ read, bits, held, isNumber }: FloatCode<T>, choose: (a: T, b: T) => T): Way =>
  (m) => ({
    operands: [m.frs1, m.frs2],
    possible: (...operands) => all(...held(operands)),
    result: (a, b) => bits(choose(read(a), read(b))),
    certain: (result) => isNumber(read(result)),
    write: (result) => m.writeFrd(result),
  });

/** Comparisons of numbers raise nothing. */
const comparing =
  <T extends Code>({ read, held, isNumber }: FloatCode<T>, compare: (a: T, b: T) => I32): Way =>
  (m) => ({
    operands: [m.frs1, m.frs2],
    possible: (a, b) => all(...held([a, b]), isNumber(read(a)), isNumber(read(b))),
    result: (a, b) => i64.zeroExtend32(compare(read(a), read(b))),
    write: (flag) => m.writeRd(flag),
  });

const classifying =
  <T extends Code>({ toTop, shift, leastNormal, infinity, canonicalNan }: FloatCode<T>): Way =>
  (m) => {
    const atTop = (bits: bigint): I64 => i64.constant(bits << shift);
    return {
      operands: [m.frs1],
      possible: () => always,
      result: (a) =>
        generatedCalls.classify(toTop(a), atTop(leastNormal), atTop(infinity), atTop(canonicalNan)),
      write: (result) => m.writeRd(result),
    };
  };

/** To an integer of at least `least` and below `bound`. */
const toInteger =
  <T extends Code>(
    { read, held, toDouble }: FloatCode<T>,
    convert: (integral: F64) => I64,
    least: number,
    bound: number,
  ): Way =>
  (m) => ({
    operands: [m.frs1],
    possible: (a) => all(...held([a])),
    result: (a) =>
      f64.bits(
        generatedCalls.toIntegral(
          toDouble(read(a)),
          m.roundingMode,
          f64.constant(least),
          f64.constant(bound),
        ),
      ),
    certain: (result) => double.isNumber(f64.ofBits(result)),
    write: (result) => m.writeRd(convert(f64.ofBits(result))),
  });

/** @param magnitude of an integer that the format may not hold exactly */
const fromInteger =
  <T extends Code>(
    { bits, precision }: FloatCode<T>,
    convert: (register: I64) => T,
    magnitude?: (register: I64) => I64,
  ): Way =>
  (m) => ({
    operands: [m.rs1],
    possible: () => nearest(m),
    result: (a) => bits(convert(a)),
    ...(magnitude && {
      certain: (_, a) =>
        i32.choose(m.inexactAccrued, always, generatedCalls.integer(magnitude(a), i64.constant(precision))),
    }),
    write: (result) => m.writeFrd(result),
  });

const narrowing: Way = (m) => ({
  operands: [m.frs1],
  possible: () => nearest(m),
  result: (a) => single.bits(f32.demote(f64.ofBits(a))),
  certain: (result, a) =>
    i32.choose(
      i32.and(single.isBetween(result, 'small'), m.inexactAccrued),
      always,
      generatedCalls.narrowed(single.read(result), f64.ofBits(a)),
    ),
  write: (result) => m.writeFrd(result),
});

const widening: Way = (m) => ({
  operands: [m.frs1],
  possible: (a) => all(nearest(m), ...single.held([a])),
  result: (a) => f64.bits(f64.promote(single.read(a))),
  certain: (result) => double.isNumber(f64.ofBits(result)),
  write: (result) => m.writeFrd(result),
});

const low32 = (value: I64): I32 => i32.wrap(value);
const signed32 = (value: I64): I64 => i64.signExtend32(i32.wrap(value));
const unsigned32 = (value: I64): I64 => i64.zeroExtend32(i32.wrap(value));
const itself = (value: I64): I64 => value;
const absolute = (value: I64): I64 =>
  i64.select(value, i64.sub(i64.constant(0), value), i64.geS(value, i64.constant(0)));

/** What has the same form in both formats. */
const common = <T extends Code>(
  format: FloatCode<T>,
  multiplyAdd: (a: T, b: T, c: T) => T,
  name: 's' | 'd',
): Readonly<Record<string, Way>> => ({
  [`fmadd.${name}`]: fused(format, multiplyAdd, {}),
  [`fmsub.${name}`]: fused(format, multiplyAdd, { addend: '-' }),
  [`fnmsub.${name}`]: fused(format, multiplyAdd, { product: '-' }),
  [`fnmadd.${name}`]: fused(format, multiplyAdd, { product: '-', addend: '-' }),
  [`fmin.${name}`]: extreme(format, format.min),
  [`fmax.${name}`]: extreme(format, format.max),
  [`feq.${name}`]: comparing(format, format.eq),
  [`flt.${name}`]: comparing(format, format.lt),
  [`fle.${name}`]: comparing(format, format.le),
  [`fclass.${name}`]: classifying(format),
  [`fcvt.w.${name}`]: toInteger(format, f64.toI64, -(2 ** 31), 2 ** 31),
  [`fcvt.wu.${name}`]: toInteger(format, (x) => signed32(f64.toI64(x)), 0, 2 ** 32),
  [`fcvt.l.${name}`]: toInteger(format, f64.toI64, -(2 ** 63), 2 ** 63),
  [`fcvt.lu.${name}`]: toInteger(format, f64.toU64, 0, 2 ** 64),
});

/** By mnemonic. A sum that is too small to be normal is exact, and no root is that small. */
export const shortWays: Readonly<Partial<Record<string, Way>>> = {
  ...common(double, generatedCalls.multiplyAddDouble, 'd'),
  ...common(single, generatedCalls.multiplyAddSingle, 's'),
  'fadd.d': rounding(double, 2, f64.add, 'any', generatedCalls.sumDouble),
  'fsub.d': rounding(double, 2, f64.sub, 'any', (r, a, b) => generatedCalls.sumDouble(r, a, f64.neg(b))),
  'fmul.d': rounding(double, 2, f64.mul, 'small', generatedCalls.productDouble),
  'fdiv.d': rounding(double, 2, f64.div, 'small', generatedCalls.quotientDouble),
  'fsqrt.d': rounding(
    double,
    1,
    (a) => f64.sqrt(a),
    'any',
    (r, a) => generatedCalls.rootDouble(r, a),
  ),
  'fadd.s': rounding(single, 2, f32.add, 'any', generatedCalls.sumSingle),
  'fsub.s': rounding(single, 2, f32.sub, 'any', (r, a, b) => generatedCalls.sumSingle(r, a, f32.neg(b))),
  'fmul.s': rounding(single, 2, f32.mul, 'small', generatedCalls.productSingle),
  'fdiv.s': rounding(single, 2, f32.div, 'small', generatedCalls.quotientSingle),
  'fsqrt.s': rounding(
    single,
    1,
    (a) => f32.sqrt(a),
    'any',
    (r, a) => generatedCalls.rootSingle(r, a),
  ),
  'fcvt.d.w': fromInteger(double, (x) => f64.ofI32(low32(x))),
  'fcvt.d.wu': fromInteger(double, (x) => f64.ofU32(low32(x))),
  'fcvt.d.l': fromInteger(double, f64.ofI64, absolute),
  'fcvt.d.lu': fromInteger(double, f64.ofU64, itself),
  'fcvt.s.w': fromInteger(
    single,
    (x) => f32.ofI32(low32(x)),
    (x) => absolute(signed32(x)),
  ),
  'fcvt.s.wu': fromInteger(single, (x) => f32.ofU32(low32(x)), unsigned32),
  'fcvt.s.l': fromInteger(single, f32.ofI64, absolute),
  'fcvt.s.lu': fromInteger(single, f32.ofU64, itself),
  'fcvt.s.d': narrowing,
  'fcvt.d.s': widening,
};
