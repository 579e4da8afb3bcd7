import type { GroupHead, ResultRow } from '../domain/group.ts';
import { END, resultsKey } from '../store/keys.ts';
import type { Ports } from './ports.ts';

/** Chunks of results that are read at once. */
const RESULT_CHUNKS = 1_000;

/** How many experiments of the group have ended. */
export const resultCount = (head: GroupHead): number => head.resultsFlushed + head.results.length;

/** The position at which the chunk begins that holds a position. */
async function chunkStart(ports: Ports, group: string, position: number): Promise<number> {
  if (position === 0) return 0;
  const [chunk] = await ports.store.list(resultsKey(group, 0), {
    from: resultsKey(group, 0).sk,
    to: resultsKey(group, position).sk,
    limit: 1,
    reverse: true,
  });
  return chunk === undefined ? 0 : Number(chunk.sk.slice(chunk.sk.indexOf('#') + 1));
}

/**
 * How experiments of a group ended, in order of completion.
 *
 * @param from - position of the first one, from 0
 */
export async function readResults(
  ports: Ports,
  group: string,
  head: GroupHead,
  from: number,
): Promise<readonly ResultRow[]> {
  if (from >= head.resultsFlushed) return head.results.slice(from - head.resultsFlushed);
  const start = await chunkStart(ports, group, from);
  const rows: ResultRow[] = [];
  while (start + rows.length < head.resultsFlushed) {
    const chunks = await ports.store.list(resultsKey(group, 0), {
      from: resultsKey(group, start + rows.length).sk,
      to: resultsKey(group, head.resultsFlushed - 1).sk + END,
      limit: RESULT_CHUNKS,
    });
    if (chunks.length === 0) break;
    for (const chunk of chunks) rows.push(...chunk.body);
  }
  return [...rows, ...head.results].slice(from - start);
}
