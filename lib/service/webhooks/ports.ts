import type { Webhook } from '../../domain/delivery.ts';
import type { Outgoing } from '../../events/queue.ts';
import type { Webhooks } from '../../events/webhooks/webhooks.ts';

/** A message that says which delivery to look at; what is to be done the items tell. */
export type DeliveryMessage = {
  readonly webhook: string;
  readonly delivery: string;
};

/** Sends messages through the queue of deliveries, at least once; a lost one is made up for by the sweep. */
export type SendDeliveries = (messages: readonly Outgoing<DeliveryMessage>[]) => Promise<void>;

/** Who may want to be told of an event. */
export interface Audience {
  /** The enabled webhooks, as they were at most `AUDIENCE_MS` ago. */
  readonly read: () => Promise<readonly Webhook[]>;
  /** Lets the next read ask the store. */
  readonly forget: () => void;
}

/** What the use cases need of webhooks. */
export interface WebhookPorts {
  readonly audience: Audience;
  readonly send: SendDeliveries;
  /** What checks URLs and makes secrets; opened when a call needs it. */
  readonly desk: () => Promise<Pick<Webhooks, 'checkUrl' | 'createSecret'>>;
  /** Whose webhooks they are: what is encrypted for one team is not readable for another. */
  readonly team: string;
}
