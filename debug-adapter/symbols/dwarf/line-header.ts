/** Headers of line number programs (DWARF 5 §6.2.4, DWARF 4 §6.2.4): parameters and file tables. */
import type { ByteReader } from '../bytes/byte-reader';
import { joinPath } from '../paths';
import { LNCT } from './constants';
import type { UnitContext } from './form-sizes';
import { readForm, readOffset } from './forms';
import type { DwarfSections } from './sections';
import { readInitialLength } from './units';

export interface LineHeader {
  readonly version: number;
  readonly minimumInstructionLength: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Number of LEB128 operands by opcode; index 0 is unused. */
  readonly operandCounts: readonly number[];
  /** Full paths by file register value: version 5 counts from 0, older ones from 1 (index 0 is then a hole). */
  readonly files: readonly (string | undefined)[];
  readonly directories: readonly string[];
  /** Position of the first opcode and after the last one. */
  readonly programStart: number;
  readonly end: number;
}

/** What the unit that refers to a line program knows about it. */
export interface LineContext {
  readonly compilationDirectory: string | undefined;
  readonly unit: UnitContext | undefined;
}

/** Reads the header at an offset of `.debug_line`; `undefined` if it is damaged or of an unknown version. */
export function readLineHeader(
  sections: DwarfSections,
  offset: number,
  context: LineContext,
): LineHeader | undefined {
  const reader = sections.readerAt('line', offset);
  const { end, offsetSize } = readInitialLength(reader);
  const version = reader.u16();
  if (reader.failed() || end > reader.end || version < 2 || version > 5) return undefined;
  const addressSize = version >= 5 ? reader.u8() : 8;
  if (version >= 5) reader.skip(1); // segment selector size
  const headerLength = readOffset(reader, offsetSize);
  const programStart = reader.offset + headerLength;
  const minimumInstructionLength = reader.u8();
  if (version >= 4) reader.skip(1); // operations per instruction: 1, RISC-V is not a VLIW
  const defaultIsStatement = reader.u8() !== 0;
  const [lineBase, lineRange, opcodeBase] = [reader.s8(), reader.u8(), reader.u8()];
  const operandCounts = [0];
  for (let opcode = 1; opcode < opcodeBase; opcode++) operandCounts.push(reader.u8());
  if (reader.failed() || programStart > end || lineRange === 0) return undefined;
  const unit: UnitContext = {
    offset: 0,
    strOffsetsBase: context.unit?.strOffsetsBase ?? 0,
    addrBase: context.unit?.addrBase ?? 0,
    version,
    addressSize,
    offsetSize,
  };
  const base = context.compilationDirectory ?? '';
  const tables = version >= 5 ? fileTables5(reader, sections, unit, base) : fileTables(reader, base);
  if (reader.failed() || reader.offset > programStart) return undefined;
  return {
    version,
    minimumInstructionLength,
    defaultIsStatement,
    lineBase,
    lineRange,
    opcodeBase,
    operandCounts,
    ...tables,
    programStart,
    end,
  };
}

type FileTables = Pick<LineHeader, 'files' | 'directories'>;

/** Versions 2–4: directory 0 is the compilation directory, files count from 1. */
function fileTables(reader: ByteReader, compilationDirectory: string): FileTables {
  const directories = [compilationDirectory];
  for (;;) {
    const directory = reader.cstring();
    if (directory === '') break;
    directories.push(joinPath(compilationDirectory, directory));
  }
  const files: (string | undefined)[] = [undefined];
  for (;;) {
    const name = reader.cstring();
    if (name === '') break;
    files.push(filePath(directories, reader.uleb(), name));
    reader.skipLeb(); // modification time
    reader.skipLeb(); // length
  }
  return { files, directories };
}

/** Path of a file entry as it also appears in DW_LNE_define_file. */
export function filePath(directories: readonly string[], directory: number, name: string): string {
  return joinPath(directories[directory] ?? '', name);
}

interface Entry {
  readonly path: string;
  readonly directory: number;
}

/** Version 5: entries with a described format; directory 0 is the compilation directory, file 0 the primary source. */
function fileTables5(
  reader: ByteReader,
  sections: DwarfSections,
  unit: UnitContext,
  compilationDirectory: string,
): FileTables {
  const rawDirectories = readEntries(reader, sections, unit);
  const base = joinPath(compilationDirectory, rawDirectories[0]?.path ?? '');
  const directories = rawDirectories.map(({ path }, index) => (index === 0 ? base : joinPath(base, path)));
  const files = readEntries(reader, sections, unit).map(({ path, directory }) =>
    filePath(directories, directory, path),
  );
  return { files, directories };
}

function readEntries(reader: ByteReader, sections: DwarfSections, unit: UnitContext): Entry[] {
  const formats: { content: number; form: number }[] = [];
  for (let left = reader.u8(); left > 0; left--) {
    formats.push({ content: reader.uleb(), form: reader.uleb() });
  }
  const entries: Entry[] = [];
  for (let left = reader.uleb(); left > 0 && !reader.failed(); left--) {
    const before = reader.offset;
    let [path, directory] = ['', 0];
    for (const { content, form } of formats) {
      // MD5 sums, sizes, times and vendors' contents (LLVM embeds sources) are read over.
      const value = readForm(reader, form, 0n, unit, sections);
      if (content === LNCT.path && value.kind === 'string') path = value.value;
      else if (content === LNCT.directory_index && value.kind === 'constant') directory = Number(value.value);
    }
    // Entries without a byte of their own could claim to be any number.
    if (reader.offset === before) reader.fail();
    entries.push({ path, directory });
  }
  return entries;
}
