/** Loads a kernel's ELF file with its symbols and debug information. */
import type { Program } from './api';
import type { ByteSource } from './bytes/byte-source';
import type { FrameSection } from './dwarf/call-frame-entries';
import { DwarfCallFrames } from './dwarf/call-frame-table';
import { DwarfDebugInformation } from './dwarf/debug-information';
import { DwarfLineTable } from './dwarf/line-table';
import { NameIndex } from './dwarf/name-index';
import type { FileNames } from './dwarf/origins';
import { DwarfSections, isDwarfSection } from './dwarf/sections';
import { DwarfTypes } from './dwarf/types';
import { UnitIndex } from './dwarf/unit-index';
import { readUnits, type Unit } from './dwarf/units';
import { readElf, sectionContents, type ElfFile, type ElfSection } from './elf/elf-file';
import { readSymbols } from './elf/symbols';
import { finish, type Steps } from './steps';
import { createSymbolTable } from './symbol-table/symbol-table';

/** Where the program has code, from its sections or, if it has no section headers, from its segments. */
function textRanges(elf: ElfFile): Program['text'] {
  const range = (start: bigint, size: number) => ({ start, end: start + BigInt(size) });
  const sections = elf.sections.filter(
    ({ executable, allocated, size }) => executable && allocated && size > 0,
  );
  if (sections.length > 0) return sections.map(({ address, size }) => range(address, size));
  return elf.segments
    .filter(({ executable }) => executable)
    .map(({ virtualAddress, memorySize }) => range(virtualAddress, memorySize));
}

/**
 * Reads a linked ELF64 RISC-V file. Lines and types are read when first asked for; `warnings` grows then if something
 * is damaged. The file is kept and must not change.
 * @throws ProgramError if the file cannot be used at all.
 */
export function loadProgram(from: ByteSource | Uint8Array): Program {
  return programOf(readElf(from));
}

/** How a file is read that is not linked. */
export interface ProgramParts {
  /** Default: what the file has, unpacked. */
  readonly contents?: (section: ElfSection, warnings: string[]) => Steps<Uint8Array | undefined>;
  /** Added to `FunctionScope.id`, so that those of several programs differ. Default 0. */
  readonly firstScope?: number;
}

/** As {@link loadProgram}, of a file whose headers are read. */
export function programOf(
  elf: ElfFile,
  { contents = sectionContents, firstScope = 0 }: ProgramParts = {},
): Program {
  const { warnings } = elf;
  const byName = new Map(elf.sections.map((section) => [section.name, section]));
  const unpacked = new Map<string, Uint8Array | undefined>();
  function* unpack(name: string): Steps<Uint8Array | undefined> {
    const section = byName.get(name);
    if (section !== undefined && !unpacked.has(name)) {
      unpacked.set(name, yield* contents(section, warnings));
    }
    return unpacked.get(name);
  }
  const sections = new DwarfSections((name) => finish(unpack(name)));
  let unitList: readonly Unit[] | undefined;
  const allUnits = () => (unitList ??= readUnits(sections, warnings));
  const units = new UnitIndex(sections, allUnits);

  const symbols = createSymbolTable(readSymbols(elf));
  if (symbols.count === 0) {
    warnings.push('The file has no symbol table: link it without -s and do not strip it.');
  }
  const text = textRanges(elf);
  // Compressed ones are unpacked when they are needed.
  const hasLines = (byName.get('.debug_line')?.storedSize ?? 0) > 0;
  if (!hasLines) {
    warnings.push('The file has no line information: compile and assemble it with -g to see source lines.');
  }
  const named = new NameIndex(sections, allUnits);
  const types = new DwarfTypes(sections, allUnits, named);
  // What gcc and clang write for debuggers is complete; .eh_frame may be less.
  const frameSections = ['.debug_frame', '.eh_frame'].filter(
    (name) => (byName.get(name)?.stored.length ?? 0) > 0,
  );
  const readFrameSections = () =>
    frameSections.map((name): FrameSection => {
      const bytes = finish(unpack(name)) ?? new Uint8Array(0);
      return { name, bytes, address: byName.get(name)!.address, isExceptionHandling: name === '.eh_frame' };
    });
  const lines = hasLines ? new DwarfLineTable(sections, allUnits, units, text, warnings) : undefined;
  const callFrames =
    frameSections.length > 0 ? new DwarfCallFrames(readFrameSections, text, warnings) : undefined;
  const hasDebugInformation = (byName.get('.debug_info')?.storedSize ?? 0) > 0;
  const fileName: FileNames = (unit, file) => lines?.fileName(unit, file);
  const debugSources = { sections, allUnits, units, named, symbols, fileName, callFrames, firstScope };
  return {
    entry: elf.entry,
    segments: elf.segments,
    symbols,
    lines,
    types,
    callFrames,
    debug: hasDebugInformation ? new DwarfDebugInformation(debugSources) : undefined,
    text,
    warnings,
    *prepare(structures) {
      for (const { name, compressed } of elf.sections) {
        if (compressed && isDwarfSection(name)) yield* unpack(name);
      }
      yield* types.search(structures);
    },
  };
}
