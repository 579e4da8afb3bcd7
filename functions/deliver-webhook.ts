import { cloudSender } from '../lib/runtime/cloud-sender.ts';
import { deliverFunction } from '../lib/runtime/deliver.ts';

/** Sends events to webhooks, called by the queue of deliveries. */
export const create = deliverFunction;

export const handler = create(cloudSender);
