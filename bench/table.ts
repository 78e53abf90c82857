/** A Markdown table that reads as one in a terminal too. Columns of words are aligned to the left, those of figures to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = header.map((title, index) => {
    const cells = rows.map((row) => row[index]!);
    const width = Math.max(3, title.length, ...cells.map((cell) => cell.length));
    const figures = cells.every((cell) => /^(\d|-$)/.test(cell));
    return figures
      ? { rule: `${'-'.repeat(width - 1)}:`, pad: (cell: string) => cell.padStart(width) }
      : { rule: '-'.repeat(width), pad: (cell: string) => cell.padEnd(width) };
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const padded = (row: readonly string[]): string => line(columns.map(({ pad }, index) => pad(row[index]!)));
  return [padded(header), line(columns.map(({ rule }) => rule)), ...rows.map(padded)].join('\n');
}

/** `-` for what was not measured. */
export function figure(value: number, digits = 0): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-';
}
