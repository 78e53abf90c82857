/** A call stack as lines of text: for the console and for log points. */
import type { CallStack, StackRow } from './api';

/** @param frames the innermost so many, without what stands below them; all rows if not given */
export function stackLines({ rows }: CallStack, frames?: number): readonly string[] {
  return (frames === undefined ? rows : innermost(rows, frames)).map((row) => {
    if (row.kind !== 'frame' && row.kind !== 'inlined') return row.text;
    const { source } = row.kind === 'frame' ? row.location : row;
    return `  ${row.text}${source ? `  ${source.file}:${source.line}` : ''}`;
  });
}

function innermost(rows: readonly StackRow[], frames: number): readonly StackRow[] {
  const ends = rows.flatMap((row, index) => (row.kind === 'frame' ? [index + 1] : []));
  return rows.slice(0, ends[Math.min(frames, ends.length) - 1] ?? 0);
}
