/** Several walks of one stack side by side: rows aligned, and the first place where they differ explained. */
import type { Frame, WalkResult } from '../unwind/types';
import type { CallStack, StackRow } from './api';
import { formatLocation } from './location';
import type { Window } from './windows';

type FrameRow = Extract<StackRow, { kind: 'frame' }>;

/** A frame as each walk has it, in the order of the walks; `undefined` where a walk has none there. */
type ComparedRow = readonly (FrameRow | undefined)[];

export interface Difference {
  /** Index of the first row that not all walks have. */
  readonly row: number;
  /** Sentences, one for each walk that differs from the one that is trusted most. */
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

/**
 * @param walks of one stack at one stop
 * @param windowOf why a walk that follows frame records may be wrong behind this frame (`windows.ts`)
 */
export function compareWalks(
  walks: readonly CallStack[],
  windowOf: (frame: Frame) => Window | undefined = () => undefined,
): WalkComparison {
  const columns = walks.map(({ rows }) => rows.filter((row) => row.kind === 'frame').slice(0, mostRows));
  const ordered = byTrust.flatMap((kind) =>
    walks.flatMap(({ walk }, index) => (walk.kind === kind ? [index] : [])),
  );
  const rows = ordered.reduce<ComparedRow[]>((merged, index) => merge(merged, columns[index]!, index), []);
  const full = rows.map((row) => walks.map((_, index) => row[index]));
  return { walks, rows: full, difference: explain(walks, full, ordered[0]!, windowOf) };
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

/** Each walk is held against the one that is trusted most, where it first differs from that. */
function explain(
  walks: readonly CallStack[],
  rows: readonly ComparedRow[],
  trusted: number,
  windowOf: (frame: Frame) => Window | undefined,
): Difference | undefined {
  const found = walks.flatMap(({ walk }, index) => {
    const at = rows.findIndex((row) => (row[index] === undefined) !== (row[trusted] === undefined));
    if (at < 0) return [];
    return [{ at, text: explainWalk(walk, rows.slice(at), index, trusted, why(rows[at - 1], windowOf)) }];
  });
  if (found.length === 0) return undefined;
  return { row: Math.min(...found.map(({ at }) => at)), explanations: found.map(({ text }) => text) };
}

/** @param rows from the first difference on */
function explainWalk(
  { kind, end }: WalkResult,
  rows: readonly ComparedRow[],
  index: number,
  trusted: number,
  reason: string | undefined,
): string {
  if (rows.every((row) => row[index] === undefined)) {
    const ends = `The ${kind} walk ends early. ${end.rule}: ${end.reason}`;
    return reason === undefined ? ends : `${ends} (${reason})`;
  }
  const extra = rows[0]![index];
  if (extra) return `Only the ${kind} walk has ${extra.text}: ${extra.frame.reason}.`;
  return `The ${kind} walk skips ${rows[0]![trusted]!.text}${reason === undefined ? '' : `: ${reason}`}.`;
}

/** What makes the step out of a row doubtful. */
function why(
  callee: ComparedRow | undefined,
  windowOf: (frame: Frame) => Window | undefined,
): string | undefined {
  const cell = callee?.find((known) => known !== undefined);
  const window = cell && windowOf(cell.frame);
  return cell && window && `${cell.location.symbol ?? formatLocation(cell.location)} ${windowWords[window]}`;
}

/** What a window means for the frame in it, after its function's name. */
const windowWords: Readonly<Record<Window, string>> = {
  'outside text': 'is no text of the kernel, so that only ra can tell who has called it',
  'before the first record': 'runs before the first frame record is written',
  'entry window':
    'has taken an exception whose frame record is not written yet, so that s0 is still that of the interrupted code',
  'exit window': 'is giving registers back to the interrupted code, s0 among them',
  prologue: 'is in its prologue, where s0 is still that of its caller and ra alone leads there',
  epilogue: 'is in its epilogue, where s0 is that of its caller again and ra alone leads there',
  'shrink-wrapped':
    'keeps no frame record in this part, so that s0 is that of its caller and ra alone leads there',
  'compact leaf': 'is a compact leaf, which saves s0 alone: its caller is in ra',
  frameless: 'keeps no frame record at all, so that s0 is that of its caller and ra alone leads there',
  'assembly without CFI': 'is assembly, of which nothing tells where s0 and ra are',
};
