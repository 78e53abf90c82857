/** Headers of line number programs (DWARF 5 §6.2.4, DWARF 4 §6.2.4): parameters and file tables. */
import type { ByteReader } from '../bytes/byte-reader';
import { FORM, LNCT } from './constants';
import type { UnitContext } from './form-sizes';
import { readForm, readOffset } from './forms';
import type { DwarfSections } from './sections';
import { NO_FILE, type Directory, type SourceFiles, type StringPlace } from './source-files';
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
  /** Numbers of {@link SourceFiles} by file register: version 5 counts from 0, older ones from 1 (0 is then no file). */
  readonly files: Uint32Array;
  readonly directories: readonly Directory[];
  /** Position of the first opcode and after the last one. */
  readonly programStart: number;
  readonly end: number;
}

/** What the unit that refers to a line program knows about it. */
interface LineContext {
  readonly compilationDirectory: string | undefined;
  readonly unit: UnitContext | undefined;
}

/** Reads the header at an offset of `.debug_line`; `undefined` if it is damaged or of an unknown version. */
export function readLineHeader(
  sections: DwarfSections,
  offset: number,
  context: LineContext,
  sources: SourceFiles,
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
  const base = sources.directory(undefined, context.compilationDirectory ?? '');
  const tables =
    version >= 5 ? fileTables5(reader, sections, unit, base, sources) : fileTables(reader, base, sources);
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
function fileTables(reader: ByteReader, base: Directory, sources: SourceFiles): FileTables {
  const directories = [base];
  for (;;) {
    const directory = reader.cstring();
    if (directory === '') break;
    directories.push(sources.directory(base, directory));
  }
  const files = [NO_FILE];
  for (;;) {
    const name = reader.cstring();
    if (name === '') break;
    files.push(sources.file(directories[reader.uleb()], name));
    reader.skipLeb(); // modification time
    reader.skipLeb(); // length
  }
  return { files: Uint32Array.from(files), directories };
}

/** Version 5: entries with a described format; directory 0 is the compilation directory, file 0 the primary source. */
function fileTables5(
  reader: ByteReader,
  sections: DwarfSections,
  unit: UnitContext,
  compilationDirectory: Directory,
  sources: SourceFiles,
): FileTables {
  const directories: Directory[] = [];
  readEntries(reader, sections, unit, (path) => {
    const base = directories[0] ?? compilationDirectory;
    directories.push(sources.directory(base, path));
  });
  const files: number[] = [];
  readEntries(reader, sections, unit, (path, directory) => {
    files.push(sources.file(directories[directory], path));
  });
  return { files: Uint32Array.from(files), directories };
}

/** Calls `add` for each entry with its path, or where that is stored, and its directory's index. */
function readEntries(
  reader: ByteReader,
  sections: DwarfSections,
  unit: UnitContext,
  add: (path: string | StringPlace, directory: number) => void,
): void {
  const formats: { readonly content: number; readonly form: number }[] = [];
  for (let left = reader.u8(); left > 0; left--) {
    formats.push({ content: reader.uleb(), form: reader.uleb() });
  }
  for (let left = reader.uleb(); left > 0; left--) {
    const before = reader.offset;
    let path: string | StringPlace = '';
    let directory = 0;
    for (const { content, form } of formats) {
      if (content === LNCT.path && (form === FORM.line_strp || form === FORM.strp)) {
        const section = form === FORM.strp ? 'str' : 'line_str';
        path = { section, offset: readOffset(reader, unit.offsetSize) };
      } else if (content === LNCT.directory_index && form === FORM.udata) {
        directory = reader.uleb();
      } else {
        // MD5 sums, sizes, times and vendors' contents (LLVM embeds sources) are read over.
        const value = readForm(reader, form, 0n, unit, sections);
        if (content === LNCT.path && value.kind === 'string') path = value.value;
        if (content === LNCT.directory_index && value.kind === 'constant') directory = Number(value.value);
      }
    }
    // Entries without a byte of their own could claim to be any number.
    if (reader.offset === before) reader.fail();
    if (reader.failed()) return;
    add(path, directory);
  }
}
