import type { ApiKey } from '../domain/api-key.ts';
import type { Delivery, Webhook } from '../domain/delivery.ts';
import type { ExperimentState, TailEntry } from '../domain/experiment.ts';
import type { GroupConfig, GroupHead, PackedEvent, Place, ResultRow } from '../domain/group.ts';
import type { MeasurementEntry } from '../domain/measurement.ts';
import type { Suggestion } from '../domain/suggestion.ts';
import type { Values } from '../domain/values.ts';
import type { Key } from './store.ts';

/** A number as part of a sort key: sort keys are compared as text. */
export const padded = (number: number): string => String(number).padStart(10, '0');

/** Smaller than every sort key. Not the empty text, which DynamoDB refuses. */
export const START = '!';

/** The largest text that starts with a prefix made of the characters used in keys. */
export const END = '~';

const experimentPartition = (group: string, number: number): string => `${group}#${padded(number)}`;

/** The list of all groups of the team; sort key: the group's id, which sorts by time. */
export interface Listing {
  readonly tags: readonly string[];
}
export const listingKey = (group: string): Key<Listing> => ({ pk: 'groups', sk: group });

export const configKey = (group: string): Key<GroupConfig> => ({ pk: group, sk: 'config' });
export const headKey = (group: string): Key<GroupHead> => ({ pk: group, sk: 'head' });

/** The group's events from sequence number `first` on, in a chunk that never changes. */
export const eventsKey = (group: string, first: number): Key<readonly PackedEvent[]> => ({
  pk: group,
  sk: `events#${padded(first)}`,
});
/** How experiments ended, from the `first`-th one on, in order of completion. */
export const resultsKey = (group: string, first: number): Key<readonly ResultRow[]> => ({
  pk: group,
  sk: `results#${padded(first)}`,
});

/** From which experiments those of one rung go on: [number, slot of rung 0], in the order of their slots. */
export type Promoted = readonly [number: number, root: number];

/** The promoted experiments of a rung, in chunks that never change. */
export const promotedKey = (
  group: string,
  of: { readonly bracket: number; readonly rung: number },
  chunk: number,
): Key<readonly Promoted[]> => ({
  pk: group,
  sk: `promoted#${padded(of.bracket)}#${padded(of.rung)}#${padded(chunk)}`,
});

/** An experiment that has ended, with its values. */
export interface Ended {
  readonly row: ResultRow;
  readonly values: Values;
}
/** Experiments from the `first`-th one to end, for searches that learn from them: chunks that never change. */
export const historyKey = (group: string, first: number): Key<readonly Ended[]> => ({
  pk: group,
  sk: `history#${padded(first)}`,
});

/** Suggestions that were computed together, with what they were computed from. */
export interface Batch {
  /** Index of the first one. */
  readonly from: number;
  /** Number that the first one gets; null where others that go on may come between. */
  readonly number: number | null;
  /** Observations that the surrogate saw. */
  readonly observations: number;
  /** Numbers of the experiments that had no value yet, as far as they are known. */
  readonly pending: readonly number[];
  readonly suggestions: readonly Suggestion[];
}
export const batchKey = (group: string, batch: string): Key<Batch> => ({
  pk: group,
  sk: `batch#${batch}`,
});

/** What a caller wants of whoever changes the head next. */
export type Wish =
  /** The head is to follow this experiment. */
  | { readonly follow: number }
  /** The caller is to get so many places, marked as its own. */
  | { readonly places: number; readonly marks: Pick<Place, 'w'> & Required<Pick<Place, 'k'>> };
export type Errand = Wish & {
  /** When it was left, ms. */
  readonly at: number;
};
/** Errands have a partition of their own: many callers leave them at once, and none of them slows the head down. */
export const errandKey = (group: string, wish: Wish): Key<Errand> => ({
  pk: errandPartition(group),
  sk: 'follow' in wish ? `follow#${padded(wish.follow)}` : `places#${wish.marks.k}`,
});
export const errandPartition = (group: string): string => `${group}#errands`;

/** An experiment has a partition of its own, so that reports on many of them at once do not share a write limit. */
export const experimentKey = (group: string, number: number): Key<ExperimentState> => ({
  pk: experimentPartition(group, number),
  sk: 'experiment',
});
/** Entries of measurements; `first` is the position of the first number in order of arrival. */
export const measurementsKey = (
  group: string,
  number: number,
  first: number,
): Key<readonly TailEntry[]> => ({
  pk: experimentPartition(group, number),
  sk: `measurements#${padded(first)}`,
});
/** A part of the measurements of one large report. */
export const blobKey = (
  group: string,
  number: number,
  name: string,
): Key<readonly MeasurementEntry[]> => ({ pk: experimentPartition(group, number), sk: name });

/** Which number one of the caller's own experiments got, by the nonce of the request that added it. */
export const addedKey = (group: string, nonce: string): Key<{ readonly number: number }> => ({
  pk: group,
  sk: `added#${nonce}`,
});

/** A key of the team. All of them stand in one partition, for the list. */
export const apiKeyKey = (id: string): Key<ApiKey> => ({ pk: 'keys', sk: id });

/** A webhook of the team. All of them stand in one partition, for the list. */
export const webhookKey = (id: string): Key<Webhook> => ({ pk: 'webhooks', sk: id });

const DELIVERIES = 'deliveries#';
/** A delivery; its id sorts by when its event happened. The function that sends reads no other partitions than these. */
export const deliveryKey = (webhook: string, id: string): Key<Delivery> => ({
  pk: DELIVERIES + webhook,
  sk: id,
});
/** The webhook whose deliveries a partition holds; null for a partition of something else. */
export const webhookOf = (pk: string): string | null =>
  pk.startsWith(DELIVERIES) ? pk.slice(DELIVERIES.length) : null;
/** Stands among the deliveries of a webhook that was deleted, until all of them are removed. */
export const goneKey = (webhook: string): Key<{ readonly at: number }> => ({
  pk: DELIVERIES + webhook,
  sk: 'gone',
});
