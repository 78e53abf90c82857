import type { Format, Sign } from './format';
import { withSign } from './format';

/** Rounding modes by their encoding in `rm` and `frm` (unpriv, table "Rounding mode encoding"). 5 and 6 are reserved. */
export const RoundingMode = { RNE: 0, RTZ: 1, RDN: 2, RUP: 3, RMM: 4 } as const;
export type RoundingMode = (typeof RoundingMode)[keyof typeof RoundingMode];
/** In `rm`: the mode is the one in `frm`. */
export const DYNAMIC = 7;

/** Accrued exceptions as in `fflags`: inexact, underflow, overflow, division by zero, invalid operation. */
export const Flag = { NX: 1, UF: 2, OF: 4, DZ: 8, NV: 16 } as const;

/** `bits` in the width of the result's format; integers as 64 bits. `flags` are the exceptions that the operation raises. */
export interface FloatResult {
  readonly bits: bigint;
  readonly flags: number;
}

export const exact = (bits: bigint): FloatResult => ({ bits, flags: 0 });
export const invalid = (bits: bigint): FloatResult => ({ bits, flags: Flag.NV });

/** Number of bits of a positive number. */
export function bitLength(value: bigint): number {
  const digits = value.toString(16);
  return 4 * digits.length - Math.clz32(parseInt(digits[0]!, 16)) + 28;
}

/** `value >> shift` as an integer rounded by the mode. The value is the magnitude of a number with that sign. */
export function shiftRounded(
  mode: RoundingMode,
  sign: Sign,
  value: bigint,
  shift: number,
): { readonly integer: bigint; readonly inexact: boolean } {
  if (shift <= 0) return { integer: value << BigInt(-shift), inexact: false };
  const floor = value >> BigInt(shift);
  const rest = value - (floor << BigInt(shift));
  if (rest === 0n) return { integer: floor, inexact: false };
  const half = 1n << BigInt(shift - 1);
  return { integer: awayFromZero(mode, sign, floor, rest, half) ? floor + 1n : floor, inexact: true };
}

function awayFromZero(mode: RoundingMode, sign: Sign, floor: bigint, rest: bigint, half: bigint): boolean {
  switch (mode) {
    case RoundingMode.RNE:
      return rest > half || (rest === half && (floor & 1n) === 1n);
    case RoundingMode.RTZ:
      return false;
    case RoundingMode.RDN:
      return sign === 1;
    case RoundingMode.RUP:
      return sign === 0;
    case RoundingMode.RMM:
      return rest >= half;
  }
}

/**
 * The number `significand * 2 ** exponent`, `significand` positive, in a format: the one rounding that each operation does, with
 * the exceptions that come of it (IEEE 754-2019 §7.4 to §7.6). Of a number with more bits than can be given, those far
 * below the last place may be collected in one bit set there.
 */
export function round(
  format: Format,
  mode: RoundingMode,
  sign: Sign,
  significand: bigint,
  exponent: number,
): FloatResult {
  const { precision, bias } = format;
  const least = 1 - bias;
  const leading = exponent + bitLength(significand) - 1;
  const lastPlace = Math.max(leading, least) - (precision - 1);
  const { integer, inexact } = shiftRounded(mode, sign, significand, lastPlace - exponent);
  // A carry out of the significand moves into the exponent, and from the subnormal numbers into the normal ones.
  const normal = integer >> BigInt(precision - 1) !== 0n;
  const magnitude = normal
    ? (BigInt(lastPlace + precision - 2 + bias) << BigInt(precision - 1)) + integer
    : integer;
  if (magnitude > format.largest) return overflow(format, mode, sign);
  const tiny =
    leading < least && isTiny(format, mode, sign, significand, leading - exponent, least - leading);
  return {
    bits: withSign(format, sign, magnitude),
    flags: inexact ? (tiny ? Flag.NX | Flag.UF : Flag.NX) : 0,
  };
}

/**
 * Tininess after rounding (unpriv §20.2): whether the result would be below the normal numbers if exponents had no bound. `below`: how
 * far the leading bit is below theirs; `top`: its place in `significand`. Only rounding up just below can leave that range.
 */
function isTiny(
  { precision }: Format,
  mode: RoundingMode,
  sign: Sign,
  significand: bigint,
  top: number,
  below: number,
): boolean {
  if (below > 1) return true;
  const { integer } = shiftRounded(mode, sign, significand, top - (precision - 1));
  return bitLength(integer) <= precision;
}

/** Too large: infinity where the mode rounds that way, else the largest finite number (IEEE 754-2019 §7.4). */
function overflow(format: Format, mode: RoundingMode, sign: Sign): FloatResult {
  const toward = sign === 0 ? RoundingMode.RDN : RoundingMode.RUP;
  const finite = mode === RoundingMode.RTZ || mode === toward;
  return {
    bits: withSign(format, sign, finite ? format.largest : format.infinity),
    flags: Flag.OF | Flag.NX,
  };
}
