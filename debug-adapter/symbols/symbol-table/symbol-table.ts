/**
 * Symbols by name and by address. As in the kernel's own traces (Linux 7.3 kernel/kallsyms.c, get_symbol_pos) an address
 * belongs to the last symbol at or before it, also to a label inside a function (`relocate_enable_mmu` inside `_start`).
 * Unlike there a symbol with a size of its own ends where its size says; what lies behind belongs to the one around it.
 */
import type { ProgramSymbol, SymbolTable } from '../api';
import { KINDS, nameOf, SymbolFlag, type SymbolColumns } from '../elf/symbols';
import { distance, orderByAddress, sizesOf } from './address-order';
import { NameIndex } from './name-index';
import { rank } from './rank';

const TWO_32 = 0x1_0000_0000;

/** Makes the symbol table of a program from what its ELF file lists. */
export function createSymbolTable(columns: SymbolColumns): SymbolTable {
  return new ColumnSymbolTable(columns);
}

/** Of a program without symbols. */
export const emptySymbolTable: SymbolTable = {
  count: 0,
  symbols: [],
  named: () => [],
  at: () => undefined,
};

/** Linux gives several hundred system calls that it has not the same function; a damaged table could do it to millions. */
const MOST_ALIASES = 4096;

/** Symbols of one address, for the search by address. */
interface Groups {
  /** Symbols that can name an address: not absolute, not empty, no `.L` labels. By address. */
  readonly members: Uint32Array;
  /** Where each group begins in `members`, and behind the last one its end. */
  readonly starts: Uint32Array;
  /** For each group the one to try when none of its symbols reaches the address: the innermost around it, or -1. */
  readonly around: Int32Array;
}

class ColumnSymbolTable implements SymbolTable {
  readonly #columns: SymbolColumns;
  readonly #order: Uint32Array;
  readonly #sizes: Float64Array;
  readonly #groups: Groups;
  readonly #names: NameIndex;
  #all: readonly ProgramSymbol[] | undefined;
  /** Symbols that were asked for: the same one each time. */
  readonly #made = new Map<number, ProgramSymbol>();

  constructor(columns: SymbolColumns) {
    this.#columns = columns;
    this.#names = new NameIndex(columns);
    this.#order = orderByAddress(columns);
    this.#sizes = sizesOf(columns, this.#order);
    this.#groups = this.#group();
  }

  get count(): number {
    return this.#columns.count;
  }

  get symbols(): readonly ProgramSymbol[] {
    if (this.#all === undefined) {
      const all: number[] = [];
      for (let i = 0; i < this.#order.length;) {
        let end = i + 1;
        while (end < this.#order.length && distance(this.#columns, this.#order[i]!, this.#order[end]!) === 0)
          end++;
        for (const index of this.#bestFirst(this.#order.subarray(i, end)).reverse()) all.push(index);
        i = end;
      }
      this.#all = all.map((index) => this.#symbol(index));
    }
    return this.#all;
  }

  named(name: string): readonly ProgramSymbol[] {
    const found = this.#names.find(name).map((index) => this.#symbol(index));
    return found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }

  at(address: bigint): ProgramSymbol | undefined {
    const wanted = BigInt.asUintN(64, address);
    const [low, high] = [Number(wanted & 0xffff_ffffn), Number(wanted >> 32n)];
    const { members, starts, around } = this.#groups;
    const { low: lows, high: highs } = this.#columns;
    const offset = (index: number) => (high - highs[index]!) * TWO_32 + (low - lows[index]!);
    let [first, end] = [0, starts.length - 1];
    while (first < end) {
      const middle = (first + end) >>> 1;
      if (offset(members[starts[middle]!]!) >= 0) first = middle + 1;
      else end = middle;
    }
    for (let group = first - 1; group >= 0; group = around[group]!) {
      let [covering, some] = [0, 0];
      for (let i = starts[group]!; i < starts[group + 1]!; i++) {
        if (offset(members[i]!) >= this.#sizes[members[i]!]!) continue;
        covering++;
        some = members[i]!;
      }
      if (covering === 1) return this.#symbol(some);
      if (covering > 1) {
        const here = members.subarray(starts[group], starts[group + 1]);
        return this.#symbol(this.#bestFirst(here.filter((index) => offset(index) < this.#sizes[index]!))[0]!);
      }
    }
    return undefined;
  }

  /** Symbols of one address, the one that names it first. */
  #bestFirst(indexes: Uint32Array): number[] {
    if (indexes.length === 1) return [...indexes];
    const ranked = Array.from(indexes, (index) => ({
      index,
      rank: rank(nameOf(this.#columns, index), this.#columns.flags[index]!),
    }));
    return ranked.sort((a, b) => a.rank - b.rank || b.index - a.index).map(({ index }) => index);
  }

  #symbol(index: number): ProgramSymbol {
    let symbol = this.#made.get(index);
    if (symbol === undefined) {
      const { low, high, flags } = this.#columns;
      symbol = {
        name: nameOf(this.#columns, index),
        address: (BigInt(high[index]!) << 32n) | BigInt(low[index]!),
        size: this.#sizes[index]!,
        kind: KINDS[flags[index]! & SymbolFlag.kind]!,
        global: (flags[index]! & SymbolFlag.global) !== 0,
      };
      this.#made.set(index, symbol);
    }
    return symbol;
  }

  #group(): Groups {
    const { room, flags } = this.#columns;
    const sizes = this.#sizes;
    const usable = this.#order.filter(
      (index) => room[index]! >= 0 && sizes[index]! > 0 && (flags[index]! & SymbolFlag.local) === 0,
    );
    const isSized = (index: number) => (flags[index]! & SymbolFlag.sized) !== 0;
    const members = new Uint32Array(usable.length);
    const starts: number[] = [];
    const around: number[] = [];
    let count = 0;
    /** Groups whose sized symbols may still be open, with the size of the largest, outermost first. */
    const open: { readonly group: number; readonly first: number; readonly size: number }[] = [];
    for (let i = 0; i < usable.length;) {
      const first = usable[i]!;
      let end = i + 1;
      while (end < usable.length && distance(this.#columns, first, usable[end]!) === 0) end++;
      for (let top = open.at(-1); top; top = open.at(-1)) {
        if (distance(this.#columns, top.first, first) < top.size) break;
        open.pop();
      }
      around.push(open.at(-1)?.group ?? -1);
      starts.push(count);
      let largest = 0;
      for (let j = i; j < end; j++) if (isSized(usable[j]!)) largest = Math.max(largest, sizes[usable[j]!]!);
      // Where some have bounds of their own, the others' are only what is left over.
      for (let j = i, left = MOST_ALIASES; j < end && left > 0; j++) {
        if (largest > 0 && !isSized(usable[j]!)) continue;
        members[count++] = usable[j]!;
        left--;
      }
      if (largest > 0) open.push({ group: starts.length - 1, first, size: largest });
      i = end;
    }
    return {
      members: members.subarray(0, count),
      starts: Uint32Array.from([...starts, count]),
      around: Int32Array.from(around),
    };
  }
}
