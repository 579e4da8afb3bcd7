import type { Delivery, Experiment, Group, Key, Measurement, Webhook } from './answers.ts';
import type { Call, Service } from './client.ts';
import { expectAnswer } from './client.ts';

/** The most that a page holds. */
export const PAGE_ITEMS = 200;
/** How long a passing trouble in the middle of a list is waited out, ms. */
const PATIENCE_MS = 10_000;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

async function* walk<Item>(
  read: (cursor: string | null) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await read(cursor);
    yield* page.items;
    cursor = page.next_cursor;
  } while (cursor !== null);
}

/** A call for the page at a cursor. The first one fails at once where there is no service, later ones wait. */
const paged = (call: Call, cursor: string | null): Call => ({
  patienceMs: cursor === null ? 0 : PATIENCE_MS,
  ...call,
  query: { limit: PAGE_ITEMS, ...call.query, cursor },
});

/*
 * Each of these yields every item of a list, page by page, and throws a `Failure` where the service refuses.
 */

export const eachGroup = (service: Service, call: Call = {}): AsyncGenerator<Group> =>
  walk(async (cursor) => expectAnswer(await service.call('listGroups', paged(call, cursor))));

export const eachExperiment = (service: Service, call: Call): AsyncGenerator<Experiment> =>
  walk(async (cursor) => expectAnswer(await service.call('listExperiments', paged(call, cursor))));

export const eachMeasurement = (service: Service, call: Call): AsyncGenerator<Measurement> =>
  walk(async (cursor) => expectAnswer(await service.call('listMeasurements', paged(call, cursor))));

export const eachKey = (service: Service, call: Call = {}): AsyncGenerator<Key> =>
  walk(async (cursor) => expectAnswer(await service.call('listKeys', paged(call, cursor))));

export const eachWebhook = (service: Service, call: Call = {}): AsyncGenerator<Webhook> =>
  walk(async (cursor) => expectAnswer(await service.call('listWebhooks', paged(call, cursor))));

export const eachDelivery = (service: Service, call: Call): AsyncGenerator<Delivery> =>
  walk(async (cursor) => expectAnswer(await service.call('listDeliveries', paged(call, cursor))));
