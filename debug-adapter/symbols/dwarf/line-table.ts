/**
 * Address ↔ source line. Units are found by the ranges in `.debug_info` and by their file tables; a line program runs
 * when one of its addresses or files is asked for, so that opening a Linux kernel costs next to nothing.
 */
import type { LineRange, LineTable } from '../api';
import { finish, type Steps } from '../steps';
import { lastAtOrBefore, toAddress, toSigned } from './addresses';
import { StatementCollector, type FileLines } from './file-lines';
import { readLineRows, runLineProgram, type LineRows } from './line-program';
import { RowBuffer } from './line-rows';
import { listLineUnits, type LineUnit } from './line-units';
import type { AddressRange } from './ranges';
import { Recent } from './recent';
import type { DwarfSections } from './sections';
import { SourceFiles } from './source-files';
import type { UnitIndex } from './unit-index';
import type { Unit } from './units';

/** A half-open range of signed addresses, and the line program that describes it. */
interface Extent {
  readonly start: number;
  readonly end: number;
  readonly unit: LineUnit;
}

/** Rows that are kept, of all programs together: 21 bytes each. A kernel has a million, its largest program 20,000. */
const MOST_ROWS = 500_000;
/** Lines with code that are kept, of all files together. */
const MOST_LINES = 100_000;
/** Extents of different units should not overlap; where they do, so many are tried. */
const MOST_TRIES = 8;

export class DwarfLineTable implements LineTable {
  readonly #sections: DwarfSections;
  readonly #warnings: string[];
  readonly #text: readonly { readonly start: number; readonly end: number }[];
  readonly #allUnits: () => readonly Unit[];
  readonly #index: UnitIndex;
  readonly #sources: SourceFiles;
  #lineUnits: readonly LineUnit[] | undefined;
  #lineUnitOf: ReadonlyMap<Unit, LineUnit> | undefined;
  #extents: readonly Extent[] | undefined;
  #headersRead = false;
  readonly #rowsOf = new Recent<LineUnit, LineRows>(MOST_ROWS);
  readonly #linesOf = new Recent<string, FileLines>(MOST_LINES);

  /** @param text Where the program has code: rows outside belong to code that the linker dropped. */
  constructor(
    sections: DwarfSections,
    allUnits: () => readonly Unit[],
    index: UnitIndex,
    text: readonly AddressRange[],
    warnings: string[],
  ) {
    this.#sections = sections;
    this.#allUnits = allUnits;
    this.#index = index;
    this.#warnings = warnings;
    this.#text = text.map(({ start, end }) => ({ start: toSigned(start), end: toSigned(end) }));
    this.#sources = new SourceFiles(sections);
  }

  get files(): readonly string[] {
    this.#readHeaders();
    return this.#sources.paths;
  }

  get assemblyFiles(): readonly string[] {
    const files = new Set<string>();
    for (const unit of this.#units) {
      if (!unit.isAssembly) continue;
      for (const file of unit.readHeader()?.files ?? []) {
        const path = this.#sources.paths[file];
        if (path !== undefined && /\.(s|asm|sx)$/i.test(path)) files.add(path);
      }
    }
    return [...files];
  }

  at(address: bigint): LineRange | undefined {
    const signed = toSigned(address);
    const extents = this.#byAddress();
    const nearest = lastAtOrBefore(extents.length, (i) => extents[i]!.start, signed);
    // The innermost one with a row wins.
    for (let i = nearest, tries = 0; i >= 0 && tries < MOST_TRIES; i--, tries++) {
      const { end, unit } = extents[i]!;
      const range = signed < end ? this.#rangeAt(this.#rows(unit), signed) : undefined;
      if (range !== undefined) return range;
    }
    return undefined;
  }

  addresses(file: string, line: number): readonly bigint[] {
    return finish(this.#read(file)).get(line) ?? [];
  }

  lines(file: string): readonly number[] {
    return [...finish(this.#read(file)).keys()];
  }

  *search(file: string): Steps<void> {
    yield* this.#read(file);
  }

  /** The path of a file as the DIEs of a unit number it, in DW_AT_decl_file and DW_AT_call_file. */
  fileName(unit: Unit, file: number): string | undefined {
    const header = this.#lineUnitByUnit().get(unit)?.readHeader();
    return this.#sources.paths[header?.files[file] ?? -1];
  }

  get #units(): readonly LineUnit[] {
    return (this.#lineUnits ??= listLineUnits(
      this.#sections,
      this.#allUnits(),
      this.#sources,
      this.#warnings,
    ));
  }

  #lineUnitByUnit(): ReadonlyMap<Unit, LineUnit> {
    return (this.#lineUnitOf ??= new Map(
      this.#units.flatMap((line) => line.units.map((owner) => [owner, line])),
    ));
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
    const file = this.#sources.paths[rows.files[rows.file[row]!] ?? -1];
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
      startsStatement: startsStatement(rows, row, first),
    };
  }

  #isText(signed: number): boolean {
    return this.#text.some(({ start, end }) => signed >= start && signed < end);
  }

  #rows(unit: LineUnit): LineRows | undefined {
    const header = unit.readHeader();
    if (header === undefined) return undefined;
    let rows = this.#rowsOf.get(unit);
    if (rows === undefined) {
      rows = readLineRows(this.#sections, this.#sources, header, (start) => this.#isText(start));
      this.#rowsOf.set(unit, rows, rows.address.length);
    }
    return rows;
  }

  /** The extents of all units, by start. Units that give no ranges are run to see what they cover. */
  #byAddress(): readonly Extent[] {
    if (this.#extents !== undefined) return this.#extents;
    const lineUnits = this.#lineUnitByUnit();
    const unknown = this.#units.filter(
      ({ units }) => units.length === 0 || !units.every((unit) => this.#index.hasRanges(unit)),
    );
    const isUnknown = new Set(unknown);
    const extents: Extent[] = [];
    for (const { start, end, unit: owner } of this.#index.extents) {
      const unit = lineUnits.get(owner);
      if (unit !== undefined && !isUnknown.has(unit)) extents.push({ start, end, unit });
    }
    for (const unit of unknown) {
      for (const { start, end } of this.#rows(unit)?.sequences ?? []) extents.push({ start, end, unit });
    }
    return (this.#extents = extents.sort((a, b) => a.start - b.start));
  }

  /** Reads all file tables, which numbers the files. */
  #readHeaders(): void {
    if (this.#headersRead) return;
    this.#headersRead = true;
    for (const unit of this.#units) unit.readHeader();
  }

  /** Runs the programs that name a file; nothing of them but its statements is kept. */
  *#read(file: string): Steps<FileLines> {
    const known = this.#linesOf.get(file);
    if (known !== undefined) return known;
    this.#readHeaders();
    const number = this.#sources.find(file);
    if (number === undefined) return new Map();
    const collector = new StatementCollector(number);
    const buffer = new RowBuffer();
    const units = this.#units.filter((unit) => unit.readHeader()?.files.includes(number));
    for (const [index, unit] of units.entries()) {
      runLineProgram(this.#sections, this.#sources, unit.readHeader()!, buffer, (rows, start, _, files) => {
        if (this.#isText(start)) collector.add(rows.columns, rows.count, files);
      });
      yield (index + 1) / units.length;
    }
    const lines = collector.finish();
    this.#linesOf.set(file, lines, lines.size + 1);
    return lines;
  }
}

/** Whether one of the rows from `first` on that have the address of `row` is a statement. */
function startsStatement({ address, isStatement }: LineRows, row: number, first: number): boolean {
  for (let i = row; i >= first && address[i] === address[row]; i--) if (isStatement[i] === 1) return true;
  return false;
}
