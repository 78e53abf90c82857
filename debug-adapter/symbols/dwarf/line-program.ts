/** Runs line number programs (DWARF 5 §6.2.5) into rows. */
import { ByteReader } from '../bytes/byte-reader';
import { LNE, LNS } from './constants';
import { filePath, type LineHeader } from './line-header';
import type { DwarfSections } from './sections';

/** A contiguous piece of code: rows `[first, last]`, of which the last one only says where it ends. */
export interface Sequence {
  readonly first: number;
  readonly last: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The rows of one line program, as parallel columns. Addresses are signed 64-bit values in doubles, many times faster
 * than `bigint`s and exact from -2^53 to 2^53: user space, physical addresses and the top of the address space, where
 * kernels are linked.
 */
export interface LineRows {
  readonly address: Float64Array;
  readonly line: Uint32Array;
  readonly column: Uint32Array;
  /** Index into `files`. */
  readonly file: Uint32Array;
  readonly isStatement: Uint8Array;
  /** By start. */
  readonly sequences: readonly Sequence[];
  /** The header's files and what the program defined itself. */
  readonly files: readonly (string | undefined)[];
}

/** Collects rows, and cuts them into sequences. */
class RowCollector {
  readonly address: number[] = [];
  readonly line: number[] = [];
  readonly column: number[] = [];
  readonly file: number[] = [];
  readonly isStatement: number[] = [];
  readonly sequences: Sequence[] = [];
  #first = 0;
  #sorted = true;

  add(address: number, line: number, column: number, file: number, isStatement: boolean): void {
    const count = this.address.length;
    if (count > this.#first && address < this.address[count - 1]!) this.#sorted = false;
    this.address.push(address);
    this.line.push(line);
    this.column.push(column);
    this.file.push(file);
    this.isStatement.push(isStatement ? 1 : 0);
  }

  /** Ends the sequence with the row added last. `keep` is asked whether code at a start is part of the program. */
  endSequence(keep: (start: number) => boolean): void {
    if (!this.#sorted) this.#sort();
    const [first, last] = [this.#first, this.address.length - 1];
    const [start, end] = [this.address[first]!, this.address[last]!];
    if (start < end && Number.isSafeInteger(start) && Number.isSafeInteger(end) && keep(start)) {
      this.sequences.push({ first, last, start, end });
      this.#first = last + 1;
    } else {
      this.drop();
    }
    this.#sorted = true;
  }

  /** Forgets rows since the last sequence. */
  drop(): void {
    for (const column of [this.address, this.line, this.column, this.file, this.isStatement]) {
      column.length = this.#first;
    }
  }

  /** Rows of a sequence must ascend (§6.2.5); assembly with subsections does not always. The end stays last. */
  #sort(): void {
    const [first, last] = [this.#first, this.address.length - 1];
    const order = Array.from({ length: last - first }, (_, i) => first + i);
    order.sort((a, b) => this.address[a]! - this.address[b]! || a - b);
    for (const column of [this.address, this.line, this.column, this.file, this.isStatement]) {
      const sorted = order.map((i) => column[i]!);
      for (let i = 0; i < sorted.length; i++) column[first + i] = sorted[i]!;
    }
    this.address[last] = Math.max(this.address[last]!, this.address[last - 1] ?? 0);
  }

  finish(files: readonly (string | undefined)[]): LineRows {
    this.drop();
    return {
      address: Float64Array.from(this.address),
      line: Uint32Array.from(this.line),
      column: Uint32Array.from(this.column),
      file: Uint32Array.from(this.file),
      isStatement: Uint8Array.from(this.isStatement),
      sequences: this.sequences.sort((a, b) => a.start - b.start),
      files,
    };
  }
}

/** Reads an address as a signed number, without going through a `bigint` for each. */
function readAddress(reader: ByteReader, size: number): number {
  if (size !== 8) return Number(reader.unsigned(size));
  const low = reader.u32();
  return (reader.u32() | 0) * 2 ** 32 + low;
}

/**
 * Runs a line program.
 * @param keep Whether code at this address is part of the program.
 */
export function runLineProgram(
  sections: DwarfSections,
  header: LineHeader,
  keep: (start: number) => boolean,
): LineRows {
  const reader = new ByteReader(sections.get('line'), header.programStart, header.end);
  const { opcodeBase, lineBase, lineRange, minimumInstructionLength: unit } = header;
  const constAddPc = Math.floor((255 - opcodeBase) / lineRange) * unit;
  const files = [...header.files];
  const rows = new RowCollector();
  let address = 0;
  let [file, line, column] = [1, 1, 0];
  let isStatement = header.defaultIsStatement;

  const extended = () => {
    const length = reader.uleb();
    const end = reader.offset + length;
    if (length === 0) return;
    const opcode = reader.u8();
    if (opcode === LNE.end_sequence) {
      rows.add(address, line, column, file, isStatement);
      rows.endSequence(keep);
      address = 0;
      [file, line, column] = [1, 1, 0];
      isStatement = header.defaultIsStatement;
    } else if (opcode === LNE.set_address) {
      address = readAddress(reader, length - 1);
    } else if (opcode === LNE.define_file) {
      const name = reader.cstring();
      files.push(filePath(header.directories, reader.uleb(), name));
    }
    // Discriminators and vendors' opcodes are read over by their length.
    if (end > reader.end) reader.fail();
    else reader.offset = end;
  };

  while (reader.more()) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      address += Math.floor(adjusted / lineRange) * unit;
      line += lineBase + (adjusted % lineRange);
      rows.add(address, line, column, file, isStatement);
      continue;
    }
    switch (opcode) {
      case 0:
        extended();
        break;
      case LNS.copy:
        rows.add(address, line, column, file, isStatement);
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
  return rows.finish(files);
}
