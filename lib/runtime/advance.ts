import type { SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { advanceGroup } from '../service/advance.ts';
import { isGroupId } from '../service/ids.ts';
import { tellGroup } from '../service/webhooks/tell.ts';
import type { QueueFunction } from './queue-function.ts';
import type { Runtime } from './runtime.ts';

/** Time that a group may take, ms: with less of it left none is begun. */
const RESERVE_MS = 10_000;
/** Groups under way at once where the time may run out: what waits its turn can still be given back. */
const LANES = 4;

const poke = z.object({
  group: z.string().refine(isGroupId),
  tells: z.literal(true).optional(),
});

/** What a record says, null where it is no poke. */
function read({ body }: SQSRecord): z.output<typeof poke> | null {
  try {
    return poke.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

/** What messages say of one group. */
interface Piece {
  readonly group: string;
  /** Ids of the messages. */
  readonly ids: readonly string[];
  readonly tells: boolean;
}

/** What is to be done, a piece for each group, and the ids of messages that say nothing. */
function sorted(records: readonly SQSRecord[]): {
  readonly pieces: readonly Piece[];
  readonly unreadable: readonly string[];
} {
  const pieces = new Map<string, Piece>();
  const unreadable: string[] = [];
  for (const record of records) {
    const said = read(record);
    if (said === null) {
      unreadable.push(record.messageId);
      continue;
    }
    const { group, tells = false } = said;
    const known = pieces.get(group) ?? { group, ids: [], tells: false };
    const ids = [...known.ids, record.messageId];
    pieces.set(group, { group, ids, tells: known.tells || tells });
  }
  return { pieces: [...pieces.values()], unreadable };
}

/**
 * Does the work in order, so much of it at once, as long as there is time; returns what was not begun. The first piece
 * is always begun: else a call that is given little time would never get anywhere.
 */
async function inLanes<W>(
  work: readonly W[],
  { lanes, hasTime }: { readonly lanes: number; readonly hasTime: () => boolean },
  run: (piece: W) => Promise<void>,
): Promise<readonly W[]> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (;;) {
      const piece = work[next];
      if (piece === undefined || (next > 0 && !hasTime())) return;
      next++;
      await run(piece);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, work.length) }, lane));
  return work.slice(next);
}

/**
 * A function that does what the pokes of a queue point at, for each group once. Messages whose group failed, or was not
 * begun before the time ran short, are named, so that only they come again.
 */
export const advanceFunction =
  (runtime: () => Promise<Runtime>): QueueFunction =>
  async ({ Records }, deadline) => {
    const { ports, logger, meter } = await runtime();
    const started = performance.now();
    // What the body says, and what a parser would say about it, stays out of the log.
    const { pieces, unreadable } = sorted(Records);
    if (unreadable.length > 0) logger.error('pokes unreadable', { message_ids: unreadable });
    const failed = [...unreadable];

    const pace = {
      // Where nothing ends the call, one that computes for long keeps none of the others waiting.
      lanes: deadline === undefined ? pieces.length : LANES,
      hasTime: () => deadline === undefined || deadline.getRemainingTimeInMillis() > RESERVE_MS,
    };
    const left = await inLanes(pieces, pace, async ({ group, ids, tells }) => {
      try {
        // First what is quick: suggestions may take seconds to compute.
        if (tells) await tellGroup(ports, group);
        meter.add('RungsClosed', await advanceGroup(ports, group));
      } catch (error) {
        failed.push(...ids);
        logger.error('advance failed', { message_ids: ids, group, error });
      }
    });

    const late = left.flatMap(({ ids }) => ids);
    if (late.length > 0) logger.warn('advance ran short of time', { message_ids: late });
    await ports.store.durable();
    if (failed.length > 0) meter.add('PokesFailed', failed.length);
    meter.add('PokesHandled', Records.length - failed.length - late.length);
    logger.info('advanced', {
      pokes: Records.length,
      failed: failed.length,
      late: late.length,
      ms: Math.round(performance.now() - started),
      ...meter.take(null),
    });
    return {
      batchItemFailures: [...failed, ...late].map((itemIdentifier) => ({ itemIdentifier })),
    };
  };
