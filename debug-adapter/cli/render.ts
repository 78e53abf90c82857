/** A call stack as text, for the terminal and for golden files. */
import type { CallStack, StackRow } from '../debugger/api';
import type { SourceLine } from '../symbols/api';
import { noStyle, type Style } from './style';

interface RenderOptions {
  readonly style?: Style;
  /** How a source line is shown; `undefined` hides it. */
  readonly source?: (source: SourceLine) => string | undefined;
}

/** Columns after which source lines begin, if all names are shorter. */
const mostSourceColumn = 56;

/** So many equal rows in a row are folded: a recursion fills a screen and tells nothing. */
const mostEqualRows = 4;

/** One line for each row; frames are numbered as debuggers do. */
export function renderCallStack(stack: CallStack, options: RenderOptions = {}): string {
  const { style = noStyle } = options;
  const widest = Math.max(0, ...stack.rows.map(({ text }) => text.length));
  const column = Math.min(mostSourceColumn, widest + 2);
  const lines: string[] = [];
  let number = 0;
  for (const run of runsOfEqualRows(stack.rows)) {
    const shown = run.length > mostEqualRows ? run.slice(0, 1) : run;
    for (const row of shown) lines.push(renderRow(row, number++, column, options));
    const folded = run.length - shown.length;
    if (folded > 0) lines.push(`     ${style.dim(`… and ${folded} more such frames`)}`);
    number += folded;
    if (run[0]!.kind !== 'frame') number -= run.length;
  }
  return lines.join('\n');
}

function runsOfEqualRows(rows: readonly StackRow[]): StackRow[][] {
  const runs: StackRow[][] = [];
  for (const row of rows) {
    const run = runs.at(-1);
    if (run?.[0]?.text === row.text) run.push(row);
    else runs.push([row]);
  }
  return runs;
}

function renderRow(row: StackRow, number: number, column: number, options: RenderOptions): string {
  const { style = noStyle } = options;
  switch (row.kind) {
    case 'frame':
      return renderFrame(row, `#${number}`.padStart(4), row.location.source, column, options);
    case 'inlined':
      return renderFrame(row, '    ', row.source, column, options);
    case 'separator':
      return `     ${style.accent(row.text)}`;
    case 'verdict':
    case 'user':
      return `     ${style.dim(row.text)}`;
    case 'end':
      return `     ${(row.ok ? style.good : style.bad)(row.text)}`;
  }
}

function renderFrame(
  row: Pick<StackRow, 'text'>,
  head: string,
  line: SourceLine | undefined,
  column: number,
  { style = noStyle, source }: RenderOptions,
): string {
  const place = line && source?.(line);
  if (place === undefined) return `${style.dim(head)} ${style.bold(row.text)}`;
  const padding = ' '.repeat(Math.max(2, column - row.text.length));
  return `${style.dim(head)} ${style.bold(row.text)}${padding}${style.dim(place)}`;
}
