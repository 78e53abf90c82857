/** Rows of line tables in columns, and how they are collected. */

/** A contiguous piece of code: rows `[first, last]`, of which the last one only says where it ends. */
export interface Sequence {
  readonly first: number;
  readonly last: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Rows as parallel columns. Addresses are signed 64-bit values in doubles, many times faster than `bigint`s and exact
 * from -2^53 to 2^53: user space, physical addresses and the top of the address space, where kernels are linked.
 */
export interface RowColumns {
  readonly address: Float64Array;
  readonly line: Uint32Array;
  readonly column: Uint32Array;
  /** File register, an index into the program's files. */
  readonly file: Uint32Array;
  readonly isStatement: Uint8Array;
}

function makeColumns(count: number): RowColumns {
  return {
    address: new Float64Array(count),
    line: new Uint32Array(count),
    column: new Uint32Array(count),
    file: new Uint32Array(count),
    isStatement: new Uint8Array(count),
  };
}

/** Copies the first `count` rows of one set of columns behind the first `at` of another. */
function copyRows(from: RowColumns, count: number, to: RowColumns, at: number): void {
  to.address.set(from.address.subarray(0, count), at);
  to.line.set(from.line.subarray(0, count), at);
  to.column.set(from.column.subarray(0, count), at);
  to.file.set(from.file.subarray(0, count), at);
  to.isStatement.set(from.isStatement.subarray(0, count), at);
}

/** Far more than the largest source file of a kernel has; a program that makes more of its bytes is damaged. */
const MOST_ROWS = 2 ** 22;
const FEWEST_ROWS = 256;

/** Rows in the order in which they come, in columns that grow. */
export class RowBuffer {
  columns = makeColumns(FEWEST_ROWS);
  count = 0;
  #sorted = true;

  /** False if there are too many. */
  add(address: number, line: number, column: number, file: number, isStatement: boolean): boolean {
    const at = this.count;
    if (at === this.columns.address.length && !this.#grow()) return false;
    const { columns } = this;
    if (at > 0 && address < columns.address[at - 1]!) this.#sorted = false;
    columns.address[at] = address;
    columns.line[at] = line;
    columns.column[at] = column;
    columns.file[at] = file;
    columns.isStatement[at] = isStatement ? 1 : 0;
    this.count = at + 1;
    return true;
  }

  clear(): void {
    this.count = 0;
    this.#sorted = true;
  }

  /** Puts rows of a sequence, which must ascend (§6.2.5), in order: assembly with subsections does not always. The end stays last. */
  sort(): void {
    if (this.#sorted) return;
    const { columns } = this;
    const last = this.count - 1;
    const order = Array.from({ length: last }, (_, i) => i);
    order.sort((a, b) => columns.address[a]! - columns.address[b]! || a - b);
    for (const column of Object.values(columns) as RowColumns[keyof RowColumns][]) {
      const sorted = order.map((i) => column[i]!);
      column.set(sorted);
    }
    columns.address[last] = Math.max(columns.address[last]!, columns.address[last - 1] ?? 0);
    this.#sorted = true;
  }

  /** Appends all rows of another buffer; false if they become too many. */
  append({ columns, count }: RowBuffer): boolean {
    while (this.count + count > this.columns.address.length) if (!this.#grow()) return false;
    copyRows(columns, count, this.columns, this.count);
    this.count += count;
    return true;
  }

  /** The rows, in columns no longer than they need to be. */
  finish(): RowColumns {
    const columns = makeColumns(this.count);
    copyRows(this.columns, this.count, columns, 0);
    return columns;
  }

  #grow(): boolean {
    const size = this.columns.address.length;
    if (size >= MOST_ROWS) return false;
    const larger = makeColumns(size * 2);
    copyRows(this.columns, this.count, larger, 0);
    this.columns = larger;
    return true;
  }
}
