import type { Answer } from '../../cli/answers.ts';
import { call } from '../api.ts';
import type { Drawn, Plotted } from '../plots/data.ts';
import { recordsOf } from '../plots/data.ts';

export type Columns = Answer<'columns'>;

/** Experiments a page: what one answer may carry. */
const PAGE = 5_000;
/** A plot of more shows nothing that one of as many does not. */
const PAGES_MAX = 20;

/** An experiment as the tables of the page show it. */
export interface Row extends Plotted {
  readonly createdMs: number | null;
  readonly bracket: number | null;
  readonly rung: number | null;
  readonly resource: number | null;
  readonly parent: number | null;
}

/** The experiments of a group, for plots and tables. */
export interface Experiments extends Drawn {
  readonly rows: readonly Row[];
  /** True where the group has more than are read. */
  readonly isCut: boolean;
}

/** The path of a group's calls. */
export const pathOf = (group: string): string => `/v1/groups/${encodeURIComponent(group)}`;

/** Reads the experiments of a group. Pages that have not changed since the last time are the same objects. */
export async function readColumns(group: string, signal: AbortSignal): Promise<readonly Columns[]> {
  const pages: Columns[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: PAGE, cursor };
    const page: Columns = await call('GET', `${pathOf(group)}/columns`, { query, signal });
    pages.push(page);
    cursor = page.next_cursor;
  } while (cursor !== null && pages.length < PAGES_MAX);
  return pages;
}

const columnOf = (
  pages: readonly Columns[],
  name: 'created_at_ms' | 'bracket' | 'rung' | 'resource' | 'parent',
): readonly (number | null)[] => pages.flatMap((page) => page[name]);

/** Returns a record for each experiment of some pages. */
export function experimentsOf(pages: readonly Columns[]): Experiments {
  const drawn = recordsOf(pages);
  const created = columnOf(pages, 'created_at_ms');
  const bracket = columnOf(pages, 'bracket');
  const rung = columnOf(pages, 'rung');
  const resource = columnOf(pages, 'resource');
  const parent = columnOf(pages, 'parent');
  const rows = drawn.records.map((record, i) => ({
    ...record,
    createdMs: created[i] ?? null,
    bracket: bracket[i] ?? null,
    rung: rung[i] ?? null,
    resource: resource[i] ?? null,
    parent: parent[i] ?? null,
  }));
  return { ...drawn, rows, isCut: pages.at(-1)?.next_cursor !== null && pages.length > 0 };
}
