import { useEffect, useMemo } from 'preact/hooks';
import type { Row } from './experiments.ts';
import type { Column } from './table-columns.ts';

/** Rows that are written at once, in the pauses between frames. */
const STEP = 500;
const PAUSE_MS = 20;

/**
 * Returns what tells all that a row shows, in lower case, a line for each column. Texts are kept, and written ahead while nothing
 * else is done: to write them for ten thousand rows when the first letter is typed would be felt.
 */
export function useTexts(rows: readonly Row[], columns: readonly Column[]): (row: Row) => string {
  const textOf = useMemo(() => {
    const kept = new WeakMap<Row, string>();
    return (row: Row): string => {
      const before = kept.get(row);
      if (before !== undefined) return before;
      const text = columns
        .map(({ of, show }) => show(of(row)))
        .join('\n')
        .toLowerCase();
      kept.set(row, text);
      return text;
    };
  }, [columns]);

  useEffect(() => {
    let next = 0;
    let timer: ReturnType<typeof setTimeout>;
    const plan = (): void => {
      timer = setTimeout(write, PAUSE_MS);
    };
    const write = (): void => {
      for (const row of rows.slice(next, next + STEP)) textOf(row);
      next += STEP;
      if (next < rows.length) plan();
    };
    plan();
    return () => clearTimeout(timer);
  }, [rows, textOf]);

  return textOf;
}
