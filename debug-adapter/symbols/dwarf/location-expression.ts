/** Evaluates DWARF expressions (DWARF 5 §2.5), as call frame information and variables use them: over registers and memory, and bounded. */
import { ByteReader } from '../bytes/byte-reader';
import { registerName } from './register-names';
import { convert, floatOperation, generic, typed, type TypedValue, type ValueType } from './typed-values';

/** Operations by their names in the standard; those of a whole location are in `location-description.ts`. */
const OP = {
  addr: 0x03,
  deref: 0x06,
  const1u: 0x08,
  const1s: 0x09,
  const2u: 0x0a,
  const2s: 0x0b,
  const4u: 0x0c,
  const4s: 0x0d,
  const8u: 0x0e,
  const8s: 0x0f,
  constu: 0x10,
  consts: 0x11,
  dup: 0x12,
  drop: 0x13,
  over: 0x14,
  pick: 0x15,
  swap: 0x16,
  rot: 0x17,
  abs: 0x19,
  and: 0x1a,
  div: 0x1b,
  minus: 0x1c,
  mod: 0x1d,
  mul: 0x1e,
  neg: 0x1f,
  not: 0x20,
  or: 0x21,
  plus: 0x22,
  plus_uconst: 0x23,
  shl: 0x24,
  shr: 0x25,
  shra: 0x26,
  xor: 0x27,
  bra: 0x28,
  eq: 0x29,
  ge: 0x2a,
  gt: 0x2b,
  le: 0x2c,
  lt: 0x2d,
  ne: 0x2e,
  skip: 0x2f,
  lit0: 0x30,
  lit31: 0x4f,
  breg0: 0x70,
  breg31: 0x8f,
  fbreg: 0x91,
  bregx: 0x92,
  deref_size: 0x94,
  nop: 0x96,
  call_frame_cfa: 0x9c,
  addrx: 0xa1,
  constx: 0xa2,
  entry_value: 0xa3,
  const_type: 0xa4,
  regval_type: 0xa5,
  deref_type: 0xa6,
  convert: 0xa8,
  reinterpret: 0xa9,
  GNU_entry_value: 0xf3,
  GNU_const_type: 0xf4,
  GNU_regval_type: 0xf5,
  GNU_deref_type: 0xf6,
  GNU_convert: 0xf7,
  GNU_reinterpret: 0xf9,
  GNU_addr_index: 0xfb,
  GNU_const_index: 0xfc,
} as const;

/** Expressions may loop; those of compilers have about ten operations. */
export const MOST_OPERATIONS = 1000;
const DEEPEST_STACK = 64;

/** x1 to x31 by number, where known. */
export interface RegisterValues {
  get(register: number): bigint | undefined;
}

export interface ExpressionContext {
  readonly registers: RegisterValues;
  /** All of the range or nothing. */
  readonly memory: (address: bigint, length: number) => Uint8Array | undefined;
  /** What expressions of variables may use besides; `undefined` for those of call frame information. */
  readonly variable?: VariableOperations;
}

/** Each gives `undefined` for what is not known; `entryValue` then says why. */
export interface VariableOperations {
  /** Bytes of an offset in the unit's format. */
  readonly offsetSize: number;
  /** What DW_OP_fbreg counts from. */
  frameBase(): bigint | undefined;
  cfa(): bigint | undefined;
  /** Address at which the program has what it was linked to have at another one. */
  runAddress(linked: bigint): bigint;
  /** An entry of the unit's part of `.debug_addr`. */
  indexedAddress(index: number): bigint | undefined;
  /** What an expression was when the function was entered. */
  entryValue(expression: Uint8Array): bigint | { readonly unknown: string };
  /** A base type by its position in the unit. */
  baseType(offset: number): ValueType | undefined;
}

/**
 * The value on top of the stack in the end, as an unsigned 64-bit number. `undefined` if that needs an unknown register,
 * memory that cannot be read or an operation that call frame information may not use, or if it takes too long.
 * @param initial what is on the stack to begin with: the CFA for the rules of registers
 */
export function evaluateExpression(
  expression: Uint8Array,
  initial: readonly bigint[],
  context: ExpressionContext,
): bigint | undefined {
  const reader = new ByteReader(expression);
  const machine = new StackMachine(initial, context);
  for (let left = MOST_OPERATIONS; reader.more(); left--) {
    if (left === 0 || !machine.execute(reader.u8(), reader)) return undefined;
  }
  return reader.failed() ? undefined : machine.top?.bits;
}

export class StackMachine {
  readonly #stack: TypedValue[];
  readonly #context: ExpressionContext;
  #failure: string | undefined;

  constructor(initial: readonly bigint[], context: ExpressionContext) {
    this.#stack = initial.map(generic);
    this.#context = context;
  }

  get top(): TypedValue | undefined {
    return this.#stack.at(-1);
  }

  /** Why something that the expression needs is not known, if that is what ended it. */
  get failure(): string | undefined {
    return this.#failure;
  }

  clear(): void {
    this.#stack.length = 0;
  }

  /** False for what cannot be done. */
  execute(op: number, reader: ByteReader): boolean {
    if (op >= OP.lit0 && op <= OP.lit31) return this.#push(BigInt(op - OP.lit0));
    if (op >= OP.breg0 && op <= OP.breg31) return this.#register(op - OP.breg0, reader);
    switch (op) {
      case OP.addr: {
        const address = reader.u64();
        return this.#push(this.#context.variable?.runAddress(address) ?? address);
      }
      case OP.const8u:
      case OP.const8s:
        return this.#push(reader.u64());
      case OP.const1u:
        return this.#push(BigInt(reader.u8()));
      case OP.const1s:
        return this.#push(BigInt(reader.s8()));
      case OP.const2u:
        return this.#push(BigInt(reader.u16()));
      case OP.const2s:
        return this.#push(BigInt(signed16(reader)));
      case OP.const4u:
        return this.#push(BigInt(reader.u32()));
      case OP.const4s:
        return this.#push(BigInt(reader.u32() | 0));
      case OP.constu:
        return this.#push(reader.uleb64());
      case OP.consts:
        return this.#push(reader.sleb64());
      case OP.bregx:
        return this.#register(reader.uleb(), reader);
      case OP.dup:
        return this.#pick(0);
      case OP.over:
        return this.#pick(1);
      case OP.pick:
        return this.#pick(reader.u8());
      case OP.drop:
        return this.#stack.pop() !== undefined;
      case OP.swap:
        return this.#rotate(2);
      case OP.rot:
        return this.#rotate(3);
      case OP.deref:
        return this.#dereference(8);
      case OP.deref_size:
        return this.#dereference(reader.u8());
      case OP.abs:
        return this.#unary((value, bits) => (BigInt.asIntN(bits, value) < 0n ? -value : value));
      case OP.neg:
        return this.#unary((value) => -value);
      case OP.not:
        return this.#unary((value) => ~value);
      case OP.plus_uconst: {
        const addend = reader.uleb64();
        return this.#unary((value) => value + addend);
      }
      case OP.skip:
        return jump(reader, signed16(reader));
      case OP.bra: {
        const distance = signed16(reader);
        const condition = this.#stack.pop();
        if (condition === undefined) return false;
        return condition.bits === 0n || jump(reader, distance);
      }
      case OP.nop:
        return true;
      default: {
        const { variable } = this.#context;
        const done = variable && this.#ofVariable(op, reader, variable);
        return done ?? this.#binary(op);
      }
    }
  }

  /** Operations that call frame information may not use (DWARF 5 §6.4.2); `undefined` for others. */
  #ofVariable(op: number, reader: ByteReader, variable: VariableOperations): boolean | undefined {
    switch (op) {
      case OP.fbreg: {
        const offset = reader.sleb64();
        return this.#known(variable.frameBase(), 'the frame base', offset);
      }
      case OP.call_frame_cfa:
        return this.#known(variable.cfa(), 'the canonical frame address');
      case OP.addrx:
      case OP.GNU_addr_index: {
        const address = variable.indexedAddress(reader.uleb());
        return address !== undefined && this.#push(variable.runAddress(address));
      }
      case OP.constx:
      case OP.GNU_const_index: {
        const constant = variable.indexedAddress(reader.uleb());
        return constant !== undefined && this.#push(constant);
      }
      case OP.entry_value:
      case OP.GNU_entry_value: {
        const value = variable.entryValue(reader.block(reader.uleb()));
        if (typeof value === 'bigint') return this.#push(value);
        this.#failure ??= value.unknown;
        return false;
      }
      case OP.const_type:
      case OP.GNU_const_type: {
        const type = variable.baseType(reader.uleb());
        const bytes = reader.block(reader.u8());
        return type !== undefined && this.#pushTyped(typed(littleEndian(bytes), type));
      }
      case OP.regval_type:
      case OP.GNU_regval_type: {
        const register = reader.uleb();
        const type = variable.baseType(reader.uleb());
        const value = this.#valueOf(register);
        return value !== undefined && type !== undefined && this.#pushTyped(typed(value, type));
      }
      case OP.deref_type:
      case OP.GNU_deref_type: {
        const size = reader.u8();
        const type = variable.baseType(reader.uleb());
        return type !== undefined && this.#dereference(size) && this.#as((value) => typed(value.bits, type));
      }
      case OP.convert:
      case OP.GNU_convert:
      case OP.reinterpret:
      case OP.GNU_reinterpret: {
        const offset = reader.uleb();
        // 0 stands for the generic type.
        const type = offset === 0 ? undefined : variable.baseType(offset);
        if (offset !== 0 && type === undefined) return false;
        const converts = op === OP.convert || op === OP.GNU_convert;
        return this.#as((value) => (converts ? convert(value, type) : typed(value.bits, type)));
      }
      default:
        return undefined;
    }
  }

  #push(value: bigint): boolean {
    return this.#pushTyped(generic(value));
  }

  #pushTyped(value: TypedValue): boolean {
    if (this.#stack.length === DEEPEST_STACK) return false;
    this.#stack.push(value);
    return true;
  }

  #as(change: (value: TypedValue) => TypedValue | undefined): boolean {
    const value = this.#stack.pop();
    const changed = value && change(value);
    return changed !== undefined && this.#pushTyped(changed);
  }

  #known(value: bigint | undefined, what: string, offset = 0n): boolean {
    if (value === undefined) this.#failure ??= `${what} is not known here`;
    return value !== undefined && this.#push(value + offset);
  }

  #valueOf(register: number): bigint | undefined {
    const value = register === 0 ? 0n : this.#context.registers.get(register);
    if (value === undefined) this.#failure ??= `${registerName(register)} is not known in this frame`;
    return value;
  }

  #register(register: number, reader: ByteReader): boolean {
    const offset = reader.sleb64();
    const value = this.#valueOf(register);
    return value !== undefined && this.#push(value + offset);
  }

  #pick(depth: number): boolean {
    const value = this.#stack.at(-1 - depth);
    return value !== undefined && this.#pushTyped(value);
  }

  /** The top entry becomes the last one of `count`. */
  #rotate(count: number): boolean {
    if (this.#stack.length < count) return false;
    const top = this.#stack.pop()!;
    this.#stack.splice(this.#stack.length + 1 - count, 0, top);
    return true;
  }

  #dereference(size: number): boolean {
    const address = this.#stack.pop()?.bits;
    if (address === undefined || (size !== 1 && size !== 2 && size !== 4 && size !== 8)) return false;
    const bytes = this.#context.memory(address, size);
    if (bytes === undefined) this.#failure ??= `memory at 0x${address.toString(16)} cannot be read`;
    return bytes !== undefined && this.#push(new ByteReader(bytes).unsigned(size));
  }

  #unary(operation: (value: bigint, bits: number) => bigint): boolean {
    return this.#as(({ bits, type }) =>
      type?.kind === 'float' ? undefined : typed(operation(bits, (type?.size ?? 8) * 8), type),
    );
  }

  #binary(op: number): boolean {
    const b = this.#stack.pop();
    const a = this.#stack.pop();
    if (a === undefined || b === undefined) return false;
    const result = binary(op, a, b);
    return result !== undefined && this.#pushTyped(result);
  }
}

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

/** Both of one type, of which the result is; those of comparisons are generic (DWARF 5 §2.5.1.4 and §2.5.1.5). */
function binary(op: number, a: TypedValue, b: TypedValue): TypedValue | undefined {
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

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function signed16(reader: ByteReader): number {
  return (reader.u16() << 16) >> 16;
}

/** To the end is allowed: that is where the expression is done. */
function jump(reader: ByteReader, distance: number): boolean {
  const target = reader.offset + distance;
  if (reader.failed() || target < 0 || target > reader.end) return false;
  reader.offset = target;
  return true;
}
