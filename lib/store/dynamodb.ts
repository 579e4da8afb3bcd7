import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { packBody, unpackBody } from './item-body.ts';
import type { Item, Key, Put, PutOutcome, Range, Store } from './store.ts';
import { StoreUnavailable } from './store.ts';

/** Attempts of the SDK per request, with backoff and full jitter in between. */
const ATTEMPTS = 5;
/** A connection within the region takes milliseconds. */
const CONNECT_MS = 500;
/** DynamoDB answers within tens of milliseconds: whatever takes this long is sent again. */
const REQUEST_MS = 1_500;
/** BatchGetItem takes at most 100 keys. */
const BATCH_KEYS = 100;
const BATCH_ROUNDS = 8;
/** The sparse index holds only items with `due`; they share one partition, which no hot path writes. */
export const DUE_INDEX = 'due';
const DUE_PARTITION = 'due';

type Attributes = Record<string, AttributeValue>;

/** Errors that say "not now", by name or by code. The SDK has tried again already. */
const PASSING: ReadonlySet<unknown> = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TransactionConflictException',
  'TimeoutError',
  'AbortError',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** What the SDK says of an answer that was none of ours to make. */
interface ServerFault {
  readonly $fault?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: unknown;
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code, $fault, $metadata }: Error & ServerFault = error;
  const status = $metadata?.httpStatusCode ?? 0;
  return PASSING.has(name) || PASSING.has(code) || $fault === 'server' || status >= 500;
}

async function guarded<R>(work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (isPassing(error))
      throw new StoreUnavailable('DynamoDB cannot answer now', { cause: error });
    throw error;
  }
}

function toItem<T>(attributes: Attributes | undefined): Item<T> | null {
  if (attributes === undefined) return null;
  const { pk, sk, rev, v, d, z } = attributes;
  const body = unpackBody<T>({ v, d, z });
  return { pk: pk?.S ?? '', sk: sk?.S ?? '', rev: Number(rev?.N), body };
}

/** A client that tries again for a bounded time; `endpoint` names an emulator in the place of the region's DynamoDB. */
export const createDynamoDbClient = (endpoint: string | undefined): DynamoDBClient =>
  new DynamoDBClient({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      // Without it the SDK only warns, and waits on.
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
  });

/**
 * The store on one DynamoDB table with string keys `pk` and `sk` and the sparse index `due` (`duePk`, `due`).
 * Every read is consistent; every write is one conditional PutItem.
 *
 * A write whose answer was lost is sent again by the SDK and then meets its own item: the write's id, which the
 * failed condition returns with the old item, tells so, and the write counts as stored.
 */
export function createDynamoDbStore(client: DynamoDBClient, table: string): Store {
  const keyOf = (key: Key<unknown>): Attributes => ({ pk: { S: key.pk }, sk: { S: key.sk } });

  async function batch<T>(keys: readonly Key<T>[]): Promise<readonly Attributes[]> {
    const found: Attributes[] = [];
    let left: Attributes[] = keys.map(keyOf);
    for (let round = 0; left.length > 0; round++) {
      if (round === BATCH_ROUNDS)
        throw new StoreUnavailable('DynamoDB left keys of a batch unread');
      // Unprocessed keys mean throttling: wait a random part of a growing interval before asking again.
      if (round > 0) await sleep(Math.random() * 25 * 2 ** round);
      const request = { [table]: { Keys: left, ConsistentRead: true } };
      const answer = await guarded(() =>
        client.send(new BatchGetItemCommand({ RequestItems: request })),
      );
      found.push(...(answer.Responses?.[table] ?? []));
      left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return found;
  }

  return {
    async get<T>(key: Key<T>): Promise<Item<T> | null> {
      const answer = await guarded(() =>
        client.send(
          new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true }),
        ),
      );
      return toItem<T>(answer.Item);
    },
    async getMany<T>(keys: readonly Key<T>[]): Promise<readonly (Item<T> | null)[]> {
      const unique = new Map(keys.map((key) => [`${key.pk}\n${key.sk}`, key]));
      const list = [...unique.values()];
      const pages = Array.from({ length: Math.ceil(list.length / BATCH_KEYS) }, (_, page) =>
        list.slice(page * BATCH_KEYS, (page + 1) * BATCH_KEYS),
      );
      const found = (await Promise.all(pages.map(batch))).flat();
      const items = new Map(found.map((item) => [`${item['pk']?.S}\n${item['sk']?.S}`, item]));
      return keys.map((key) => toItem<T>(items.get(`${key.pk}\n${key.sk}`)));
    },
    async put<T>(put: Put<T>): Promise<PutOutcome<T>> {
      const write = randomUUID();
      const item: Attributes = {
        ...keyOf(put.key),
        rev: { N: String(put.expect + 1) },
        w: { S: write },
        ...packBody(put.body),
      };
      if (put.due !== undefined && put.due !== null) {
        item['duePk'] = { S: DUE_PARTITION };
        item['due'] = { N: String(put.due) };
      }
      // DynamoDB's own time to live counts in seconds.
      if (put.expires !== undefined && put.expires !== null) {
        item['expires'] = { N: String(Math.ceil(put.expires / 1000)) };
      }
      try {
        await guarded(() =>
          client.send(
            new PutItemCommand({
              TableName: table,
              Item: item,
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
              ...(put.expect === 0
                ? { ConditionExpression: 'attribute_not_exists(pk)' }
                : {
                    ConditionExpression: 'rev = :rev',
                    ExpressionAttributeValues: { ':rev': { N: String(put.expect) } },
                  }),
            }),
          ),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        if (error.Item?.['w']?.S !== write) {
          return { kind: 'conflict', current: toItem<T>(error.Item) };
        }
      }
      return { kind: 'stored', rev: put.expect + 1 };
    },
    async remove(key) {
      await guarded(() =>
        client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(key) })),
      );
    },
    async list<T>(of: Key<T>, range: Range): Promise<readonly Item<T>[]> {
      const items: Item<T>[] = [];
      // DynamoDB takes no empty text for a key, not even to compare with.
      const isFromFirst = range.from === '';
      let start: Attributes | undefined;
      do {
        const answer = await guarded(() =>
          client.send(
            new QueryCommand({
              TableName: table,
              KeyConditionExpression: isFromFirst
                ? 'pk = :pk AND sk <= :to'
                : 'pk = :pk AND sk BETWEEN :from AND :to',
              ExpressionAttributeValues: {
                ':pk': { S: of.pk },
                ...(isFromFirst ? {} : { ':from': { S: range.from } }),
                ':to': { S: range.to },
              },
              ConsistentRead: true,
              ScanIndexForward: range.reverse !== true,
              Limit: range.limit - items.length,
              ...(start === undefined ? {} : { ExclusiveStartKey: start }),
            }),
          ),
        );
        items.push(...(answer.Items ?? []).flatMap((item) => toItem<T>(item) ?? []));
        start = answer.LastEvaluatedKey;
      } while (start !== undefined && items.length < range.limit);
      return items;
    },
    async due(now, limit) {
      const answer = await guarded(() =>
        client.send(
          new QueryCommand({
            TableName: table,
            IndexName: DUE_INDEX,
            KeyConditionExpression: 'duePk = :due AND due <= :now',
            ExpressionAttributeValues: { ':due': { S: DUE_PARTITION }, ':now': { N: String(now) } },
            Limit: limit,
          }),
        ),
      );
      return (answer.Items ?? []).map((item) => ({
        pk: item['pk']?.S ?? '',
        sk: item['sk']?.S ?? '',
      }));
    },
    // DynamoDB removes expired items by itself.
    expire: async () => 0,
    // A write is durable before DynamoDB answers it.
    durable: async () => {},
    close: async () => client.destroy(),
  };
}
