import { deliveryKey, goneKey, headKey, webhookKey, webhookOf } from '../../store/keys.ts';
import type { Store } from '../../store/store.ts';

/** What webhooks have yet to be told. */
export interface Undelivered {
  /** Groups with events of which no deliveries have been made yet. */
  readonly groups: number;
  /** Deliveries that nobody has tried yet. */
  readonly untried: number;
  /** Deliveries that have failed and are tried again. */
  readonly retried: number;
}

/** Items looked at: more than anybody waits for. */
const LOOKS = 1_000;
/** Longer than a delivery waits between two attempts, ms. */
const AHEAD_MS = 2 * 86_400_000;

/** Counts what webhooks have yet to be told, among the items that are due next. */
export async function undelivered(store: Store, now: number): Promise<Undelivered> {
  const due = await store.due(now + AHEAD_MS, LOOKS);
  const deliveries = due.flatMap(({ pk, sk }) => {
    const webhook = webhookOf(pk);
    return webhook === null || sk === goneKey(webhook).sk ? [] : [deliveryKey(webhook, sk)];
  });
  const groups = due.filter(({ pk }) => webhookOf(pk) === null && pk !== webhookKey('').pk);
  const heads = await store.getMany(groups.map(({ pk }) => headKey(pk)));
  const items = await store.getMany(deliveries);
  const pending = items.filter((item) => item?.body.status === 'pending');
  const untried = pending.filter((item) => item?.body.attemptCount === 0).length;
  return {
    groups: heads.filter((item) => item?.body.untold !== undefined).length,
    untried,
    retried: pending.length - untried,
  };
}
