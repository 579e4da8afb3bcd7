/** Where an item lives. `T` is the type of its body: a key is the only way to say what an item holds. */
export interface Key<T> {
  readonly pk: string;
  readonly sk: string;
  /** Never present; it carries the type only. */
  readonly body?: T;
}

/** An item as it was read: its body, and the revision that a conditional write names. */
export interface Item<T> {
  readonly pk: string;
  readonly sk: string;
  readonly rev: number;
  readonly body: T;
}

/** One conditional write. */
export interface Put<T> {
  readonly key: Key<T>;
  readonly body: T;
  /** Revision that the item must have; 0: there must be no such item. */
  readonly expect: number;
  /** When somebody must look at the item, ms; only items with work to do have one. */
  readonly due?: number | null;
  /** When the item may be removed without anybody missing it, ms. */
  readonly expires?: number | null;
}

/** A conditional write either stored the item or met another one, which it returns so that no second read is needed. */
export type PutOutcome<T> =
  | { readonly kind: 'stored'; readonly rev: number }
  | { readonly kind: 'conflict'; readonly current: Item<T> | null };

export interface Range {
  /** Smallest sort key, inclusive. */
  readonly from: string;
  /** Largest sort key, inclusive. */
  readonly to: string;
  readonly limit: number;
  readonly reverse?: boolean;
}

/**
 * What the service asks of a store: single-item conditional writes, reads by key, and ordered reads within one partition.
 * No transaction, no scan. Every read sees every write that was acknowledged before it began.
 *
 * An implementation throws `StoreUnavailable` when it cannot answer now; every other outcome is a value.
 */
export interface Store {
  /** The item, or null. */
  get<T>(key: Key<T>): Promise<Item<T> | null>;
  /** The items in the order of the keys, null where there is none. */
  getMany<T>(keys: readonly Key<T>[]): Promise<readonly (Item<T> | null)[]>;
  /** Writes the item if its revision is the expected one. */
  put<T>(put: Put<T>): Promise<PutOutcome<T>>;
  /** Removes the item whatever it holds; removing nothing is no failure. */
  remove(key: Key<unknown>): Promise<void>;
  /** Items of one partition in the order of their sort keys. */
  list<T>(of: Key<T>, range: Range): Promise<readonly Item<T>[]>;
  /** Keys of items whose `due` is at or before the time, earliest first. */
  due(now: number, limit: number): Promise<readonly Key<unknown>[]>;
  /** Removes items whose `expires` has passed; returns how many. A store that does so by itself returns 0. */
  expire(now: number, limit: number): Promise<number>;
  /** Resolves once everything that was written so far would survive a crash. */
  durable(): Promise<void>;
  close(): Promise<void>;
}

/** The store cannot answer now; the same call may succeed later. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
