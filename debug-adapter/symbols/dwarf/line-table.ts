/**
 * Address ↔ source line. Units are found by the ranges in `.debug_info` and by their file tables; a line program runs
 * when one of its addresses or files is first asked for, so that opening a Linux kernel costs next to nothing.
 */
import type { LineRange, LineTable } from '../api';
import { AT } from './constants';
import { readLineHeader, type LineHeader } from './line-header';
import { runLineProgram, type LineRows, type Sequence } from './line-program';
import { UnitRanges, type AddressRange } from './ranges';
import type { DwarfSections } from './sections';
import { readInitialLength, type Unit } from './units';

/** A line program and what is known about it so far. */
interface LineUnit {
  readonly offset: number;
  /** Units of `.debug_info` that refer to it. */
  readonly units: Unit[];
  header?: LineHeader | undefined;
  rows?: LineRows | undefined;
}

/** A half-open range of signed addresses, and the line program that describes it. */
interface Extent {
  readonly start: number;
  readonly end: number;
  readonly unit: LineUnit;
}

/** Where the lines of one file have code. */
type FileLines = ReadonlyMap<number, readonly bigint[]>;

/** Addresses as {@link LineRows} has them. */
const toSigned = (address: bigint) => Number(BigInt.asIntN(64, address));
const toAddress = (signed: number) => BigInt.asUintN(64, BigInt(signed));

/** Index of the last of `count` ascending starts that is at or before `at`; -1 if none is. */
function lastAtOrBefore(count: number, startOf: (index: number) => number, at: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (startOf(middle) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The line programs of `.debug_line`, one after the other and those that units point to. */
function listLineUnits(sections: DwarfSections, units: readonly Unit[], warnings: string[]): LineUnit[] {
  const byOffset = new Map<number, LineUnit>();
  const reader = sections.readerAt('line', 0);
  while (reader.more()) {
    const offset = reader.offset;
    const { end } = readInitialLength(reader);
    if (reader.failed() || end > reader.end) {
      warnings.push(`Section .debug_line is damaged at 0x${offset.toString(16)}: lines may be missing.`);
      break;
    }
    byOffset.set(offset, { offset, units: [] });
    reader.offset = end;
  }
  for (const unit of units) {
    const list = unit.root.get(AT.stmt_list);
    // DWARF 2 and 3 used data4 and data8 for offsets.
    if (list?.kind === 'offset' || list?.kind === 'constant')
      byOffset.get(Number(list.value))?.units.push(unit);
  }
  return [...byOffset.values()];
}

export class DwarfLineTable implements LineTable {
  readonly #sections: DwarfSections;
  readonly #units: readonly LineUnit[];
  readonly #text: readonly AddressRange[];
  #extents: readonly Extent[] | undefined;
  #unitsByFile: ReadonlyMap<string, readonly LineUnit[]> | undefined;
  readonly #fileLines = new Map<string, FileLines>();

  /** @param text Where the program has code: rows outside belong to code that the linker dropped. */
  constructor(
    sections: DwarfSections,
    units: readonly Unit[],
    text: readonly AddressRange[],
    warnings: string[],
  ) {
    this.#sections = sections;
    this.#text = text;
    this.#units = listLineUnits(sections, units, warnings);
  }

  get files(): readonly string[] {
    return [...this.#byFile().keys()];
  }

  at(address: bigint): LineRange | undefined {
    const signed = toSigned(address);
    const extents = this.#byAddress();
    const nearest = lastAtOrBefore(extents.length, (i) => extents[i]!.start, signed);
    // Extents of different units should not overlap; where they do, the innermost one with a row wins.
    for (let i = nearest, tries = 0; i >= 0 && tries < 8; i--, tries++) {
      const { end, unit } = extents[i]!;
      const range = signed < end ? this.#rangeAt(this.#rows(unit), signed) : undefined;
      if (range !== undefined) return range;
    }
    return undefined;
  }

  addresses(file: string, line: number): readonly bigint[] {
    return this.#linesOf(file).get(line) ?? [];
  }

  lines(file: string): readonly number[] {
    return [...this.#linesOf(file).keys()];
  }

  #rangeAt(rows: LineRows | undefined, signed: number): LineRange | undefined {
    if (rows === undefined) return undefined;
    const { sequences } = rows;
    const index = lastAtOrBefore(sequences.length, (i) => sequences[i]!.start, signed);
    const sequence = sequences[index];
    if (sequence === undefined || signed >= sequence.end) return undefined;
    const { first, last } = sequence;
    // Of several rows at one address the last one has the code.
    const row = first + lastAtOrBefore(last - first, (i) => rows.address[first + i]!, signed);
    const file = rows.files[rows.file[row]!];
    const line = rows.line[row]!;
    // Line 0: code that belongs to no line (DWARF 5 §6.2.2).
    if (file === undefined || line === 0) return undefined;
    return {
      file,
      line,
      column: rows.column[row]!,
      start: toAddress(rows.address[row]!),
      end: toAddress(rows.address[row + 1]!),
      isStatement: rows.isStatement[row] === 1,
    };
  }

  #isText(signed: number): boolean {
    const address = toAddress(signed);
    return this.#text.some(({ start, end }) => address >= start && address < end);
  }

  #header(unit: LineUnit): LineHeader | undefined {
    if (!('header' in unit)) {
      const owner = unit.units[0];
      const directory = owner?.root.get(AT.comp_dir);
      unit.header = readLineHeader(this.#sections, unit.offset, {
        compilationDirectory: directory?.kind === 'string' ? directory.value : undefined,
        unit: owner,
      });
    }
    return unit.header;
  }

  #rows(unit: LineUnit): LineRows | undefined {
    if (!('rows' in unit)) {
      const header = this.#header(unit);
      unit.rows = header && runLineProgram(this.#sections, header, (start) => this.#isText(start));
    }
    return unit.rows;
  }

  /** The extents of all units, by start. Units that give no ranges are run to see what they cover. */
  #byAddress(): readonly Extent[] {
    if (this.#extents !== undefined) return this.#extents;
    const reader = new UnitRanges(this.#sections);
    const extents: Extent[] = [];
    for (const unit of this.#units) {
      const lists = unit.units.map((owner) => reader.of(owner));
      if (lists.length > 0 && !lists.includes(undefined)) {
        for (const { start, end } of lists.flatMap((list) => list ?? [])) {
          if (start >= end) continue;
          extents.push({ start: toSigned(start), end: toSigned(end), unit });
        }
      } else {
        for (const { start, end } of this.#rows(unit)?.sequences ?? []) extents.push({ start, end, unit });
      }
    }
    return (this.#extents = extents.sort((a, b) => a.start - b.start));
  }

  #byFile(): ReadonlyMap<string, readonly LineUnit[]> {
    if (this.#unitsByFile !== undefined) return this.#unitsByFile;
    const unitsByFile = new Map<string, LineUnit[]>();
    for (const unit of this.#units) {
      for (const file of new Set(this.#header(unit)?.files)) {
        if (file === undefined) continue;
        const units = unitsByFile.get(file);
        if (units === undefined) unitsByFile.set(file, [unit]);
        else units.push(unit);
      }
    }
    return (this.#unitsByFile = unitsByFile);
  }

  #linesOf(file: string): FileLines {
    let lines = this.#fileLines.get(file);
    if (lines === undefined) {
      lines = this.#readLines(file);
      this.#fileLines.set(file, lines);
    }
    return lines;
  }

  /** Statement starts by line, both ascending. */
  #readLines(file: string): FileLines {
    const found = new Map<number, Set<number>>();
    for (const unit of this.#byFile().get(file) ?? []) {
      const rows = this.#rows(unit);
      if (rows === undefined) continue;
      const isFile = rows.files.map((name) => name === file);
      for (const sequence of rows.sequences) collectStatements(rows, sequence, isFile, found);
    }
    const lines = [...found].sort(([a], [b]) => a - b);
    return new Map(
      lines.map(([line, starts]) => [
        line,
        [...starts].map((start) => toAddress(start)).sort((a, b) => (a < b ? -1 : 1)),
      ]),
    );
  }
}

/** Adds the first statement of each run of rows that have the same line, for the lines of the wanted files. */
function collectStatements(
  rows: LineRows,
  { first, last }: Sequence,
  isFile: readonly boolean[],
  found: Map<number, Set<number>>,
): void {
  let [runFile, runLine, done] = [-1, -1, false];
  for (let row = first; row < last; row++) {
    const [file, line] = [rows.file[row]!, rows.line[row]!];
    if (file !== runFile || line !== runLine) [runFile, runLine, done] = [file, line, false];
    if (done || rows.isStatement[row] === 0 || line === 0 || isFile[file] !== true) continue;
    done = true;
    const starts = found.get(line);
    if (starts === undefined) found.set(line, new Set([rows.address[row]!]));
    else starts.add(rows.address[row]!);
  }
}
