/** Several walks of one stack side by side: rows aligned, and the first place where they differ explained. */
import type { Frame } from '../unwind/types';
import type { CallStack, StackRow } from './api';

type FrameRow = Extract<StackRow, { kind: 'frame' }>;

/** A frame as each walk has it, in the order of the walks; `undefined` where a walk has none there. */
export type ComparedRow = readonly (FrameRow | undefined)[];

export interface Difference {
  /** Index of the row. */
  readonly row: number;
  /** Sentences, one for each walk that differs there from the one that is trusted most. */
  readonly explanations: readonly string[];
}

export interface WalkComparison {
  readonly walks: readonly CallStack[];
  readonly rows: readonly ComparedRow[];
  readonly difference: Difference | undefined;
}

/** Alignment costs time by the square of the rows; what a recursion has more of is left out of the comparison. */
const mostRows = 512;

/** The kinds of walk by how much is known when they are made: what really happened first. */
const byTrust = ['true', 'cfi', 'metadata', 'legacy'] as const;

/** @param walks of one stack at one stop */
export function compareWalks(walks: readonly CallStack[]): WalkComparison {
  const columns = walks.map(({ rows }) => rows.filter((row) => row.kind === 'frame').slice(0, mostRows));
  const ordered = byTrust.flatMap((kind) =>
    walks.flatMap(({ walk }, index) => (walk.kind === kind ? [index] : [])),
  );
  const rows = ordered.reduce<ComparedRow[]>((merged, index) => merge(merged, columns[index]!, index), []);
  const at = rows.findIndex((row) => walks.some((_, index) => row[index] === undefined));
  const full = rows.map((row) => walks.map((_, index) => row[index]));
  return { walks, rows: full, difference: at < 0 ? undefined : explain(walks, full, at, ordered[0]!) };
}

/** Two rows are the same frame if they are at the same pc, and both or neither by an exception. */
function isSame(a: Frame, b: Frame): boolean {
  return a.pc === b.pc && (a.mark === 'P') === (b.mark === 'P');
}

/** Puts one more column beside those that are aligned already: the longest common subsequence stays in line. */
function merge(rows: readonly ComparedRow[], column: readonly FrameRow[], index: number): ComparedRow[] {
  const fits = (row: ComparedRow, cell: FrameRow) => {
    const other = row.find((known) => known !== undefined);
    return other !== undefined && isSame(other.frame, cell.frame);
  };
  const length = commonLengths(rows, column, fits);
  const merged: ComparedRow[] = [];
  const beside = (row: ComparedRow, cell: FrameRow | undefined): ComparedRow => {
    const cells = [...row];
    cells[index] = cell;
    return cells;
  };
  let [i, j] = [0, 0];
  while (i < rows.length || j < column.length) {
    const row = rows[i];
    const cell = column[j];
    if (row && cell && fits(row, cell)) {
      merged.push(beside(row, cell));
      i++;
      j++;
    } else if (row && (!cell || length[i + 1]![j]! >= length[i]![j + 1]!)) {
      merged.push(beside(row, undefined));
      i++;
    } else {
      merged.push(beside([], cell));
      j++;
    }
  }
  return merged;
}

/** `[i][j]`: how many of the rows from i on and the cells from j on are the same, in order. */
function commonLengths<A, B>(
  rows: readonly A[],
  cells: readonly B[],
  fits: (row: A, cell: B) => boolean,
): readonly (readonly number[])[] {
  const lengths = Array.from({ length: rows.length + 1 }, () => new Array<number>(cells.length + 1).fill(0));
  for (let i = rows.length - 1; i >= 0; i--) {
    for (let j = cells.length - 1; j >= 0; j--) {
      lengths[i]![j] = fits(rows[i]!, cells[j]!)
        ? lengths[i + 1]![j + 1]! + 1
        : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  return lengths;
}

function explain(
  walks: readonly CallStack[],
  rows: readonly ComparedRow[],
  at: number,
  trusted: number,
): Difference {
  const explanations = walks.flatMap((stack, index) => {
    if (index === trusted || (rows[at]![index] === undefined) === (rows[at]![trusted] === undefined))
      return [];
    return [explainColumn(stack, rows, { at, index, trusted }, walks[trusted]!)];
  });
  return { row: at, explanations };
}

/** Why one walk differs from the trusted one in a row that only one of them has. */
function explainColumn(
  { walk }: CallStack,
  rows: readonly ComparedRow[],
  { at, index, trusted }: { readonly at: number; readonly index: number; readonly trusted: number },
  reference: CallStack,
): string {
  const goesOn = rows.slice(at).some((row) => row[index] !== undefined);
  if (!goesOn) return `The ${walk.kind} walk ends here. ${walk.end.rule}: ${walk.end.reason}`;
  const extra = rows[at]![index];
  if (extra)
    return `Only the ${walk.kind} walk has ${extra.text}: ${extra.frame.reason}; the ${reference.walk.kind} walk does not pass it.`;
  const missing = rows[at]![trusted]!;
  const callee = rows[at - 1]?.[index] ?? rows[at - 1]?.[trusted];
  const inside = callee ? ` of ${callee.location.symbol ?? callee.text}` : '';
  if (missing.frame.mark === 'L' || callee?.frame.isReturnAddress === false)
    return `The ${walk.kind} walk skips ${missing.text}: it is the caller${inside}, which was stopped in its prologue or epilogue or keeps no frame record, so that s0 is the caller's own and ra alone leads there.`;
  return `The ${walk.kind} walk skips ${missing.text}, the caller${inside}, which has no frame record of its own.`;
}
