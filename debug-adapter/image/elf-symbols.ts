/** Single symbols of an ELF file, found without reading its symbol table as a whole. */
import type { ElfFile } from '../symbols/elf/elf-file';

const SHT_SYMTAB = 2;
const SHN_UNDEF = 0;
const symbolSize = 24;

/** Values of the symbols with these names that the file defines (ELF gABI, "Symbol Table"). */
export function symbolValues(elf: ElfFile, names: readonly string[]): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  const table = elf.sections.find(({ type }) => type === SHT_SYMTAB);
  const strings = elf.sections[table?.link ?? 0]?.stored;
  if (table === undefined || strings === undefined) return found;
  const wanted = names.map((name) => ({ name, bytes: new TextEncoder().encode(`${name}\0`) }));
  const view = new DataView(table.stored.buffer, table.stored.byteOffset, table.stored.byteLength);
  for (let at = 0; at + symbolSize <= view.byteLength; at += symbolSize) {
    const nameAt = view.getUint32(at, true);
    const match = wanted.find(({ bytes }) => bytes.every((byte, index) => strings[nameAt + index] === byte));
    if (match === undefined || view.getUint16(at + 6, true) === SHN_UNDEF) continue;
    found.set(match.name, view.getBigUint64(at + 8, true));
  }
  return found;
}
