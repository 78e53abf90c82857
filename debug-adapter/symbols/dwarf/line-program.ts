/** Runs line number programs (DWARF 5 §6.2.5). */
import { ByteReader } from '../bytes/byte-reader';
import { LNE, LNS } from './constants';
import type { LineHeader } from './line-header';
import { RowBuffer, type RowColumns, type Sequence } from './line-rows';
import type { DwarfSections } from './sections';
import type { SourceFiles } from './source-files';

/** Reads an address as a signed number, without going through a `bigint` for each. */
function readAddress(reader: ByteReader, size: number): number {
  if (size !== 8) return Number(reader.unsigned(size));
  const low = reader.u32();
  return (reader.u32() | 0) * 2 ** 32 + low;
}

/**
 * Gets the rows of one sequence in order of their addresses, which it may use until it returns, and the files by their
 * registers: the header's and what the program has defined itself. The last row only says where the sequence ends.
 */
type OnSequence = (rows: RowBuffer, start: number, end: number, files: ArrayLike<number>) => void;

/**
 * Runs a line program. What is damaged ends it; sequences before that count.
 * @param rows Where rows are collected; the same for many programs spares making it.
 */
export function runLineProgram(
  sections: DwarfSections,
  sources: SourceFiles,
  header: LineHeader,
  rows: RowBuffer,
  onSequence: OnSequence,
): void {
  rows.clear();
  const reader = new ByteReader(sections.get('line'), header.programStart, header.end);
  const { bytes } = reader;
  const { opcodeBase, lineBase, lineRange, minimumInstructionLength: unit, defaultIsStatement } = header;
  const constAddPc = Math.floor((255 - opcodeBase) / lineRange) * unit;
  let files: ArrayLike<number> = header.files;
  let defined: number[] | undefined;
  let [address, file, line, column] = [0, 1, 1, 0];
  let isStatement = defaultIsStatement;

  const endSequence = () => {
    if (!rows.add(address, line, column, file, isStatement)) return;
    rows.sort();
    const start = rows.columns.address[0]!;
    const end = rows.columns.address[rows.count - 1]!;
    if (start < end && Number.isSafeInteger(start) && Number.isSafeInteger(end)) {
      onSequence(rows, start, end, files);
    }
    rows.clear();
    [address, file, line, column] = [0, 1, 1, 0];
    isStatement = defaultIsStatement;
  };

  const extended = () => {
    const length = reader.uleb();
    const end = reader.offset + length;
    if (length === 0) return;
    const opcode = reader.u8();
    if (opcode === LNE.end_sequence) {
      endSequence();
    } else if (opcode === LNE.set_address) {
      address = readAddress(reader, length - 1);
    } else if (opcode === LNE.define_file) {
      const name = reader.cstring();
      files = defined ??= [...header.files];
      defined.push(sources.file(header.directories[reader.uleb()], name));
    }
    // Discriminators and vendors' opcodes are read over by their length.
    if (end > reader.end) reader.fail();
    else reader.offset = end;
  };

  while (reader.more()) {
    const opcode = bytes[reader.offset++]!;
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      const advance = Math.floor(adjusted / lineRange);
      address += advance * unit;
      line += lineBase + adjusted - advance * lineRange;
      if (!rows.add(address, line, column, file, isStatement)) return;
      continue;
    }
    switch (opcode) {
      case 0:
        extended();
        break;
      case LNS.copy:
        if (!rows.add(address, line, column, file, isStatement)) return;
        break;
      case LNS.advance_pc:
        address += reader.uleb() * unit;
        break;
      case LNS.advance_line:
        line += reader.sleb();
        break;
      case LNS.set_file:
        file = reader.uleb();
        break;
      case LNS.set_column:
        column = reader.uleb();
        break;
      case LNS.negate_stmt:
        isStatement = !isStatement;
        break;
      case LNS.const_add_pc:
        address += constAddPc;
        break;
      case LNS.fixed_advance_pc:
        address += reader.u16();
        break;
      case LNS.set_basic_block:
      case LNS.set_prologue_end:
      case LNS.set_epilogue_begin:
        break;
      default:
        for (let left = header.operandCounts[opcode] ?? 0; left > 0; left--) reader.skipLeb();
    }
  }
}

/** All rows of one line program. */
export interface LineRows extends RowColumns {
  /** By start. */
  readonly sequences: readonly Sequence[];
  /** Numbers of files by register. */
  readonly files: ArrayLike<number>;
}

/**
 * Runs a line program and keeps its rows.
 * @param keep Whether code at this address is part of the program.
 */
export function readLineRows(
  sections: DwarfSections,
  sources: SourceFiles,
  header: LineHeader,
  keep: (start: number) => boolean,
): LineRows {
  const all = new RowBuffer();
  const sequences: Sequence[] = [];
  let files: ArrayLike<number> = header.files;
  runLineProgram(sections, sources, header, new RowBuffer(), (rows, start, end, known) => {
    files = known;
    if (!keep(start)) return;
    const first = all.count;
    if (all.append(rows)) sequences.push({ first, last: all.count - 1, start, end });
  });
  return { ...all.finish(), sequences: sequences.sort((a, b) => a.start - b.start), files };
}
