import { binary32, binary64 } from '../float/format';
import type { Format } from '../float/format';
import type { HostOperation } from '../float/host';
import { hostOperations, UNDECIDED } from '../float/host';
import type { FloatOperation, Place } from '../float/operations';
import { floatOperations } from '../float/operations';
import { DYNAMIC, RoundingMode } from '../float/rounding';
import { FloatStatus, State } from '../wasm/layout';
import type { RegisterBlock } from './registers';

const BOX = 0xffff_ffff_0000_0000n;
/** frm in fcsr (unpriv §20.2); the flags are below it. */
const FRM_SHIFT = 5;
const FRM_MASK = 7;
const WORD = 2 ** 32;

/** Executes arithmetic instructions on the registers of the hart that runs. */
export class FloatUnit {
  readonly #units: readonly Executor[];
  readonly #registers: FloatRegisters;

  constructor(block: RegisterBlock) {
    this.#registers = new FloatRegisters(block);
    this.#units = floatOperations.map((operation) => new Executor(operation, this.#registers));
  }

  /** False if the instruction is illegal for its rounding mode. */
  execute(operation: number, bits: number): boolean {
    return this.#units[operation]!.execute(bits);
  }
}

/** One operation, first as the host does it, then with integers. */
class Executor {
  readonly #operation: FloatOperation;
  readonly #host: HostOperation | undefined;
  readonly #registers: FloatRegisters;
  readonly #a: Place | undefined;
  readonly #b: Place | undefined;
  readonly #c: Place | undefined;

  constructor(operation: FloatOperation, registers: FloatRegisters) {
    this.#operation = operation;
    this.#host = hostOperations[operation.mnemonic];
    this.#registers = registers;
    [this.#a, this.#b, this.#c] = operation.operands;
  }

  execute(bits: number): boolean {
    const registers = this.#registers;
    const { rounds, result } = this.#operation;
    const field = (bits >>> 12) & 7;
    const mode = !rounds ? RoundingMode.RNE : field === DYNAMIC ? registers.frm : field;
    if (mode > RoundingMode.RMM) return false;
    const rd = (bits >>> 7) & 31;
    if (!this.#onHost(mode, rd, bits)) {
      const outcome = this.#operation.compute(
        mode as RoundingMode,
        registers.bits(this.#a, (bits >>> 15) & 31),
        registers.bits(this.#b, (bits >>> 20) & 31),
        registers.bits(this.#c, bits >>> 27),
      );
      registers.raise(outcome.flags);
      registers.writeBits(result, rd, outcome.bits);
    }
    return true;
  }

  #onHost(mode: number, rd: number, bits: number): boolean {
    const host = this.#host;
    if (host === undefined) return false;
    const registers = this.#registers;
    const a = registers.number(this.#a, (bits >>> 15) & 31);
    const b = registers.number(this.#b, (bits >>> 20) & 31);
    const c = registers.number(this.#c, bits >>> 27);
    const value = host.compute(a, b, c);
    const flags = host.flags(value, a, b, c);
    if (flags === UNDECIDED) return false;
    // In another mode only what is exact is the same; a zero may have another sign.
    if (mode !== host.mode && (flags !== 0 || value === 0)) return false;
    registers.raise(flags);
    registers.writeNumber(this.#operation.result, rd, value);
    return true;
  }
}

/** The registers in the block, as bit patterns and as numbers. */
class FloatRegisters {
  readonly #x: BigUint64Array;
  readonly #xWords: Int32Array;
  readonly #f: BigUint64Array;
  readonly #doubles: Float64Array;
  readonly #singles: Float32Array;
  readonly #words: Int32Array;
  readonly #status: Int32Array;

  constructor({ bytes: { buffer, byteOffset } }: RegisterBlock) {
    this.#x = new BigUint64Array(buffer, byteOffset + State.x, 32);
    this.#xWords = new Int32Array(buffer, byteOffset + State.x, 64);
    this.#f = new BigUint64Array(buffer, byteOffset + State.f, 32);
    this.#doubles = new Float64Array(buffer, byteOffset + State.f, 32);
    this.#singles = new Float32Array(buffer, byteOffset + State.f, 64);
    this.#words = new Int32Array(buffer, byteOffset + State.f, 64);
    // floatStatus, then fcsr.
    this.#status = new Int32Array(buffer, byteOffset + State.floatStatus, 2);
  }

  get frm(): number {
    return (this.#status[1]! >> FRM_SHIFT) & FRM_MASK;
  }

  /** Accrues exceptions. */
  raise(flags: number): void {
    if (flags === 0) return;
    this.#status[1]! |= flags;
    this.#status[0] = FloatStatus.dirty;
  }

  /** An operand; 0 where there is none. A register that holds no boxed single is a NaN for operations on singles. */
  bits(place: Place | undefined, index: number): bigint {
    if (place === undefined) return 0n;
    if (place === 'integer') return this.#x[index]!;
    const bits = this.#f[index]!;
    if (place.name === 'd') return bits;
    return bits >= BOX ? bits - BOX : place.canonicalNan;
  }

  /** The same as a number; NaN for an integer that a double cannot hold. */
  number(place: Place | undefined, index: number): number {
    if (place === undefined) return 0;
    if (place === binary64) return this.#doubles[index]!;
    if (place === binary32) return this.#words[2 * index + 1] === -1 ? this.#singles[2 * index]! : NaN;
    const high = this.#xWords[2 * index + 1]!;
    return high < -(2 ** 20) || high >= 2 ** 20 ? NaN : high * WORD + (this.#xWords[2 * index]! >>> 0);
  }

  writeBits(place: Place, index: number, bits: bigint): void {
    if (place === 'integer') {
      if (index !== 0) this.#x[index] = bits;
    } else {
      this.#f[index] = place.name === 'd' ? bits : bits | BOX;
      this.#status[0] = FloatStatus.dirty;
    }
  }

  /** Writes a number that is no NaN. */
  writeNumber(place: Place, index: number, value: number): void {
    if (place === 'integer') {
      if (index === 0) return;
      this.#xWords[2 * index] = value;
      this.#xWords[2 * index + 1] = Math.floor(value / WORD);
      return;
    }
    this.#writeFormat(place, index, value);
    this.#status[0] = FloatStatus.dirty;
  }

  #writeFormat(format: Format, index: number, value: number): void {
    if (format === binary64) {
      this.#doubles[index] = value;
    } else {
      this.#singles[2 * index] = value;
      this.#words[2 * index + 1] = -1;
    }
  }
}
