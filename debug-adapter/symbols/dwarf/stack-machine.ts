/** The stack that DWARF expressions work on, operation by operation (DWARF 5 §2.5.1). */
import { ByteReader } from '../bytes/byte-reader';
import { binary } from './expression-arithmetic';
import type { ExpressionContext, VariableOperations } from './expression-context';
import { OP } from './expression-operations';
import { registerName } from './register-names';
import { convert, generic, typed, type TypedValue } from './typed-values';

const DEEPEST_STACK = 64;

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
