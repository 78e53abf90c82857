/** Walks side by side as text: a column each, for the terminal, the editor and golden files. */
import { hex } from '../unwind/hex';
import type { CallStack } from './api';
import type { WalkComparison } from './compare-walks';

const none = '·';
const gap = '  ';
const addressColumn = 'frame address';
const firstDifference = '►';

export function comparisonText({ walks, rows, difference }: WalkComparison): string {
  const header = [addressColumn, ...walks.map(({ walk }) => walk.kind)];
  const body = rows.map((row) => {
    const address = row.find((cell) => cell !== undefined)?.frame.fp;
    return [address === undefined ? '' : hex(address), ...row.map((cell) => cell?.text ?? none)];
  });
  const ends = ['', ...walks.map(endOf)];
  const table = [header, ...body, ends];
  const widths = header.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[], mark = ' ') =>
    `${mark} ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(gap)}`.trimEnd();
  return [
    line(header),
    ...body.map((cells, index) => line(cells, difference?.row === index ? firstDifference : ' ')),
    line(ends),
    '',
    ...(difference?.explanations ?? ['The walks agree.']),
    ...walks.map(({ walk }) => `${walk.kind}: ${walk.end.rule}, ${walk.end.reason}; ${walk.verdict}`),
  ].join('\n');
}

/** The last row of a column: `FINAL`, or the rule that was broken. */
function endOf({ walk: { end } }: CallStack): string {
  return end.kind === 'final' ? 'FINAL' : `end: ${end.rule}`;
}
