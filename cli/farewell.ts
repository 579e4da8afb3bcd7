import { setTimeout as sleep } from 'node:timers/promises';
import type { Undelivered } from '../lib/service/webhooks/undelivered.ts';
import type { Connection } from './connect.ts';

/*
 * A command that serves the data folder itself ends the service with it. What webhooks are still to be told would wait
 * for whoever serves the folder next.
 */

/** An attempt takes 15 s at most. */
const WAIT_MS = 20_000;
/** What is over so soon is not worth a word. */
const QUIET_MS = 500;
const LOOK_MS = 50;

interface Waiting {
  /** Aborts when nothing more should be waited for; null where the process ends by itself. */
  readonly signal: AbortSignal | null;
  readonly say: (line: string) => void;
}

const isOpen = ({ groups, untried }: Undelivered): boolean => groups > 0 || untried > 0;

const deliveries = (count: number): string =>
  count === 1 ? '1 delivery to a webhook' : `${count} deliveries to webhooks`;

const describe = ({ untried }: Undelivered): string =>
  untried === 0 ? 'events that webhooks are to be told of' : deliveries(untried);

/** Waits until every event has been sent once to each webhook that it is for, or there was time enough for that. */
async function waitForFirst(
  look: () => Promise<Undelivered>,
  { signal, say }: Waiting,
): Promise<Undelivered> {
  const begin = performance.now();
  let isSaid = false;
  let now = await look();
  while (isOpen(now) && signal?.aborted !== true) {
    const waited = performance.now() - begin;
    if (waited >= WAIT_MS) return now;
    if (waited >= QUIET_MS && !isSaid) {
      say(`waiting for ${describe(now)}, ${WAIT_MS / 1_000} s at most; Ctrl-C ends that`);
      isSaid = true;
    }
    await sleep(LOOK_MS, null, signal === null ? {} : { signal }).catch(() => null);
    now = await look();
  }
  return now;
}

/** Gives webhooks a last chance to be told before a service of this process ends, and says what is left for later. */
export async function takeLeave(connection: Connection, waiting: Waiting): Promise<void> {
  if (connection.undelivered === null) return;
  const left = await waitForFirst(connection.undelivered, waiting);
  const { folder } = connection;
  const count = left.untried + left.retried;
  if (!isOpen(left) && count === 0) return;
  const what = count === 0 ? describe(left) : deliveries(count);
  const verb = count === 1 ? 'is' : 'are';
  waiting.say(`${what} ${verb} left for the next time that ${folder} is served ("rungwise serve")`);
}
