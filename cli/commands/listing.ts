import type { ServiceOptions } from '../connect.ts';
import { PAGE_ITEMS } from '../pages.ts';
import { say } from '../show/screen.ts';

/** Options of every command that reads. */
export interface ReadOptions extends ServiceOptions {
  readonly json?: boolean;
}

/** Options of commands that list. */
export interface ListOptions extends ReadOptions {
  readonly csv?: boolean;
  readonly status?: string;
  readonly limit: number;
  readonly all?: boolean;
}

/** The first items of a list, and whether there are more. */
export async function take<Item>(
  items: AsyncGenerator<Item>,
  { limit, all }: ListOptions,
): Promise<{ readonly taken: readonly Item[]; readonly hasMore: boolean }> {
  const taken: Item[] = [];
  for await (const item of items) {
    if (all !== true && taken.length === limit) return { taken, hasMore: true };
    taken.push(item);
  }
  return { taken, hasMore: false };
}

/** Items of a page: one more than shown, so that one call tells whether there are more. */
export const pageItems = ({ limit, all }: ListOptions): number =>
  all === true ? PAGE_ITEMS : Math.min(PAGE_ITEMS, limit + 1);

/** Tells that a list was cut. */
export const sayMore = (hasMore: boolean): void => {
  if (hasMore) say('there are more: --all lists them');
};
