/** Symbols by name, found in the bytes of the string table, so that no name is decoded for it. */
import { nameLength, type SymbolColumns } from '../elf/symbols';

const NONE = -1;
/** A start asks for some dozen names: looking through all symbols for each is quicker than hashing all their names. */
const FEW = 64;

/** FNV-1a. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c_9dc5;
  for (let i = start; i < end; i++) value = Math.imul(value ^ bytes[i]!, 0x0100_0193);
  return value >>> 0;
}

/** A hash table with chains. */
interface Chains {
  /** First symbol of each chain. */
  readonly heads: Int32Array;
  /** The next symbol of the same chain. */
  readonly next: Int32Array;
}

function chainsOf({ count, strings, name }: SymbolColumns): Chains {
  const heads = new Int32Array(1 << (32 - Math.clz32(count | 1))).fill(NONE);
  const next = new Int32Array(count);
  for (let index = count - 1; index >= 0; index--) {
    const start = name[index]!;
    const chain = hash(strings, start, start + nameLength(strings, start)) & (heads.length - 1);
    next[index] = heads[chain]!;
    heads[chain] = index;
  }
  return { heads, next };
}

export class NameIndex {
  readonly #columns: SymbolColumns;
  #asked = 0;
  #chains: Chains | undefined;

  constructor(columns: SymbolColumns) {
    this.#columns = columns;
  }

  /** Indexes of the symbols of that name, in the columns' order. */
  find(wanted: string): number[] {
    const bytes = new TextEncoder().encode(`${wanted}\0`);
    const found: number[] = [];
    if (this.#asked++ < FEW) {
      for (let index = 0; index < this.#columns.count; index++) if (this.#is(index, bytes)) found.push(index);
      return found;
    }
    const { heads, next } = (this.#chains ??= chainsOf(this.#columns));
    let index = heads[hash(bytes, 0, bytes.length - 1) & (heads.length - 1)]!;
    for (; index !== NONE; index = next[index]!) if (this.#is(index, bytes)) found.push(index);
    return found;
  }

  /** Whether a symbol has this name, which is given with its NUL. */
  #is(index: number, wanted: Uint8Array): boolean {
    const { strings, name } = this.#columns;
    const start = name[index]!;
    for (let i = 0; i < wanted.length; i++) if (strings[start + i] !== wanted[i]) return false;
    return true;
  }
}
