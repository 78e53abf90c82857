/** Where the lines of one file have code. */
import type { RowColumns } from './line-rows';
import { toAddress } from './addresses';

/** Addresses at which statements of a line start. Both ascend. */
export type FileLines = ReadonlyMap<number, readonly bigint[]>;

/** Collects the statements of one file from the sequences that it has code in. */
export class StatementCollector {
  readonly #file: number;
  readonly #starts = new Map<number, Set<number>>();

  /** @param file Its number in `SourceFiles`. */
  constructor(file: number) {
    this.#file = file;
  }

  /** Adds the first statement of each run of rows that have the same line. Of the `count` rows the last one ends the sequence. */
  add(rows: RowColumns, count: number, files: ArrayLike<number>): void {
    let [runFile, runLine, done] = [-1, -1, false];
    for (let row = 0; row < count - 1; row++) {
      const [file, line] = [rows.file[row]!, rows.line[row]!];
      if (file !== runFile || line !== runLine) [runFile, runLine, done] = [file, line, false];
      // Line 0: code that belongs to no line (DWARF 5 §6.2.2).
      if (done || files[file] !== this.#file || rows.isStatement[row] === 0 || line === 0) continue;
      done = true;
      const starts = this.#starts.get(line);
      if (starts === undefined) this.#starts.set(line, new Set([rows.address[row]!]));
      else starts.add(rows.address[row]!);
    }
  }

  finish(): FileLines {
    const lines = [...this.#starts].sort(([a], [b]) => a - b);
    return new Map(lines.map(([line, starts]) => [line, [...starts].map(toAddress).sort(ascending)]));
  }
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
