import type { GroupHead, ResultRow } from '../domain/group.ts';
import { padded, resultsKey } from '../store/keys.ts';
import type { Ports } from './ports.ts';

/** Chunks of results that are read at once. */
const RESULT_CHUNKS = 1_000;

/**
 * How experiments of a group ended, in order of completion.
 *
 * @param from - position of the first one: 0, or where `resultsFlushed` once stood
 */
export async function readResults(
  ports: Ports,
  group: string,
  head: GroupHead,
  from: number,
): Promise<readonly ResultRow[]> {
  const rows: ResultRow[] = [];
  while (from + rows.length < head.resultsFlushed) {
    const chunks = await ports.store.list(resultsKey(group, 0), {
      from: resultsKey(group, from + rows.length).sk,
      to: `results#${padded(head.resultsFlushed - 1)}`,
      limit: RESULT_CHUNKS,
    });
    if (chunks.length === 0) break;
    for (const chunk of chunks) rows.push(...chunk.body);
  }
  return [...rows, ...head.results];
}
