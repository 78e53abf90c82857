/** Values on the stack of a DWARF expression: of the generic type, or of a base type (DWARF 5 §2.5.1). */

/** A base type as expressions use it: of 1 to 8 bytes. */
export interface ValueType {
  readonly kind: 'signed' | 'unsigned' | 'float';
  /** Bytes. */
  readonly size: number;
}

/** `bits` is unsigned and, of a typed value, of as many bits as its type has. Without a type it is the generic one: 64 bits. */
export interface TypedValue {
  readonly bits: bigint;
  readonly type: ValueType | undefined;
}

const view = new DataView(new ArrayBuffer(8));

export function generic(bits: bigint): TypedValue {
  return { bits: BigInt.asUintN(64, bits), type: undefined };
}

export function typed(bits: bigint, type: ValueType | undefined): TypedValue {
  return { bits: BigInt.asUintN(type === undefined ? 64 : type.size * 8, bits), type };
}

/** The number that a value stands for; the generic type is unsigned here. */
function numberOf({ bits, type }: TypedValue): bigint | number {
  if (type?.kind === 'signed') return BigInt.asIntN(type.size * 8, bits);
  return type?.kind === 'float' ? toFloat(bits, type.size) : bits;
}

/** DW_OP_convert: the same number as another type. `undefined` for what has no such number. */
export function convert(value: TypedValue, type: ValueType | undefined): TypedValue | undefined {
  const number = numberOf(value);
  if (type?.kind === 'float') return { bits: fromFloat(Number(number), type.size), type };
  if (typeof number === 'bigint') return typed(number, type);
  return Number.isFinite(number) ? typed(BigInt(Math.trunc(number)), type) : undefined;
}

/** Arithmetic and comparisons of floating-point values, by the operation's sign. */
export function floatOperation(operation: string, a: TypedValue, b: TypedValue): TypedValue | undefined {
  const size = a.type!.size;
  const [left, right] = [toFloat(a.bits, size), toFloat(b.bits, size)];
  const number = (result: number): TypedValue => ({ bits: fromFloat(result, size), type: a.type });
  switch (operation) {
    case '+':
      return number(left + right);
    case '-':
      return number(left - right);
    case '*':
      return number(left * right);
    case '/':
      return number(left / right);
    case '==':
      return generic(BigInt(left === right));
    case '!=':
      return generic(BigInt(left !== right));
    case '<':
      return generic(BigInt(left < right));
    case '<=':
      return generic(BigInt(left <= right));
    case '>':
      return generic(BigInt(left > right));
    case '>=':
      return generic(BigInt(left >= right));
    default:
      return undefined;
  }
}

function toFloat(bits: bigint, size: number): number {
  view.setBigUint64(0, bits, true);
  return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}

function fromFloat(value: number, size: number): bigint {
  view.setBigUint64(0, 0n, true);
  if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return view.getBigUint64(0, true);
}
