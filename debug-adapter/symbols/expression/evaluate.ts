/**
 * Evaluates expressions for hovers, watches, conditions and the console: registers, CSRs, symbols (their addresses),
 * memory, and C's arithmetic on 64-bit integers. Registers and addresses are unsigned; plain numbers are signed.
 */
import { commonType, integer, numberOf, S64, U64, wrap, type Integer, type IntegerType } from './integers';
import { parseExpression, type Node } from './parser';
import { ExpressionError } from './tokens';

/** Where names and memory come from. */
export interface ExpressionEnvironment {
  /** By ABI name (`sp`, `s0`, `fp`), number (`x2`), `pc` or CSR name (`sstatus`); `undefined` if there is none, or it is not known. */
  register(name: string): bigint | undefined;
  /** Address of a function, object or label. */
  symbol(name: string): bigint | undefined;
  /** All `size` bytes or `undefined`. */
  readMemory(address: bigint, size: number): Uint8Array | undefined;
}

export type ExpressionResult =
  | {
      readonly ok: true;
      /** Unsigned, 64 bits wide, sign-extended if `type` is signed. */
      readonly bits: bigint;
      /** The number it stands for. */
      readonly value: bigint;
      readonly type: IntegerType;
      /** What the whole expression names, so that it can be shown as such and set. */
      readonly place: Place | undefined;
    }
  | {
      readonly ok: false;
      readonly message: string;
      /** 0-based position in the text. */
      readonly position: number;
    };

export type Place =
  | { readonly kind: 'register'; readonly name: string }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'memory'; readonly address: bigint; readonly type: IntegerType };

type Evaluated = Integer & { readonly place?: Place };

class Evaluator {
  readonly #environment: ExpressionEnvironment;

  constructor(environment: ExpressionEnvironment) {
    this.#environment = environment;
  }

  evaluate(node: Node): Evaluated {
    switch (node.kind) {
      case 'number':
        return integer(node.value, node.unsigned ? U64 : S64);
      case 'register':
        return (
          this.#register(node.name) ??
          unknown(node.at, `There is no register "${node.name}", or its value is not known in this frame.`)
        );
      case 'name':
        return (
          this.#register(node.name) ??
          this.#symbol(node.name) ??
          unknown(node.at, `"${node.name}" is neither a register nor a symbol of the program.`)
        );
      case 'unary':
        return this.#unary(node.operator, node);
      case 'binary':
        return this.#binary(node);
      case 'choice':
        return this.evaluate(this.evaluate(node.test).bits !== 0n ? node.yes : node.no);
      case 'cast': {
        const { bits } = this.evaluate(node.operand);
        return node.pointer ? integer(bits, U64, node.type) : integer(bits, node.type);
      }
      case 'dereference': {
        const pointer = this.evaluate(node.operand);
        return this.#read(pointer.bits, pointer.pointee ?? U64, node.at);
      }
      case 'typed-read':
        return this.#read(this.evaluate(node.address).bits, node.type, node.at);
      case 'index': {
        const pointer = this.evaluate(node.pointer);
        const type = pointer.pointee ?? U64;
        const offset = numberOf(this.evaluate(node.index)) * BigInt(type.size);
        return this.#read(wrap(pointer.bits + offset), type, node.at);
      }
    }
  }

  #register(name: string): Evaluated | undefined {
    const value = this.#environment.register(name);
    return value === undefined ? undefined : { ...integer(value, U64), place: { kind: 'register', name } };
  }

  #symbol(name: string): Evaluated | undefined {
    const address = this.#environment.symbol(name);
    return address === undefined ? undefined : { ...integer(address, U64), place: { kind: 'symbol', name } };
  }

  #read(address: bigint, type: IntegerType, at: number): Evaluated {
    const bytes = this.#environment.readMemory(address, type.size);
    if (bytes?.length !== type.size)
      return unknown(at, `Memory at 0x${address.toString(16)} cannot be read.`);
    const value = bytes.reduceRight((high, byte) => (high << 8n) | BigInt(byte), 0n);
    return { ...integer(value, type), place: { kind: 'memory', address, type } };
  }

  #unary(operator: string, node: Node & { kind: 'unary' }): Evaluated {
    const operand = this.evaluate(node.operand);
    if (operator === '&') {
      if (operand.place?.kind === 'memory') return integer(operand.place.address, U64, operand.place.type);
      if (operand.place?.kind === 'symbol') return integer(operand.bits, U64);
      return unknown(node.at, 'Only memory and symbols have an address.');
    }
    if (operator === '!') return integer(operand.bits === 0n ? 1n : 0n, S64);
    const type = commonType(operand, operand);
    if (operator === '-') return integer(-operand.bits, type);
    if (operator === '~') return integer(~operand.bits, type);
    return integer(operand.bits, type, operand.pointee);
  }

  #binary(node: Node & { kind: 'binary' }): Evaluated {
    const { operator } = node;
    const left = this.evaluate(node.left);
    if (operator === '&&' && left.bits === 0n) return integer(0n, S64);
    if (operator === '||' && left.bits !== 0n) return integer(1n, S64);
    const right = this.evaluate(node.right);
    if (operator === '&&' || operator === '||') return integer(right.bits === 0n ? 0n : 1n, S64);
    return pointerArithmetic(operator, left, right) ?? arithmetic(operator, left, right, node.at);
  }
}

function unknown(at: number, message: string): never {
  throw new ExpressionError(at, message);
}

/** Pointers count in elements (C17 6.5.6). */
function pointerArithmetic(operator: string, left: Integer, right: Integer): Integer | undefined {
  const step = (pointee: IntegerType, count: Integer) => numberOf(count) * BigInt(pointee.size);
  if (operator === '+' && left.pointee)
    return integer(left.bits + step(left.pointee, right), U64, left.pointee);
  if (operator === '+' && right.pointee)
    return integer(right.bits + step(right.pointee, left), U64, right.pointee);
  if (operator !== '-' || left.pointee === undefined) return undefined;
  if (right.pointee === undefined) return integer(left.bits - step(left.pointee, right), U64, left.pointee);
  return integer(BigInt.asIntN(64, left.bits - right.bits) / BigInt(left.pointee.size), S64);
}

function arithmetic(operator: string, left: Integer, right: Integer, at: number): Integer {
  const type = commonType(left, right);
  const [a, b] = [numberOf({ ...left, type }), numberOf({ ...right, type })];
  const truth = (value: boolean) => integer(value ? 1n : 0n, S64);
  switch (operator) {
    case '+':
      return integer(a + b, type);
    case '-':
      return integer(a - b, type);
    case '*':
      return integer(a * b, type);
    case '/':
    case '%':
      if (b === 0n) unknown(at, 'Division by zero.');
      return integer(operator === '/' ? a / b : a % b, type);
    case '&':
      return integer(a & b, type);
    case '|':
      return integer(a | b, type);
    case '^':
      return integer(a ^ b, type);
    // The left operand alone decides the type (C17 6.5.7); the hardware uses the low six bits of the count.
    case '<<':
      return integer(left.bits << (right.bits & 63n), commonType(left, left));
    case '>>':
      return integer(numberOf(left) >> (right.bits & 63n), commonType(left, left));
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    case '<':
      return truth(a < b);
    case '>':
      return truth(a > b);
    case '<=':
      return truth(a <= b);
    default:
      return truth(a >= b);
  }
}

/** Evaluates an expression. Never throws: what is wrong, and where, is the result. */
export function evaluateExpression(text: string, environment: ExpressionEnvironment): ExpressionResult {
  return attempt(() => evaluateNode(parseExpression(text), environment));
}

/** As {@link evaluateExpression}, of what is parsed already. */
export function evaluateParsed(node: Node, environment: ExpressionEnvironment): ExpressionResult {
  return attempt(() => evaluateNode(node, environment));
}

function evaluateNode(node: Node, environment: ExpressionEnvironment): ExpressionResult {
  const result = new Evaluator(environment).evaluate(node);
  return { ok: true, bits: result.bits, value: numberOf(result), type: result.type, place: result.place };
}

function attempt(evaluation: () => ExpressionResult): ExpressionResult {
  try {
    return evaluation();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { ok: false, message: error.message, position: error.at };
  }
}
