import { call } from './api.ts';

interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** What some pages of a list hold. */
export interface Pages<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

interface Wanted {
  readonly query?: Readonly<Record<string, string | number | null>>;
  /** Pages to read at most. */
  readonly pages: number;
  readonly signal: AbortSignal;
}

/** Reads a list from its beginning, page by page. */
export async function readPages<T>(
  path: string,
  { query, pages, signal }: Wanted,
): Promise<Pages<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let read = 0; read < pages; read++) {
    const page: Page<T> = await call('GET', path, { query: { ...query, cursor }, signal });
    items.push(...page.items);
    cursor = page.next_cursor;
    if (cursor === null) break;
  }
  return { items, hasMore: cursor !== null };
}
