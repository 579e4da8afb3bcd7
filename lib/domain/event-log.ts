import type { EventType, LoggedEvent, PackedEvent } from './group.ts';
import { EVENT_TYPES } from './group.ts';
import type { Json } from './values.ts';

/** The event in its stored form. */
export function pack({ type, at, n, attempt, count, data }: LoggedEvent): PackedEvent {
  const rest: Json[] = [n ?? null, attempt ?? null, count ?? null, data ?? null];
  while (rest.length > 0 && rest.at(-1) === null) rest.pop();
  return [EVENT_TYPES.indexOf(type), at, ...rest];
}

const isNumber = (value: Json | undefined): value is number => typeof value === 'number';

/** The event that a stored form stands for. Asserts that this version knows its type. */
export function unpack([index, at, n, attempt, count, data]: PackedEvent): LoggedEvent {
  const type: EventType | undefined = EVENT_TYPES[index];
  if (type === undefined) throw new Error(`an event has the unknown type ${index}`);
  return {
    type,
    at,
    ...(isNumber(n) ? { n } : {}),
    ...(isNumber(attempt) ? { attempt } : {}),
    ...(isNumber(count) ? { count } : {}),
    ...(data === null || data === undefined ? {} : { data }),
  };
}

/** How many events a stored form tells of. */
export const eventsIn = ([, , , , count]: PackedEvent): number => (isNumber(count) ? count : 1);
