/** Single symbols of an ELF file, found without reading its symbol table as a whole. */
import type { ElfFile } from '../symbols/elf/elf-file';

const SHT_SYMTAB = 2;
const SHN_UNDEF = 0;
const symbolSize = 24;

/** Values of the symbols with these names that the file defines (ELF gABI, "Symbol Table"). Without such names it reads no more than the names. */
export function symbolValues(elf: ElfFile, names: readonly string[]): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  const table = elf.sections.find(({ type }) => type === SHT_SYMTAB);
  const strings = elf.sections[table?.link ?? 0];
  if (table === undefined || strings === undefined) return found;
  const nameAt = placesOf(names, strings.stored);
  if (nameAt.size === 0) return found;
  const { buffer, byteOffset, byteLength } = table.stored;
  const view = new DataView(buffer, byteOffset, byteLength);
  for (let at = 0; at + symbolSize <= byteLength; at += symbolSize) {
    const name = nameAt.get(view.getUint32(at, true));
    if (name === undefined || view.getUint16(at + 6, true) === SHN_UNDEF) continue;
    found.set(name, view.getBigUint64(at + 8, true));
  }
  return found;
}

/** Names by their offset in a string table. A name may be the end of a longer one (gABI, "String Table"). */
function placesOf(names: readonly string[], strings: Uint8Array): ReadonlyMap<number, string> {
  // One character a byte, so that the search is the host's own.
  const text = new TextDecoder('latin1').decode(strings);
  const places = new Map<number, string>();
  for (const name of names) {
    const ended = `${name}\0`;
    for (let at = text.indexOf(ended); at >= 0; at = text.indexOf(ended, at + 1)) places.set(at, name);
  }
  return places;
}
