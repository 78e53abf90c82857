import * as arithmetic from './arithmetic';
import * as comparison from './compare';
import type { IntegerType } from './convert';
import { convert, fromInteger, integerTypes, toInteger } from './convert';
import type { Format } from './format';
import { binary32, binary64, negate } from './format';
import type { FloatResult, RoundingMode } from './rounding';

/** Where an operand comes from and a result goes to: a float register in a format, or an integer register. */
export type Place = Format | 'integer';

/**
 * One operation of the F or D extension by its mnemonic, as a pure function of bit patterns. Operands it does not have are
 * ignored, and so is the mode by operations that round nothing.
 */
export interface FloatOperation {
  readonly mnemonic: string;
  /** One for each operand. */
  readonly operands: readonly Place[];
  readonly result: Place;
  /** The instruction has an `rm` field. */
  readonly rounds: boolean;
  compute(mode: RoundingMode, a: bigint, b: bigint, c: bigint): FloatResult;
}

const formats = [binary32, binary64];

function operationsOf(format: Format): FloatOperation[] {
  const define = (
    name: string,
    operandCount: number,
    compute: FloatOperation['compute'],
    { result = format, rounds = true }: { result?: Place; rounds?: boolean } = {},
  ): FloatOperation => ({
    ...{ mnemonic: `${name}.${format.name}`, result, rounds, compute },
    operands: Array<Place>(operandCount).fill(format),
  });
  const compare = (name: string, relation: typeof comparison.equal): FloatOperation =>
    define(name, 2, (_, a, b) => relation(format, a, b), { result: 'integer', rounds: false });
  const extreme = (name: string, choose: typeof comparison.minimum): FloatOperation =>
    define(name, 2, (_, a, b) => choose(format, a, b), { rounds: false });
  /** Signs of product and addend change before the one rounding. */
  const fused = (name: string, negateProduct: boolean, negateAddend: boolean): FloatOperation =>
    define(name, 3, (mode, a, b, c) =>
      arithmetic.multiplyAdd(
        format,
        mode,
        negateProduct ? negate(format, a) : a,
        b,
        negateAddend ? negate(format, c) : c,
      ),
    );
  return [
    define('fadd', 2, (mode, a, b) => arithmetic.add(format, mode, a, b)),
    define('fsub', 2, (mode, a, b) => arithmetic.subtract(format, mode, a, b)),
    define('fmul', 2, (mode, a, b) => arithmetic.multiply(format, mode, a, b)),
    define('fdiv', 2, (mode, a, b) => arithmetic.divide(format, mode, a, b)),
    define('fsqrt', 1, (mode, a) => arithmetic.squareRoot(format, mode, a)),
    fused('fmadd', false, false),
    fused('fmsub', false, true),
    fused('fnmsub', true, false),
    fused('fnmadd', true, true),
    extreme('fmin', comparison.minimum),
    extreme('fmax', comparison.maximum),
    compare('feq', comparison.equal),
    compare('flt', comparison.less),
    compare('fle', comparison.lessOrEqual),
    define('fclass', 1, (_, a) => comparison.classify(format, a), { result: 'integer', rounds: false }),
    ...(Object.keys(integerTypes) as IntegerType[]).flatMap((type) => integerConversions(format, type)),
  ];
}

function integerConversions(format: Format, type: IntegerType): FloatOperation[] {
  return [
    {
      mnemonic: `fcvt.${type}.${format.name}`,
      ...{ operands: [format], result: 'integer', rounds: true },
      compute: (mode, a) => toInteger(format, mode, type, a),
    },
    {
      mnemonic: `fcvt.${format.name}.${type}`,
      ...{ operands: ['integer'], result: format, rounds: true },
      compute: (mode, a) => fromInteger(format, mode, type, a),
    },
  ];
}

const formatConversion = (to: Format, from: Format): FloatOperation => ({
  mnemonic: `fcvt.${to.name}.${from.name}`,
  ...{ operands: [from], result: to, rounds: true },
  compute: (mode, a) => convert(from, to, mode, a),
});

/** All operations that are more than moving bits. */
export const floatOperations: readonly FloatOperation[] = [
  ...formats.flatMap(operationsOf),
  formatConversion(binary32, binary64),
  formatConversion(binary64, binary32),
];
