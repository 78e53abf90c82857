/** Symbols by name: a hash table over the bytes of the string table, so that no name is decoded for it. */
import type { SymbolColumns } from '../elf/symbols';

const NONE = -1;

/** FNV-1a. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c_9dc5;
  for (let i = start; i < end; i++) value = Math.imul(value ^ bytes[i]!, 0x0100_0193);
  return value >>> 0;
}

export class NameIndex {
  readonly #columns: SymbolColumns;
  /** First symbol of each chain. */
  readonly #heads: Int32Array;
  /** The next symbol of the same chain. */
  readonly #next: Int32Array;

  constructor(columns: SymbolColumns) {
    const { count, strings, name, nameLength } = columns;
    this.#columns = columns;
    this.#heads = new Int32Array(1 << (32 - Math.clz32(count | 1))).fill(NONE);
    this.#next = new Int32Array(count);
    const mask = this.#heads.length - 1;
    for (let index = count - 1; index >= 0; index--) {
      const chain = hash(strings, name[index]!, name[index]! + nameLength[index]!) & mask;
      this.#next[index] = this.#heads[chain]!;
      this.#heads[chain] = index;
    }
  }

  /** Indexes of the symbols of that name, in the columns' order. */
  find(wanted: string): number[] {
    const bytes = new TextEncoder().encode(wanted);
    const { strings, name, nameLength } = this.#columns;
    const found: number[] = [];
    let index = this.#heads[hash(bytes, 0, bytes.length) & (this.#heads.length - 1)]!;
    for (; index !== NONE; index = this.#next[index]!) {
      if (nameLength[index] !== bytes.length) continue;
      const start = name[index]!;
      if (bytes.every((byte, i) => strings[start + i] === byte)) found.push(index);
    }
    return found;
  }
}
