/** A cell of a table: numbers stand to the right. */
export type Cell = string | number | null;

/** A number with so many digits as it deserves: none from 100 on, two below 10. */
export const shown = (value: number): string =>
  value === 0 ? '0' : value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 3);

const textOf = (cell: Cell): string =>
  cell === null
    ? ''
    : typeof cell === 'number'
      ? Number.isInteger(cell)
        ? String(cell)
        : shown(cell)
      : cell;

/** A table in Markdown whose columns stand straight in a terminal as well. */
export function markdownTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const right = head.map((_, column) => rows.every((row) => typeof row[column] !== 'string'));
  const texts = [head, ...rows.map((row) => row.map(textOf))];
  const widths = head.map((_, column) =>
    Math.max(3, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${head
      .map((_, column) => {
        const text = row[column] ?? '';
        const width = widths[column] ?? 0;
        return right[column] === true ? text.padStart(width) : text.padEnd(width);
      })
      .join(' | ')} |`;
  const rule = widths.map((width, column) =>
    right[column] === true ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  const [first = [], ...rest] = texts;
  return [line(first), line(rule), ...rest.map(line)].join('\n');
}
