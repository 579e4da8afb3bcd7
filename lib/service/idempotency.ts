import { createHash } from 'node:crypto';
import { LIMITS } from '../domain/limits.ts';
import type { Key } from '../store/store.ts';
import type { Call, Ports } from './ports.ts';

const HOUR_MS = 3_600_000;
/** A request that has not been answered for so long was interrupted: the next one with its key does it again, ms. */
const ABANDONED_MS = 30_000;
/**
 * Characters of an answer per item: at most 3 bytes each in UTF-8, below DynamoDB's 400 KB. Nearly every answer is smaller
 * and stands in the record itself, so that it costs no write of its own.
 */
const PART_CHARACTERS = 100_000;

/** An answer as it was sent. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface RequestRecord {
  readonly body: string;
  readonly at: number;
  readonly nonce: string;
  /** Process that works on it: another one may take over at once where only one can run at a time. */
  readonly instance: string | null;
  readonly startedAt: number;
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** The body; absent where it lies in parts. */
    readonly body?: string;
    readonly parts: number;
  } | null;
}

const recordKey = (id: string): Key<RequestRecord> => ({ pk: `request#${id}`, sk: 'record' });
const partKey = (id: string, part: number): Key<string> => ({
  pk: `request#${id}`,
  sk: `part#${part}`,
});

const sha256 = (text: string | Uint8Array): string =>
  createHash('sha256').update(text).digest('hex');

export interface RepeatableRequest {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body: Uint8Array;
}

/** What to do with a request that carries an Idempotency-Key. */
export type Admission =
  | { readonly kind: 'new'; readonly id: string; readonly call: Call }
  | { readonly kind: 'replay'; readonly answer: StoredAnswer }
  | { readonly kind: 'reused' }
  | { readonly kind: 'in_progress' };

/**
 * Admits a request once: the first one is to be done, the same one again gets the stored answer, another body under the
 * same key is refused. An interrupted one is done again with the ids and the time of its first run.
 */
export async function admit(
  ports: Ports,
  call: Call,
  request: RepeatableRequest,
  instance: string | null,
): Promise<Admission> {
  const id = sha256(JSON.stringify([request.method, request.path, request.key]));
  const body = sha256(request.body);
  const fresh: RequestRecord = {
    body,
    at: call.at,
    nonce: call.nonce,
    instance,
    startedAt: call.at,
    answer: null,
  };
  const expires = call.at + LIMITS.idempotencyHours * HOUR_MS;
  for (;;) {
    const first = await ports.store.put({ key: recordKey(id), body: fresh, expect: 0, expires });
    if (first.kind === 'stored') {
      return { kind: 'new', id, call: { at: call.at, nonce: call.nonce, repeatable: true } };
    }
    if (first.current === null) continue;
    const { body: known, rev } = first.current;
    const isOld = known.at + LIMITS.idempotencyHours * HOUR_MS <= call.at;
    if (!isOld && known.body !== body) return { kind: 'reused' };
    if (!isOld && known.answer !== null) {
      const { status, headers, body: whole, parts } = known.answer;
      if (whole !== undefined) {
        return { kind: 'replay', answer: { status, headers, body: whole } };
      }
      const keys = Array.from({ length: parts }, (_, part) => partKey(id, part));
      const items = await ports.store.getMany(keys);
      const text = items.map((item) => item?.body ?? '').join('');
      return { kind: 'replay', answer: { status, headers, body: text } };
    }
    const isAbandoned = known.instance !== instance || known.startedAt + ABANDONED_MS <= call.at;
    if (!isOld && !isAbandoned) return { kind: 'in_progress' };
    const again: RequestRecord = isOld ? fresh : { ...known, instance, startedAt: call.at };
    const taken = await ports.store.put({ key: recordKey(id), body: again, expect: rev, expires });
    if (taken.kind === 'stored') {
      return { kind: 'new', id, call: { at: again.at, nonce: again.nonce, repeatable: true } };
    }
  }
}

/**
 * Keeps the answer of an admitted request. Null where the answer must not be repeated: the next request with the key is
 * done again, with the ids and the time of this one, so that it finds what this one has done already.
 */
export async function conclude(
  ports: Ports,
  id: string,
  answer: StoredAnswer | null,
): Promise<void> {
  const item = await ports.store.get(recordKey(id));
  if (item === null) return;
  const expires = item.body.at + LIMITS.idempotencyHours * HOUR_MS;
  if (answer === null) {
    const open: RequestRecord = { ...item.body, startedAt: 0 };
    await ports.store.put({ key: recordKey(id), body: open, expect: item.rev, expires });
    return;
  }
  const isSmall = answer.body.length <= PART_CHARACTERS;
  const parts = isSmall ? 0 : Math.ceil(answer.body.length / PART_CHARACTERS);
  for (let part = 0; part < parts; part++) {
    const body = answer.body.slice(part * PART_CHARACTERS, (part + 1) * PART_CHARACTERS);
    const key = partKey(id, part);
    const old = await ports.store.get(key);
    await ports.store.put({ key, body, expect: old?.rev ?? 0, expires });
  }
  const { status, headers } = answer;
  await ports.store.put({
    key: recordKey(id),
    body: {
      ...item.body,
      answer: { status, headers, parts, ...(isSmall ? { body: answer.body } : {}) },
    },
    expect: item.rev,
    expires,
  });
}
