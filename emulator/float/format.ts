/**
 * Binary interchange formats (IEEE 754-2019 §3.4) and the numbers that bit patterns stand for. All arithmetic of this folder is
 * written once, for any format.
 */
export interface Format {
  /** As in mnemonics: `fadd.s`, `fadd.d`. */
  readonly name: 's' | 'd';
  /** Bits of the whole. */
  readonly width: number;
  /** p: bits of the significand with the leading one that is not stored. */
  readonly precision: number;
  readonly exponentBits: number;
  /** Also emax. The least exponent of a normal number, emin, is 1 - bias. */
  readonly bias: number;
  /** Of both signs alike. */
  readonly infinity: bigint;
  readonly largest: bigint;
  readonly canonicalNan: bigint;
}

const format = (name: Format['name'], width: number, precision: number): Format => {
  const exponentBits = width - precision;
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(precision - 1);
  return {
    ...{ name, width, precision, exponentBits, infinity },
    bias: 2 ** (exponentBits - 1) - 1,
    largest: infinity - 1n,
    // Positive, quiet, no payload (unpriv §20.3).
    canonicalNan: infinity | (1n << BigInt(precision - 2)),
  };
};

export const binary32 = format('s', 32, 24);
export const binary64 = format('d', 64, 53);

/** 1 is negative. */
export type Sign = 0 | 1;

/** What a bit pattern stands for. A finite value other than zero is `significand * 2 ** exponent`, neither of them normalised. */
export type Unpacked =
  | { readonly kind: 'zero' | 'infinity'; readonly sign: Sign }
  | { readonly kind: 'finite'; readonly sign: Sign; readonly significand: bigint; readonly exponent: number }
  | { readonly kind: 'nan'; readonly sign: Sign; readonly signaling: boolean };

/** @param bits exactly `width` bits */
export function unpack({ width, precision, exponentBits, bias }: Format, bits: bigint): Unpacked {
  const sign: Sign = bits >> BigInt(width - 1) ? 1 : 0;
  const fraction = BigInt.asUintN(precision - 1, bits);
  const biased = Number(BigInt.asUintN(exponentBits, bits >> BigInt(precision - 1)));
  if (biased === 2 ** exponentBits - 1) {
    return fraction === 0n
      ? { kind: 'infinity', sign }
      : { kind: 'nan', sign, signaling: fraction >> BigInt(precision - 2) === 0n };
  }
  if (biased === 0 && fraction === 0n) return { kind: 'zero', sign };
  // Subnormal numbers have the exponent of the least normal ones, without their leading one.
  return {
    kind: 'finite',
    sign,
    significand: biased === 0 ? fraction : fraction | (1n << BigInt(precision - 1)),
    exponent: Math.max(biased, 1) - bias - (precision - 1),
  };
}

/** The pattern `magnitude` with a sign. */
export const withSign = ({ width }: Format, sign: Sign, magnitude: bigint): bigint =>
  (BigInt(sign) << BigInt(width - 1)) | magnitude;

/** The pattern with the other sign. */
export const negate = ({ width }: Format, bits: bigint): bigint => bits ^ (1n << BigInt(width - 1));
