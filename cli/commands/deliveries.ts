import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../answers.ts';
import type { Service } from '../client.ts';
import { expectAnswer } from '../client.ts';
import { connect, withService } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { takeLeave } from '../farewell.ts';
import { eachDelivery } from '../pages.ts';
import { selectDelivery, selectWebhook } from '../select-webhook.ts';
import { cut, moment, plural, printable } from '../show/format.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';
import { sayMore, take } from './listing.ts';
import type { WebhookOptions } from './webhooks.ts';

/*
 * What becomes of the events that a webhook is told of.
 */

/** How long a passing trouble is waited out, ms. */
const PATIENCE_MS = 10_000;
/** An attempt takes 15 s at most, and begins within a few. */
const WAIT_MS = 20_000;
const LOOK_MS = 200;
/** Longest name of an event, so that what stands behind it is in line. */
const EVENT_CHARACTERS = 25;

type Attempt = Delivery['attempts'][number];

const spanOf = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`);

/** What came of one attempt: `204 after 12 ms`, with the beginning of the answer where there is any. */
function outcome({ status, reason, duration_ms: ms, body }: Attempt): string {
  if (status === null) return printable(`no answer: ${reason ?? ''}`);
  const said = printable(body).replaceAll(/ +/g, ' ').trim();
  const head = `HTTP ${status} after ${spanOf(ms ?? 0)}`;
  return said === '' ? head : `${head}: ${said}`;
}

/** What is to come of a delivery; empty where nothing is. */
function prospect({ next_attempt_at: at, attempt_count: count, reason }: Delivery): string {
  if (reason !== null) return `given up: ${printable(reason)}`;
  if (at === null) return '';
  return `${count === 0 ? 'first' : 'next'} attempt: ${moment(at)}`;
}

/** A delivery for people: a line about it, and one for each of its attempts. */
function describe(delivery: Delivery): readonly string[] {
  const { id, event, status, attempt_count: count, attempts } = delivery;
  const room = stdout.columns() ?? Number.POSITIVE_INFINITY;
  const left = count - attempts.length;
  const color = { delivered: 'green', pending: 'yellow', failed: 'red' } as const;
  return [
    `${id}  ${event.type.padEnd(EVENT_CHARACTERS)}  ${stdout.paint(color[status], status)}`,
    ...(left === 0 ? [] : [`  ${plural(left, 'earlier attempt')}`]),
    ...attempts.map((attempt) => cut(`  ${moment(attempt.at)}  ${outcome(attempt)}`, room)),
    ...[prospect(delivery)].filter(Boolean).map((text) => cut(`  ${text}`, room)),
  ];
}

/** Lists a webhook's deliveries with their attempts, those of the newest events first. */
export const deliveries = (
  word: string,
  options: WebhookOptions & {
    readonly status?: string;
    readonly limit: number;
    readonly all?: boolean;
  },
): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const { id } = await selectWebhook(service, word);
    const { taken, hasMore } = await take(wanted(service, id, options.status), options);
    if (options.json === true) {
      for (const delivery of taken) printJson(delivery);
    } else if (taken.length === 0) {
      print('no delivery');
    } else {
      for (const delivery of taken) for (const line of describe(delivery)) print(line);
    }
    sayMore(hasMore);
    return EXIT.done;
  });

async function* wanted(
  service: Service,
  webhook: string,
  status: string | undefined,
): AsyncGenerator<Delivery> {
  for await (const delivery of eachDelivery(service, { webhook })) {
    if (status === undefined || delivery.status === status) yield delivery;
  }
}

/** Waits until a delivery has been tried since, and returns it as it is then, or as it was seen last. */
async function untilTried(service: Service, asked: Delivery): Promise<Delivery> {
  const { webhook, id, attempt_count: before } = asked;
  const deadline = performance.now() + WAIT_MS;
  let seen = asked;
  while (seen.attempt_count <= before && performance.now() < deadline) {
    await sleep(LOOK_MS);
    seen = await selectDelivery(service, webhook, id);
  }
  return seen;
}

/** Tells what came of a delivery that somebody has asked for; returns the exit code. */
function tell(delivery: Delivery, isJson: boolean): number {
  const { attempts, attempt_count: count, status, id, webhook } = delivery;
  const last = attempts.at(-1);
  const code = status === 'delivered' ? EXIT.done : EXIT.failed;
  if (isJson) {
    printJson(delivery);
  } else if (last === undefined || count === 0) {
    print(`${id} has not been tried yet: "rungwise webhooks deliveries ${webhook}" shows it`);
  } else {
    const verdict = status === 'delivered' ? 'delivered' : 'not delivered';
    print(`${verdict}: ${outcome(last)}`);
    const next = prospect(delivery);
    if (next !== '') say(next);
  }
  return code;
}

/** Sends a webhook the event `webhook.test`, and tells what came of it. */
export const testWebhook = (word: string, options: WebhookOptions): Promise<number> =>
  withService(connect({ options, say, sends: true }), async ({ service }) => {
    const { id: webhook } = await selectWebhook(service, word);
    const call = { webhook, once: true, patienceMs: PATIENCE_MS };
    const asked = expectAnswer(await service.call('testWebhook', call));
    return tell(await untilTried(service, asked), options.json === true);
  });

/** Sends a delivery once more, and tells what came of it. */
export const redeliver = (
  word: string,
  deliveryWord: string,
  options: WebhookOptions,
): Promise<number> =>
  withService(connect({ options, say, sends: true }), async ({ service }) => {
    const { id: webhook } = await selectWebhook(service, word);
    const { id: delivery } = await selectDelivery(service, webhook, deliveryWord);
    const call = { webhook, delivery, once: true, patienceMs: PATIENCE_MS };
    const asked = expectAnswer(await service.call('redeliver', call));
    return tell(await untilTried(service, asked), options.json === true);
  });

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Returns a time span until now, or a day, as a time; anything else as it is, for the service to judge. */
function sinceOf(text: string): string {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const ms = UNIT_MS[unit];
  if (ms !== undefined) return new Date(Date.now() - Number(count) * ms).toISOString();
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
}

/** Returns how many deliveries are sent again: one call does only so many. */
async function recoverSince(service: Service, webhook: string, since: string): Promise<number> {
  const call = { webhook, body: { since }, once: true, patienceMs: PATIENCE_MS };
  const { count, next_since: next } = expectAnswer(await service.call('recoverDeliveries', call));
  const isAll = next === null || next === since;
  return isAll ? count : count + (await recoverSince(service, webhook, next));
}

/** Sends everything once more that has not arrived since a time. */
export const recover = (
  word: string,
  options: WebhookOptions & { readonly since: string },
): Promise<number> =>
  withService(connect({ options, say, sends: true }), async (connection) => {
    const { service } = connection;
    const { id: webhook } = await selectWebhook(service, word);
    const count = await recoverSince(service, webhook, sinceOf(options.since));
    if (options.json === true) printJson({ webhook, count });
    else if (count === 0) print('everything has arrived that happened since then');
    else print(`${count === 1 ? '1 delivery is' : `${count} deliveries are`} sent again`);
    await takeLeave(connection, { signal: null, say });
    return EXIT.done;
  });
