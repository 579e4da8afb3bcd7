import { createHash } from 'node:crypto';
import { decodeTime, encodeTime, ulid } from 'ulid';

const HEX_DIGITS_PER_DRAW = 2;

/** 26 lower-case base-32 characters that sort by time; the same for the same call. */
function sortable(call: { readonly at: number; readonly nonce: string }): string {
  let drawn = 0;
  const next = (): number => {
    const start = (drawn++ * HEX_DIGITS_PER_DRAW) % call.nonce.length;
    return Number.parseInt(call.nonce.slice(start, start + HEX_DIGITS_PER_DRAW), 16) / 256;
  };
  return ulid(call.at, next).toLowerCase();
}

/** The id of the group that a call creates: `grp_` and 26 characters that sort by time. */
export const groupId = (call: { readonly at: number; readonly nonce: string }): string =>
  `grp_${sortable(call)}`;

/** The id of the key that a call creates: `key_` and 26 characters that sort by time. */
export const keyId = (call: { readonly at: number; readonly nonce: string }): string =>
  `key_${sortable(call)}`;

/** The id of the webhook that a call creates: `whk_` and 26 characters that sort by time. */
export const webhookId = (call: { readonly at: number; readonly nonce: string }): string =>
  `whk_${sortable(call)}`;

/** True for text that could be a webhook's id. */
export const isWebhookId = (text: string): boolean => /^whk_[0-9a-hjkmnp-tv-z]{26}$/.test(text);

/** The id of the event by which a call tests a webhook. */
export const testEventId = (call: { readonly at: number; readonly nonce: string }): string =>
  `evt_${sortable(call)}`;

const DELIVERY = 'dlv_';
const NONCE_DIGITS = 32;
const TIME_CHARACTERS = 10;

/** The id of an event's delivery to a webhook: derived from both, and sortable by when the event happened. */
export function deliveryId(
  webhook: string,
  event: { readonly id: string; readonly at: number },
): string {
  const hash = createHash('sha256').update(`${webhook} ${event.id}`).digest('hex');
  return DELIVERY + sortable({ at: event.at, nonce: hash.slice(0, NONCE_DIGITS) });
}

/** True for text that could be a delivery's id. */
export const isDeliveryId = (text: string): boolean => /^dlv_[0-9a-hjkmnp-tv-z]{26}$/.test(text);

/** When the event of a delivery happened, ms. */
export const eventTimeOf = (delivery: string): number =>
  decodeTime(delivery.slice(DELIVERY.length).toUpperCase());

/** Not greater than the id of any delivery whose event happened at the time or later. */
export const firstDeliveryId = (at: number): string =>
  DELIVERY + encodeTime(Math.max(0, at), TIME_CHARACTERS).toLowerCase();

/** True for text that could be a group's id. */
export const isGroupId = (text: string): boolean => /^grp_[0-9a-hjkmnp-tv-z]{26}$/.test(text);

/** Hex digits of a nonce that make a seed: 48 bits, every one of them an exact integer. */
const SEED_DIGITS = 12;

/** The seed of a group whose document gives none. */
export const drawSeed = (nonce: string): number => Number.parseInt(nonce.slice(0, SEED_DIGITS), 16);

/** An event's id: derived from its group and its place in the log. */
export const eventId = (group: string, sequence: number): string =>
  `evt_${group.slice('grp_'.length)}${sequence.toString(32).padStart(8, '0')}`;
