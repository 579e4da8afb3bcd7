import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDbClient, createDynamoDbStore } from '../../lib/store/dynamodb.ts';
import type { Key } from '../../lib/store/store.ts';
import { StoreUnavailable } from '../../lib/store/store.ts';
import { dynoxideMissing, startDynoxide } from '../helpers/dynoxide.ts';
import type { Mishap } from '../helpers/faulty-server.ts';
import { startFaultyServer } from '../helpers/faulty-server.ts';

process.env['AWS_REGION'] = 'eu-central-1';
process.env['AWS_ACCESS_KEY_ID'] = 'test';
process.env['AWS_SECRET_ACCESS_KEY'] = 'test';

const key = (sk: string): Key<{ text: string }> => ({ pk: 'faults', sk });

const THROTTLED: Mishap = {
  kind: 'refused',
  status: 400,
  type: 'ProvisionedThroughputExceededException',
};
const FAILED: Mishap = { kind: 'refused', status: 500, type: 'InternalServerError' };

const MISHAPS: Readonly<Record<string, Mishap>> = {
  'throttles it': THROTTLED,
  'throttles the account': { kind: 'refused', status: 400, type: 'RequestLimitExceeded' },
  'fails inside': FAILED,
  'is not available': { kind: 'refused', status: 503, type: 'ServiceUnavailable' },
  'is behind a gateway without it': { kind: 'gateway' },
  'loses the connection': { kind: 'cut' },
  'does it and loses the answer': { kind: 'unanswered' },
};

describe('the store on a DynamoDB that', { skip: dynoxideMissing ?? false }, async () => {
  if (dynoxideMissing !== null) return;
  const server = await startDynoxide();
  const way = await startFaultyServer(server.endpoint);
  const table = await server.createTable();
  const store = createDynamoDbStore(createDynamoDbClient(way.endpoint), table);
  after(async () => {
    await store.close();
    way.stop();
    server.stop();
  });
  beforeEach(() => {
    way.always(null);
    way.next();
    way.seen();
  });

  for (const [what, mishap] of Object.entries(MISHAPS)) {
    test(`${what} twice stores an item once, and knows it for its own`, async () => {
      way.next(mishap, mishap);

      const outcome = await store.put({ key: key(what), body: { text: 'a' }, expect: 0 });

      assert.deepEqual(outcome, { kind: 'stored', rev: 1 });
      assert.deepEqual(way.seen(), ['PutItem', 'PutItem', 'PutItem']);
      assert.equal((await store.get(key(what)))?.rev, 1);
    });

    test(`${what} all the time is unavailable after a bounded number of attempts`, async () => {
      way.always(mishap);

      await assert.rejects(store.get(key(what)), StoreUnavailable);

      assert.deepEqual(
        way.seen(),
        Array.from({ length: 5 }, () => 'GetItem'),
      );
    });
  }

  test('never answers is unavailable, and holds nobody up for ever', async () => {
    way.always({ kind: 'silent' });

    await assert.rejects(store.get(key('silent')), StoreUnavailable);

    assert.equal(way.seen().length, 5);
  });

  test('loses the answer of a write that another one overtook tells who was faster', async () => {
    await store.put({ key: key('raced'), body: { text: 'a' }, expect: 0 });
    const other = createDynamoDbStore(server.client(), table);
    way.next({ kind: 'unanswered' }, { kind: 'silent' });
    const late = store.put({ key: key('raced'), body: { text: 'b' }, expect: 1 });
    // The first attempt has been done, its repetition hangs: now somebody else comes in between.
    for (let requests = 0; requests < 2; requests += way.seen().length) await sleep(5);

    await other.put({ key: key('raced'), body: { text: 'c' }, expect: 2 });
    const outcome = await late;

    assert.equal(outcome.kind, 'conflict');
    assert.ok(outcome.kind === 'conflict');
    assert.deepEqual(outcome.current?.body, { text: 'c' });
    await other.close();
  });

  test('refuses what is wrong with the request itself is no passing trouble', async () => {
    way.always({ kind: 'refused', status: 400, type: 'ValidationException' });

    await assert.rejects(store.get(key('wrong')), { name: 'ValidationException' });
  });
});

describe('an item on DynamoDB', { skip: dynoxideMissing ?? false }, async () => {
  if (dynoxideMissing !== null) return;
  const server = await startDynoxide();
  const client = server.client();
  const table = await server.createTable();
  const store = createDynamoDbStore(client, table);
  after(() => {
    client.destroy();
    server.stop();
  });

  test('of the first layout is read', async () => {
    const Item = {
      pk: { S: 'faults' },
      sk: { S: 'old' },
      rev: { N: '7' },
      v: { S: '1' },
      d: { S: JSON.stringify({ text: 'x'.repeat(2_000) }) },
    };
    await client.send(new PutItemCommand({ TableName: table, Item }));

    const item = await store.get(key('old'));
    assert.deepEqual([item?.rev, item?.body.text.length], [7, 2_000]);
  });

  test('of a layout of a newer version is refused, by a read and by a lost write alike', async () => {
    const Item = { pk: { S: 'faults' }, sk: { S: 'new' }, rev: { N: '1' }, v: { S: '3' } };
    await client.send(new PutItemCommand({ TableName: table, Item }));

    const refused = { name: 'StoreUnavailable', message: /layout 3, this version reads 1 and 2/ };
    await assert.rejects(store.get(key('new')), refused);
    await assert.rejects(store.put({ key: key('new'), body: { text: '' }, expect: 9 }), refused);
  });
});
