import type { Store } from '../store/store.ts';
import type { Definition } from './definition.ts';
import type { Propose } from './propose.ts';
import type { Compute } from './tasks.ts';
import type { WebhookPorts } from './webhooks/ports.ts';

/** Tells the calls that wait for a group that something about it has changed. */
export interface Signals {
  /** Wakes whoever watches the group. */
  readonly changed: (group: string) => void;
  /** Watches the group from now on: no change after this call is missed. */
  readonly watch: (group: string) => Watch;
}

export interface Watch {
  /** Resolves when the group has changed since the watch began or last resolved, or after `milliseconds`. */
  readonly next: (milliseconds: number) => Promise<void>;
  readonly end: () => void;
}

/** A message that says where to look; what is due there the items tell. */
export type Poke = {
  readonly group: string;
  /** Present where webhooks may have to be told of events. */
  readonly tells?: true;
};

/** Everything outside the use cases that they need. */
export interface Ports {
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signals: Signals;
  /** Sends pokes through the queue, at least once, to come after so many seconds; a lost one is made up for by the sweep. */
  readonly poke: (poke: Poke, delaySeconds?: number) => Promise<void>;
  /** Resolves after so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A number in [0, 1): by it callers that compete spread out. Nothing that is stored rests on it. */
  readonly random: () => number;
  /** Runs the work when nobody else of this process works on the group; tells it whether it has waited. */
  readonly inTurn: <T>(group: string, work: (hasWaited: boolean) => Promise<T>) => Promise<T>;
  readonly propose: Propose;
  /** Does what takes long and nobody's suggestion waits for. */
  readonly compute: Compute;
  readonly webhooks: WebhookPorts;
  /** How long a suggest may hold, seconds. */
  readonly maxWaitSeconds: number;
  /** Definitions of groups, which never change once stored. */
  readonly definitions: Map<string, Definition>;
}

/** What is settled before a use case runs, so that the same request run again gives the same ids. */
export interface Call {
  /** When the request was first seen, ms. */
  readonly at: number;
  /** 32 lower-case hex digits, random, one per request. */
  readonly nonce: string;
  /** True where the caller can send the very same request again and means the same one (Idempotency-Key). */
  readonly repeatable: boolean;
}
