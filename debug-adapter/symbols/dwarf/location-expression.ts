/** Evaluates DWARF expressions (DWARF 5 §2.5) as call frame information uses them: over registers and memory, and bounded. */
import { ByteReader } from '../bytes/byte-reader';

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
  bregx: 0x92,
  deref_size: 0x94,
  nop: 0x96,
} as const;

/** Expressions may loop; those of compilers have about ten operations. */
const MOST_OPERATIONS = 1000;
const DEEPEST_STACK = 64;

/** x1 to x31 by number, where known. */
export interface RegisterValues {
  get(register: number): bigint | undefined;
}

export interface ExpressionContext {
  readonly registers: RegisterValues;
  /** All of the range or nothing. */
  readonly memory: (address: bigint, length: number) => Uint8Array | undefined;
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
  return reader.failed() ? undefined : machine.top;
}

class StackMachine {
  readonly #stack: bigint[];
  readonly #context: ExpressionContext;

  constructor(initial: readonly bigint[], context: ExpressionContext) {
    this.#stack = [...initial];
    this.#context = context;
  }

  get top(): bigint | undefined {
    return this.#stack.at(-1);
  }

  /** False for what cannot be done. */
  execute(op: number, reader: ByteReader): boolean {
    if (op >= OP.lit0 && op <= OP.lit31) return this.#push(BigInt(op - OP.lit0));
    if (op >= OP.breg0 && op <= OP.breg31) return this.#register(op - OP.breg0, reader);
    switch (op) {
      case OP.addr:
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
        return this.#unary((value) => (BigInt.asIntN(64, value) < 0n ? -value : value));
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
        return condition === 0n || jump(reader, distance);
      }
      case OP.nop:
        return true;
      default:
        return this.#binary(op);
    }
  }

  #push(value: bigint): boolean {
    if (this.#stack.length === DEEPEST_STACK) return false;
    this.#stack.push(BigInt.asUintN(64, value));
    return true;
  }

  #register(register: number, reader: ByteReader): boolean {
    const offset = reader.sleb64();
    const value = register === 0 ? 0n : this.#context.registers.get(register);
    return value !== undefined && this.#push(value + offset);
  }

  #pick(depth: number): boolean {
    const value = this.#stack.at(-1 - depth);
    return value !== undefined && this.#push(value);
  }

  /** The top entry becomes the last one of `count`. */
  #rotate(count: number): boolean {
    if (this.#stack.length < count) return false;
    const top = this.#stack.pop()!;
    this.#stack.splice(this.#stack.length + 1 - count, 0, top);
    return true;
  }

  #dereference(size: number): boolean {
    const address = this.#stack.pop();
    if (address === undefined || (size !== 1 && size !== 2 && size !== 4 && size !== 8)) return false;
    const bytes = this.#context.memory(address, size);
    return bytes !== undefined && this.#push(new ByteReader(bytes).unsigned(size));
  }

  #unary(operation: (value: bigint) => bigint): boolean {
    const value = this.#stack.pop();
    return value !== undefined && this.#push(operation(value));
  }

  #binary(op: number): boolean {
    const b = this.#stack.pop();
    const a = this.#stack.pop();
    if (a === undefined || b === undefined) return false;
    const result = binary(op, a, b);
    return result !== undefined && this.#push(result);
  }
}

/** Only division and comparisons are of signed values (DWARF 5 §2.5.1.4 and §2.5.1.5). */
function binary(op: number, a: bigint, b: bigint): bigint | undefined {
  const [left, right] = [BigInt.asIntN(64, a), BigInt.asIntN(64, b)];
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
      return right === 0n ? undefined : left / right;
    case OP.mod:
      return b === 0n ? undefined : a % b;
    case OP.shl:
      return b < 64n ? a << b : 0n;
    case OP.shr:
      return b < 64n ? a >> b : 0n;
    case OP.shra:
      return left >> (b < 64n ? b : 63n);
    case OP.eq:
      return BigInt(left === right);
    case OP.ne:
      return BigInt(left !== right);
    case OP.ge:
      return BigInt(left >= right);
    case OP.gt:
      return BigInt(left > right);
    case OP.le:
      return BigInt(left <= right);
    case OP.lt:
      return BigInt(left < right);
    default:
      return undefined;
  }
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
