import * as z from 'zod';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import { once } from './once.ts';

/*
 * Cursors are opaque to callers: base64url of a small JSON value that says where the next page begins.
 */

/** Cursor of a list that is read by position. */
export const positionCursor = once(() => z.strictObject({ p: z.int().min(0) }));
/** Cursor of a log: a position, and by which order where that is not the usual one. */
export const eventCursor = once(() =>
  z.strictObject({ p: z.int().min(0), s: z.literal('newest').optional() }),
);
/** Cursor of the list of groups: the last id seen. */
export const groupCursor = once(() =>
  z.strictObject({ g: z.string().regex(/^grp_[0-9a-hjkmnp-tv-z]{26}$/) }),
);
/** Cursor of the list of keys: the last id seen. */
export const keyCursor = once(() =>
  z.strictObject({ k: z.string().regex(/^key_[0-9a-hjkmnp-tv-z]{26}$/) }),
);
/** Cursor of the list of webhooks: the last id seen. */
export const webhookCursor = once(() =>
  z.strictObject({ w: z.string().regex(/^whk_[0-9a-hjkmnp-tv-z]{26}$/) }),
);
/** Cursor of a list of deliveries: the last id seen. */
export const deliveryCursor = once(() =>
  z.strictObject({ d: z.string().regex(/^dlv_[0-9a-hjkmnp-tv-z]{26}$/) }),
);
/** Cursor of a list of experiments: the last one seen, and by which order. */
export const experimentCursor = once(() =>
  z.strictObject({
    n: z.int().min(0),
    o: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).nullable(),
    s: z.enum(['number', 'objective']),
  }),
);

/** The cursor of a value; null, which ends a list, stays null. */
export const toCursor = (value: object | null): string | null =>
  value === null ? null : Buffer.from(JSON.stringify(value)).toString('base64url');

/** The value behind a cursor that a caller sent back. */
export function fromCursor<S extends z.ZodType>(
  schema: () => S,
  cursor: string | null,
): Result<z.output<S> | null, string> {
  if (cursor === null) return ok(null);
  try {
    const read = schema().safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (read.success) return ok(read.data);
  } catch {
    // What does not decode is refused like what decodes to something else.
  }
  return err(
    'It is no cursor of this list: leave it out for the first page, or send a next_cursor as it came.',
  );
}
