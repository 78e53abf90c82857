/** What the operations of DWARF expressions on two values compute (DWARF 5 §2.5.1.4 and §2.5.1.5). */
import { OP } from './expression-operations';
import { floatOperation, generic, typed, type TypedValue } from './typed-values';

const isShift = (op: number) => op === OP.shl || op === OP.shr || op === OP.shra;

const FLOAT_OPERATIONS: ReadonlyMap<number, string> = new Map([
  [OP.plus, '+'],
  [OP.minus, '-'],
  [OP.mul, '*'],
  [OP.div, '/'],
  [OP.eq, '=='],
  [OP.ne, '!='],
  [OP.lt, '<'],
  [OP.le, '<='],
  [OP.gt, '>'],
  [OP.ge, '>='],
]);

/** Both of one type, of which the result is; those of comparisons are generic. `undefined` for what cannot be done. */
export function binary(op: number, a: TypedValue, b: TypedValue): TypedValue | undefined {
  const { type } = a;
  if (!isShift(op) && (type?.kind !== b.type?.kind || type?.size !== b.type?.size)) return undefined;
  if (type?.kind === 'float') return floatOperation(FLOAT_OPERATIONS.get(op) ?? '', a, b);
  const compared = comparison(op, signedOf(a), signedOf(b));
  if (compared !== undefined) return generic(BigInt(compared));
  const result = arithmetic(op, a, b.bits, (type?.size ?? 8) * 8);
  return result === undefined ? undefined : typed(result, type);
}

/** Values of the generic type are signed where it matters. */
function signedOf({ bits, type }: TypedValue): bigint {
  return type?.kind === 'unsigned' ? bits : BigInt.asIntN((type?.size ?? 8) * 8, bits);
}

function comparison(op: number, left: bigint, right: bigint): boolean | undefined {
  switch (op) {
    case OP.eq:
      return left === right;
    case OP.ne:
      return left !== right;
    case OP.ge:
      return left >= right;
    case OP.gt:
      return left > right;
    case OP.le:
      return left <= right;
    case OP.lt:
      return left < right;
    default:
      return undefined;
  }
}

function arithmetic(op: number, first: TypedValue, b: bigint, width: number): bigint | undefined {
  const a = first.bits;
  const left = signedOf(first);
  const limit = BigInt(width);
  switch (op) {
    case OP.and:
      return a & b;
    case OP.or:
      return a | b;
    case OP.xor:
      return a ^ b;
    case OP.plus:
      return a + b;
    case OP.minus:
      return a - b;
    case OP.mul:
      return a * b;
    case OP.div:
      return b === 0n ? undefined : left / signedOf({ bits: b, type: first.type });
    case OP.mod:
      return b === 0n ? undefined : modulo(first, b);
    case OP.shl:
      return b < limit ? a << b : 0n;
    case OP.shr:
      return b < limit ? a >> b : 0n;
    case OP.shra:
      return BigInt.asIntN(width, a) >> (b < limit ? b : limit - 1n);
    default:
      return undefined;
  }
}

/** Of the generic type it is unsigned, as in other debuggers: the standard does not say. */
function modulo(a: TypedValue, b: bigint): bigint {
  return a.type === undefined ? a.bits % b : signedOf(a) % signedOf({ bits: b, type: a.type });
}
