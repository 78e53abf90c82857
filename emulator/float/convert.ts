import type { Format } from './format';
import { unpack, withSign } from './format';
import type { FloatResult, RoundingMode } from './rounding';
import { exact, Flag, invalid, round, shiftRounded } from './rounding';

/** Conversions between formats and with integers (unpriv §20.7, §21.5). */

/** Integers of the `fcvt` instructions: signed and unsigned, of 32 and 64 bits. */
export const integerTypes = {
  w: { bits: 32, signed: true },
  wu: { bits: 32, signed: false },
  l: { bits: 64, signed: true },
  lu: { bits: 64, signed: false },
} as const;
export type IntegerType = keyof typeof integerTypes;

/** As a register holds it: 32-bit integers, unsigned ones too, are sign-extended to 64 bits. */
const inRegister = (type: IntegerType, value: bigint): bigint =>
  BigInt.asUintN(64, BigInt.asIntN(integerTypes[type].bits, value));

/** Rounds to an integer. What does not fit is invalid, not inexact, and gives the nearest integer that does; NaN the greatest. */
export function toInteger(format: Format, mode: RoundingMode, type: IntegerType, bits: bigint): FloatResult {
  const { bits: width, signed } = integerTypes[type];
  const greatest = (1n << BigInt(signed ? width - 1 : width)) - 1n;
  const least = signed ? -greatest - 1n : 0n;
  const value = unpack(format, bits);
  switch (value.kind) {
    case 'nan':
      return invalid(inRegister(type, greatest));
    case 'infinity':
      return invalid(inRegister(type, value.sign === 0 ? greatest : least));
    case 'zero':
      return exact(0n);
    case 'finite': {
      const { sign, significand, exponent } = value;
      const { integer: magnitude, inexact } = shiftRounded(mode, sign, significand, -exponent);
      const integer = sign === 1 ? -magnitude : magnitude;
      if (integer > greatest) return invalid(inRegister(type, greatest));
      if (integer < least) return invalid(inRegister(type, least));
      return { bits: inRegister(type, integer), flags: inexact ? Flag.NX : 0 };
    }
  }
}

/** @param register of which the type says how many bits count */
export function fromInteger(
  format: Format,
  mode: RoundingMode,
  type: IntegerType,
  register: bigint,
): FloatResult {
  const { bits, signed } = integerTypes[type];
  const integer = signed ? BigInt.asIntN(bits, register) : BigInt.asUintN(bits, register);
  if (integer === 0n) return exact(0n);
  return integer < 0n ? round(format, mode, 1, -integer, 0) : round(format, mode, 0, integer, 0);
}

/** To another format. NaNs become canonical. */
export function convert(from: Format, to: Format, mode: RoundingMode, bits: bigint): FloatResult {
  const value = unpack(from, bits);
  switch (value.kind) {
    case 'nan':
      return { bits: to.canonicalNan, flags: value.signaling ? Flag.NV : 0 };
    case 'infinity':
      return exact(withSign(to, value.sign, to.infinity));
    case 'zero':
      return exact(withSign(to, value.sign, 0n));
    case 'finite':
      return round(to, mode, value.sign, value.significand, value.exponent);
  }
}
