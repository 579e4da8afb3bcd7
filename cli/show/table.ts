import Table from 'cli-table3';
import { cut } from './format.ts';
import type { Screen } from './screen.ts';

const GAP = 2;
/** A last column is cut to the screen, but not below this. */
const LAST_MIN = 12;

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'left' | 'right';
}

/** Returns how wide a table of these cells is. */
export function widthOf(lines: readonly (readonly string[])[]): number {
  const widths: number[] = [];
  for (const cells of lines) {
    for (const [index, cell] of cells.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    }
  }
  return widths.reduce((sum, width) => sum + width + GAP, -GAP);
}

/** Cells of a table: a line of titles, then a line for each row. */
export const cellsOf = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): readonly (readonly string[])[] => [
  columns.map(({ title }) => title),
  ...rows.map((row) => columns.map(({ cell }) => cell(row))),
];

/** Returns a table as text without lines; on a screen that is too narrow the last column is cut. */
export function tableOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  screen: Screen,
): string {
  const lines = cellsOf(columns, rows);
  const room = screen.columns();
  const before = widthOf(lines.map((cells) => [...cells.slice(0, -1), '']));
  const last = room === null ? Number.POSITIVE_INFINITY : Math.max(LAST_MIN, room - before);
  const [titles = [], ...body] = lines.map((cells) =>
    cells.map((cell, index) => (index === cells.length - 1 ? cut(cell, last) : cell)),
  );
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    head: titles.map((title) => screen.paint('dim', title)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
  });
  table.push(...body.map((cells) => [...cells]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
