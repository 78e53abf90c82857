/** Reads `.symtab` (ELF gABI, "Symbol Table") into symbols with sizes. */
import type { ProgramSymbol } from '../api';
import { ByteReader } from '../bytes/byte-reader';
import type { ElfFile, ElfSection } from './elf-file';

const SHT_SYMTAB = 2;
const SHN_UNDEF = 0;
const SHN_ABS = 0xfff1;
const SHN_LORESERVE = 0xff00;
const SYMBOL_SIZE = 24;
const STB_LOCAL = 0;
const STB_WEAK = 2;
const [STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_COMMON, STT_GNU_IFUNC] = [0, 1, 2, 5, 10];

/** A symbol with what decides which of several a place is named after. */
export interface ElfSymbol extends ProgramSymbol {
  readonly weak: boolean;
  /** The symbol table gives a size itself, so its bounds are certain. */
  readonly sized: boolean;
  /** End of the section that holds it; `undefined` for absolute symbols. */
  readonly sectionEnd: bigint | undefined;
}

/** `$x`, `$xrv64imac…`, `$d`: where code and data begin (RISC-V ELF psABI, "Mapping Symbol"). */
const MAPPING_SYMBOL = /^\$[xd]/;

/** Labels that the assembler usually drops; `.L0` and the like are its own marks for relaxation. */
export const isLocalLabel = (name: string) => name.startsWith('.L');

function kindOf(
  type: number,
  size: bigint,
  section: ElfSection | undefined,
): ProgramSymbol['kind'] | undefined {
  switch (type) {
    case STT_FUNC:
    case STT_GNU_IFUNC:
      return 'function';
    case STT_OBJECT:
    case STT_COMMON:
      return 'object';
    case STT_NOTYPE:
      if (section === undefined) return 'absolute';
      // Linux's SYM_CODE_START gives assembly code bounds but no type.
      return size > 0n && section.executable ? 'function' : 'label';
    default:
      return undefined; // sections, files, and thread-local offsets
  }
}

/** All functions, objects, labels and absolute symbols, in the table's order; a size of 0 is left as it is. */
export function readSymbols(elf: ElfFile): ElfSymbol[] {
  const table = elf.sections.find(({ type }) => type === SHT_SYMTAB);
  const strings = elf.sections[table?.link ?? 0]?.stored;
  if (table === undefined || strings === undefined) return [];
  const nameAt = nameReader(strings);
  const symbols: ElfSymbol[] = [];
  const reader = new ByteReader(table.stored);
  for (let left = Math.floor(table.stored.length / SYMBOL_SIZE); left > 0; left--) {
    const [nameOffset, info] = [reader.u32(), reader.u8()];
    reader.skip(1);
    const sectionIndex = reader.u16();
    const [address, size] = [reader.u64(), reader.u64()];
    if (sectionIndex === SHN_UNDEF || (sectionIndex >= SHN_LORESERVE && sectionIndex !== SHN_ABS)) continue;
    const section = sectionIndex === SHN_ABS ? undefined : elf.sections[sectionIndex];
    if (sectionIndex !== SHN_ABS && !section?.allocated) continue;
    const kind = kindOf(info & 15, size, section);
    if (kind === undefined) continue;
    const name = nameAt(nameOffset);
    if (name === '' || MAPPING_SYMBOL.test(name)) continue;
    const sectionEnd = section && BigInt.asUintN(64, section.address + BigInt(section.size));
    // A size that leaves the section is damaged: as good as none.
    const sized =
      size > 0n && (sectionEnd === undefined || (address <= sectionEnd && size <= sectionEnd - address));
    symbols.push({
      name,
      address,
      size: sized ? Number(size) : 0,
      kind,
      global: info >> 4 !== STB_LOCAL,
      weak: info >> 4 === STB_WEAK,
      sized,
      sectionEnd,
    });
  }
  return symbols;
}

/** Names by offset; one decoded text is cut up, which is many times faster than decoding each. */
function nameReader(strings: Uint8Array): (offset: number) => string {
  const latin1 = new TextDecoder('latin1').decode(strings);
  const utf8 = new TextDecoder();
  return (offset) => {
    const nul = latin1.indexOf('\0', offset);
    if (nul < 0) return '';
    const name = latin1.slice(offset, nul);
    // eslint-disable-next-line no-control-regex -- ASCII, which both encodings share
    return /^[\x00-\x7f]*$/.test(name) ? name : utf8.decode(strings.subarray(offset, nul));
  };
}
