/** C's conversions and operators on numbers (C17 6.3.1, 6.5). */
import type { CType } from '../c-types';
import { DOUBLE, FLOAT, INT, integerOf, LONG } from './basic-types';
import { rvalue, type Bound, type Scalar } from './bound';
import type { Machine } from './names';
import { ExpressionError } from './tokens';
import { decayed, integerForm, isScalar, plain, promoted, sizeOf, type PlainType } from './types';
import { typeText } from './type-text';

/** A value converted to a scalar type, as an assignment would. */
export function convert(value: Scalar, type: PlainType): Scalar {
  if (type.kind === 'float') return type.size === 4 ? Math.fround(Number(value)) : Number(value);
  if (type.kind === 'integer' && type.as === 'boolean') return value == 0 ? 0n : 1n;
  const form = integerForm(type);
  if (!form) return value;
  const whole = typeof value === 'number' ? truncated(value) : value;
  return form.signed ? BigInt.asIntN(form.size * 8, whole) : BigInt.asUintN(form.size * 8, whole);
}

function truncated(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
}

/** An operand as arithmetic takes it: arrays are pointers. @throws ExpressionError for what is no scalar. */
export function operandType(operand: Bound): PlainType {
  const type = plain(decayed(operand.type));
  if (isScalar(type)) return type;
  // It says best itself why it has no value.
  return type.kind === 'array' ? plain(LONG) : type;
}

/** The type that both operands are converted to (C17 6.3.1.8); pointers count as unsigned long. */
function commonType(a: Bound, b: Bound): CType {
  const typeBeside = (operand: Bound, other: Bound) =>
    operand.small && !other.small ? plain(operand.small) : operandType(operand);
  const [left, right] = [typeBeside(a, b), typeBeside(b, a)];
  if (left.kind === 'float' || right.kind === 'float') {
    const sizes = [left, right].map((type) => (type.kind === 'float' ? type.size : 0));
    return Math.max(...sizes) > 4 ? DOUBLE : FLOAT;
  }
  const forms = [integerForm(plain(promoted(left, a.bits))), integerForm(plain(promoted(right, b.bits)))];
  const size = Math.max(...forms.map((form) => form?.size ?? 8));
  // Of the same size, unsigned wins; a larger signed type holds all values of a smaller unsigned one.
  return integerOf(size, !forms.some((form) => form?.size === size && !form.signed));
}

export function negated(operand: Bound, at: number, operator: '-' | '+' | '~'): Bound {
  const type = promoted(operandType(operand), operand.bits);
  const target = plain(type);
  const { scalar } = operand;
  if (operator === '+') return rvalue(at, type, (machine) => convert(scalar(machine), target));
  if (operator === '-') {
    return rvalue(at, target.kind === 'pointer' ? integerOf(8, false) : type, (machine) => {
      const value = scalar(machine);
      return convert(-value, target);
    });
  }
  return rvalue(at, type, (machine) => convert(~integer(scalar(machine), at), target));
}

function integer(value: Scalar, at: number): bigint {
  if (typeof value === 'bigint') return value;
  throw new ExpressionError(at, 'This operator takes whole numbers only: cast the value, as in (long)x.');
}

export function truth(value: Scalar): boolean {
  return value != 0;
}

const COMPARISONS: Readonly<Record<string, (a: Scalar, b: Scalar) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

/** Any binary operator but `&&`, `||` and those on texts. */
export function binary(operator: string, left: Bound, right: Bound, at: number): Bound {
  const comparison = COMPARISONS[operator];
  if (comparison) return compared(comparison, left, right, at);
  if (operator === '<<' || operator === '>>') return shifted(operator, left, right, at);
  return pointerArithmetic(operator, left, right, at) ?? calculated(operator, left, right, at);
}

function compared(holds: (a: Scalar, b: Scalar) => boolean, left: Bound, right: Bound, at: number): Bound {
  const type = plain(commonType(left, right));
  const [a, b] = [left.scalar, right.scalar];
  return rvalue(at, INT, (machine) =>
    holds(convert(a(machine), type), convert(b(machine), type)) ? 1n : 0n,
  );
}

/** The left operand alone decides the type (C17 6.5.7); the hardware uses the low bits of the count. */
function shifted(operator: string, left: Bound, right: Bound, at: number): Bound {
  const type = promoted(operandType(left), left.bits);
  const target = plain(type);
  const mask = BigInt((sizeOf(type) ?? 8) * 8 - 1);
  return rvalue(at, target.kind === 'pointer' ? integerOf(8, false) : type, (machine) => {
    const value = integer(left.scalar(machine), at);
    const count = integer(right.scalar(machine), at) & mask;
    return convert(operator === '<<' ? value << count : value >> count, target);
  });
}

/** Bytes between elements of what a pointer points to. */
export function strideOf(target: CType, at: number): bigint {
  const size = sizeOf(target);
  if (size !== undefined) return BigInt(size);
  throw new ExpressionError(
    at,
    `The size of ${typeText(target)} is not known, so its elements cannot be counted.`,
  );
}

/** Pointers count in elements (C17 6.5.6). `undefined` if this is none of it. */
function pointerArithmetic(operator: string, left: Bound, right: Bound, at: number): Bound | undefined {
  const [a, b] = [plain(decayed(left.type)), plain(decayed(right.type))];
  if (operator === '+' && a.kind !== 'pointer' && b.kind === 'pointer')
    return pointerArithmetic('+', right, left, at);
  if ((operator !== '+' && operator !== '-') || a.kind !== 'pointer') return undefined;
  const stride = strideOf(a.target, at);
  const values = (machine: Machine) =>
    [integer(left.scalar(machine), at), integer(right.scalar(machine), at)] as const;
  if (operator === '-' && b.kind === 'pointer') {
    return rvalue(at, LONG, (machine) => {
      const [from, to] = values(machine);
      return stride === 0n ? 0n : BigInt.asIntN(64, from - to) / stride;
    });
  }
  if (b.kind === 'pointer') throw new ExpressionError(at, 'Two pointers cannot be added.');
  return rvalue(at, decayed(left.type), (machine) => {
    const [pointer, count] = values(machine);
    const distance = count * stride;
    return BigInt.asUintN(64, operator === '+' ? pointer + distance : pointer - distance);
  });
}

function calculated(operator: string, left: Bound, right: Bound, at: number): Bound {
  const type = commonType(left, right);
  const target = plain(type);
  const [a, b] = [left.scalar, right.scalar];
  if (target.kind === 'float') {
    return rvalue(at, type, (machine) =>
      convert(onFloats(operator, Number(a(machine)), Number(b(machine)), at), target),
    );
  }
  return rvalue(at, type, (machine) => {
    const x = convert(a(machine), target) as bigint;
    const y = convert(b(machine), target) as bigint;
    return convert(onIntegers(operator, x, y, at), target);
  });
}

function onFloats(operator: string, a: number, b: number, at: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      throw new ExpressionError(at, `"${operator}" takes whole numbers only: cast the value, as in (long)x.`);
  }
}

function onIntegers(operator: string, a: bigint, b: bigint, at: number): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
    case '%':
      if (b === 0n) throw new ExpressionError(at, 'Division by zero.');
      return operator === '/' ? a / b : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    default:
      return a ^ b;
  }
}
