/**
 * Symbols by name and by address. As in the kernel's own traces (Linux 7.3 kernel/kallsyms.c, get_symbol_pos) an address
 * belongs to the last symbol at or before it, also to a label inside a function (`relocate_enable_mmu` inside `_start`).
 * Unlike there a symbol with a size of its own ends where its size says; what lies behind belongs to the one around it.
 */
import type { ProgramSymbol, SymbolTable } from './api';
import { isLocalLabel, type ElfSymbol } from './elf/symbols';

/**
 * Which of several symbols at one address names it, lower is better. From `weak` on the order is that of Linux 7.3
 * scripts/kallsyms.c, compare_symbols.
 */
function rank(symbol: ElfSymbol): number {
  const kind = { function: 0, object: 1, label: 2, absolute: 3 }[symbol.kind];
  const underscores = Math.min(symbol.name.search(/[^_]|$/), 7);
  return (
    (isLocalLabel(symbol.name) ? 4096 : 0) +
    kind * 512 +
    (symbol.sized ? 0 : 256) +
    (symbol.global ? 0 : 128) +
    (symbol.weak ? 64 : 0) +
    (/^__(start|stop|end)_|^__.*_(start|end)$/.test(symbol.name) ? 32 : 0) +
    underscores
  );
}

/** By address, the symbol that names a shared address last. */
function sortSymbols(symbols: readonly ElfSymbol[]): ElfSymbol[] {
  const keyed = symbols.map((symbol) => ({ symbol, rank: rank(symbol) }));
  keyed.sort((a, b) => {
    const [left, right] = [a.symbol.address, b.symbol.address];
    return left < right ? -1 : left > right ? 1 : b.rank - a.rank;
  });
  return keyed.map(({ symbol }) => symbol);
}

/** Symbols without a size get the distance to the next address that is not just a `.L` label, inside their section. */
function withSizes(sorted: readonly ElfSymbol[]): ElfSymbol[] {
  const result = [...sorted];
  /** Smallest bound above the address of the symbols at hand, and the smallest at or above it. */
  let [next, current]: (bigint | undefined)[] = [];
  for (let i = sorted.length - 1; i >= 0; i--) {
    const symbol = sorted[i]!;
    if (symbol.address !== sorted[i + 1]?.address) next = current;
    const { sectionEnd } = symbol;
    if (sectionEnd === undefined) continue;
    if (!isLocalLabel(symbol.name)) current = symbol.address;
    if (symbol.sized) continue;
    const end = next !== undefined && next < sectionEnd ? next : sectionEnd;
    result[i] = { ...symbol, size: end > symbol.address ? Number(end - symbol.address) : 0 };
  }
  return result;
}

/** Answers which symbol an address belongs to. */
class AddressIndex {
  readonly #symbols: ElfSymbol[] = [];
  /** For each symbol the one to try when it ends before the address: one at the same address or one around it, or -1. */
  readonly #around: number[] = [];

  constructor(sorted: readonly ElfSymbol[]) {
    /** Indexes of sized symbols that may still be open, outermost first. */
    const open: number[] = [];
    const endsAfter = (index: number, address: bigint) => {
      const symbol = this.#symbols[index]!;
      return symbol.address + BigInt(symbol.size) > address;
    };
    const usable = sorted.filter(
      ({ name, sectionEnd, size }) => sectionEnd !== undefined && size > 0 && !isLocalLabel(name),
    );
    for (let i = 0; i < usable.length;) {
      const { address } = usable[i]!;
      let groupEnd = i;
      while (usable[groupEnd]?.address === address) groupEnd++;
      const group = usable.slice(i, groupEnd);
      i = groupEnd;
      while (open.length > 0 && !endsAfter(open.at(-1)!, address)) open.pop();
      const sizedToo = group.some(({ sized }) => sized);
      let around = open.at(-1) ?? -1;
      for (const symbol of group) {
        if (sizedToo && !symbol.sized) continue;
        this.#around.push(around);
        around = this.#symbols.push(symbol) - 1;
        if (symbol.sized) open.push(around);
      }
    }
  }

  at(address: bigint): ElfSymbol | undefined {
    let [low, high] = [0, this.#symbols.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#symbols[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0; i = this.#around[i]!) {
      const symbol = this.#symbols[i]!;
      if (address - symbol.address < BigInt(symbol.size)) return symbol;
    }
    return undefined;
  }
}

/** Makes the symbol table of a program from what its ELF file lists. */
export function createSymbolTable(listed: readonly ElfSymbol[]): SymbolTable {
  const symbols = withSizes(sortSymbols(listed));
  const index = new AddressIndex(symbols);
  const byName = new Map<string, ProgramSymbol[]>();
  for (const symbol of symbols) {
    const same = byName.get(symbol.name);
    if (same === undefined) byName.set(symbol.name, [symbol]);
    else same.push(symbol);
  }
  return {
    symbols,
    named: (name) => byName.get(name) ?? [],
    at: (address) => index.at(address),
  };
}
