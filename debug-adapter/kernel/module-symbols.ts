/**
 * The symbols that the kernel keeps of a module for its own traces (CONFIG_KALLSYMS, kernel/module/kallsyms.c): an ELF symbol
 * table with running addresses. Sizes are as the kernel's traces print them: up to the next symbol, or the end of the memory.
 */
import type { StructLayout } from '../symbols/api';
import type { KernelMemory } from './kernel-memory';
import { StructView } from './struct-view';

export interface ModuleSymbol {
  readonly name: string;
  readonly address: bigint;
  /** Bytes up to the next symbol of the module. */
  readonly size: number;
  readonly kind: 'function' | 'object';
}

/** `Elf64_Sym`, which every 64-bit ELF file has (gABI, Symbol Table). */
const elfSymbol = { size: 24, name: 0, info: 4, section: 6, value: 8 };
const functionType = 2;

/** The largest modules have some ten thousand symbols. */
const mostSymbols = 1 << 17;
const longestName = 512;
/** Strings are read in pieces of this size. */
const piece = 4096;

interface Extent {
  readonly start: bigint;
  readonly end: bigint;
}

/** By address; of those at one address the first, as the kernel has it. `table` is the address of a `struct mod_kallsyms`. */
export function readModuleSymbols(
  table: bigint,
  layout: StructLayout,
  regions: readonly Extent[],
  memory: KernelMemory,
): readonly ModuleSymbol[] {
  const view = StructView.read(table, Math.min(layout.size, piece), memory);
  const place = (name: string) => view?.u64(layout.members.get(name)?.offset);
  const [symtab, strtab] = [place('symtab'), place('strtab')];
  const count = Math.min(view?.field(layout.members.get('num_symtab')) ?? 0, mostSymbols);
  const bytes = symtab === undefined ? undefined : memory.bytes(symtab, count * elfSymbol.size);
  if (!bytes || strtab === undefined) return [];
  const symbols = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings = new Strings(strtab, memory);
  const found = new Map<bigint, Omit<ModuleSymbol, 'size'>>();
  // The first entry of a symbol table stands for no symbol.
  for (let at = elfSymbol.size; at < bytes.length; at += elfSymbol.size) {
    const address = symbols.getBigUint64(at + elfSymbol.value, true);
    if (symbols.getUint16(at + elfSymbol.section, true) === 0 || found.has(address)) continue;
    if (!regions.some(({ start, end }) => address >= start && address < end)) continue;
    const name = strings.at(symbols.getUint32(at + elfSymbol.name, true));
    if (name === undefined || isNoName(name)) continue;
    const type = symbols.getUint8(at + elfSymbol.info) & 15;
    found.set(address, { name, address, kind: type === functionType ? 'function' : 'object' });
  }
  return withSizes([...found.values()], regions);
}

function withSizes(
  symbols: readonly Omit<ModuleSymbol, 'size'>[],
  regions: readonly Extent[],
): readonly ModuleSymbol[] {
  const sorted = symbols.toSorted((a, b) => (a.address < b.address ? -1 : 1));
  return sorted.map((symbol, n) => {
    const { address } = symbol;
    const end = regions.find((region) => address >= region.start && address < region.end)!.end;
    const next = sorted[n + 1]?.address ?? end;
    return { ...symbol, size: Number((next < end ? next : end) - address) };
  });
}

/** `is_mapping_symbol()` of include/linux/module_symbol.h: what assemblers leave in a symbol table. */
function isNoName(name: string): boolean {
  return name === '' || name.startsWith('.L') || name.startsWith('L0') || name.startsWith('$');
}

/** A string table in the kernel's memory. */
class Strings {
  readonly #start: bigint;
  readonly #memory: KernelMemory;
  readonly #pieces = new Map<bigint, Uint8Array | undefined>();

  constructor(start: bigint, memory: KernelMemory) {
    this.#start = start;
    this.#memory = memory;
  }

  /** `undefined` for what cannot be read or has no end. What no symbol has in its name becomes `?`. */
  at(offset: number): string | undefined {
    const characters: number[] = [];
    for (let at = this.#start + BigInt(offset); characters.length < longestName; at++) {
      const byte = this.#byte(at);
      if (byte === undefined) return undefined;
      if (byte === 0) return String.fromCharCode(...characters).replace(/[^!-~]/g, '?');
      characters.push(byte);
    }
    return undefined;
  }

  #byte(address: bigint): number | undefined {
    const start = address - (address % BigInt(piece));
    if (!this.#pieces.has(start)) this.#pieces.set(start, this.#memory.bytes(start, piece));
    const bytes = this.#pieces.get(start);
    return bytes ? bytes[Number(address - start)] : this.#memory.bytes(address, 1)?.[0];
  }
}
