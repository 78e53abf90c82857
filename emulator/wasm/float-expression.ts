import { ValueType } from './code';
import type { F32, F64, I32, I64 } from './expression';
import { binary, conditional, unary } from './expression';

/**
 * WebAssembly's instructions on doubles and singles, which come from and go to bits. They round to nearest even (IEEE 754-2019 §4.3.1);
 * which NaN is the result of an operation is not said (core spec §4.3.3).
 */

/** Saturating conversions to integers: NaN becomes 0 (core spec §4.3.2). */
const truncate =
  (opcode: number) =>
  (value: F64): I64 =>
  (to) => {
    value(to);
    to.byte(0xfc).unsigned(opcode);
  };

export const f64 = {
  constant:
    (value: number): F64 =>
    (to) =>
      to.byte(0x44).append(new Uint8Array(Float64Array.of(value).buffer)),
  ofBits: unary<I64, F64>(0xbf),
  bits: unary<F64, I64>(0xbd),
  abs: unary<F64, F64>(0x99),
  neg: unary<F64, F64>(0x9a),
  /** To integers: up, down, towards zero, to nearest even. */
  ceil: unary<F64, F64>(0x9b),
  floor: unary<F64, F64>(0x9c),
  trunc: unary<F64, F64>(0x9d),
  nearest: unary<F64, F64>(0x9e),
  sqrt: unary<F64, F64>(0x9f),
  add: binary<F64>(0xa0),
  sub: binary<F64>(0xa1),
  mul: binary<F64>(0xa2),
  div: binary<F64>(0xa3),
  /** -0 is below +0; a NaN if one of them is. */
  min: binary<F64>(0xa4),
  max: binary<F64>(0xa5),
  eq: binary<F64, I32>(0x61),
  ne: binary<F64, I32>(0x62),
  lt: binary<F64, I32>(0x63),
  le: binary<F64, I32>(0x65),
  ge: binary<F64, I32>(0x66),
  ofI32: unary<I32, F64>(0xb7),
  ofU32: unary<I32, F64>(0xb8),
  ofI64: unary<I64, F64>(0xb9),
  ofU64: unary<I64, F64>(0xba),
  promote: unary<F32, F64>(0xbb),
  toI64: truncate(6),
  toU64: truncate(7),
  /** As `i64.choose`. */
  choose: (condition: I32, yes: F64, no: F64): F64 => conditional(ValueType.f64, condition, yes, no),
};

export const f32 = {
  constant:
    (value: number): F32 =>
    (to) =>
      to.byte(0x43).append(new Uint8Array(Float32Array.of(value).buffer)),
  ofBits: unary<I32, F32>(0xbe),
  bits: unary<F32, I32>(0xbc),
  abs: unary<F32, F32>(0x8b),
  neg: unary<F32, F32>(0x8c),
  sqrt: unary<F32, F32>(0x91),
  add: binary<F32>(0x92),
  sub: binary<F32>(0x93),
  mul: binary<F32>(0x94),
  div: binary<F32>(0x95),
  min: binary<F32>(0x96),
  max: binary<F32>(0x97),
  eq: binary<F32, I32>(0x5b),
  lt: binary<F32, I32>(0x5d),
  le: binary<F32, I32>(0x5f),
  ge: binary<F32, I32>(0x60),
  ofI32: unary<I32, F32>(0xb2),
  ofU32: unary<I32, F32>(0xb3),
  ofI64: unary<I64, F32>(0xb4),
  ofU64: unary<I64, F32>(0xb5),
  demote: unary<F64, F32>(0xb6),
};
