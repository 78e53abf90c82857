import type { LoadKind } from '../isa/semantics';
import { State } from '../wasm/layout';
import { highWord, lowWord } from './words';

/** What generated code and TypeScript hand each other at a memory access: the words of `State.address` and `State.value`. */
export class Exchange {
  /** The value, little-endian. */
  readonly bytes: Uint8Array;
  readonly #address: Int32Array;
  readonly #value: Int32Array;
  readonly #whole: BigUint64Array;

  /** @param state the block of `State` */
  constructor(state: Uint8Array) {
    const { buffer, byteOffset } = state;
    this.bytes = new Uint8Array(buffer, byteOffset + State.value, 8);
    this.#address = new Int32Array(buffer, byteOffset + State.address, 2);
    this.#value = new Int32Array(buffer, byteOffset + State.value, 2);
    this.#whole = new BigUint64Array(buffer, byteOffset + State.value, 1);
  }

  get addressLow(): number {
    return this.#address[0]!;
  }

  get addressHigh(): number {
    return this.#address[1]!;
  }

  get low(): number {
    return this.#value[0]!;
  }

  get high(): number {
    return this.#value[1]!;
  }

  set(high: number, low: number): void {
    this.#value[0] = low;
    this.#value[1] = high;
  }

  /** The whole value, unsigned. */
  get value(): bigint {
    return this.#whole[0]!;
  }

  set value(value: bigint) {
    this.set(highWord(value), lowWord(value));
  }

  /** Extends the bytes of a load to 64 bits. */
  extend(kind: LoadKind): void {
    const { low } = this;
    switch (kind) {
      case 'i8': {
        this.#extendSigned((low << 24) >> 24);
        return;
      }
      case 'u8': {
        this.set(0, low & 0xff);
        return;
      }
      case 'i16': {
        this.#extendSigned((low << 16) >> 16);
        return;
      }
      case 'u16': {
        this.set(0, low & 0xffff);
        return;
      }
      case 'i32': {
        this.#extendSigned(low);
        return;
      }
      case 'u32': {
        this.set(0, low);
        return;
      }
      case 'i64':
        return;
    }
  }

  #extendSigned(low: number): void {
    this.set(low >> 31, low);
  }
}
