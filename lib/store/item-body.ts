import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { StoreUnavailable } from './store.ts';

/**
 * Layouts of an item's body; each item names its own in `v`. An older version of the service that meets an item of a
 * newer one refuses it.
 */
const LAYOUTS = {
  /** JSON text in `d`. */
  plain: '1',
  /** The same text in `z`, by raw deflate (RFC 1951). */
  deflated: '2',
} as const;

/**
 * Bytes of JSON from which a body is deflated: DynamoDB bills writes by the kilobyte, so that below it nothing is saved
 * and the item stays readable in the console. Keys and the other attributes take the rest of the kilobyte.
 */
const DEFLATE_BYTES = 800;

/** The attributes of a DynamoDB item that carry its body. */
export type BodyAttributes = Readonly<Record<'v' | 'd' | 'z', AttributeValue | undefined>>;

/** A body as attributes of an item. */
export function packBody(body: unknown): Record<string, AttributeValue> {
  const json = JSON.stringify(body);
  const bytes = Buffer.from(json);
  return bytes.length < DEFLATE_BYTES
    ? { v: { S: LAYOUTS.plain }, d: { S: json } }
    : { v: { S: LAYOUTS.deflated }, z: { B: deflateRawSync(bytes) } };
}

/**
 * The body that attributes of an item carry.
 *
 * Throws `StoreUnavailable` for a layout of a newer version: while one is being deployed, the next call may meet a
 * function that knows it.
 */
export function unpackBody<T>({ v, d, z }: BodyAttributes): T {
  if (v?.S === LAYOUTS.plain && d?.S !== undefined) return JSON.parse(d.S);
  if (v?.S === LAYOUTS.deflated && z?.B !== undefined) {
    return JSON.parse(inflateRawSync(z.B).toString());
  }
  const known = Object.values(LAYOUTS).join(' and ');
  throw new StoreUnavailable(`an item has layout ${v?.S}, this version reads ${known}`);
}
