import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { SCOPES, writeKey } from '../../lib/domain/api-key.ts';
import { revokeKey } from '../../lib/service/api-keys.ts';
import { startFront } from '../helpers/cloud/front.ts';
import { createLambda } from '../helpers/cloud/lambda.ts';
import type { Stack } from '../helpers/cloud/stack.ts';
import { bearer, stackMissing, startStack } from '../helpers/cloud/stack.ts';
import { startCountingProxy } from '../helpers/counting-proxy.ts';
import type { Judge } from '../helpers/scripted-work.ts';
import { numberIn, workWhileThereIsSome } from '../helpers/scripted-work.ts';
import type { GroupClient } from '../helpers/service.ts';
import { callService, LOSS } from '../helpers/service.ts';

/*
 * What goes wrong on the way of a search in the cloud, on real parts: the bundled functions under Lambda's emulator,
 * DynamoDB Local, ElasticMQ.
 */

const judge: Judge = (values) => ({ loss: Math.abs(numberIn(values, 'x') - 0.3) });

/** A Hyperband of three brackets: nine experiments at 1, five at 3, three at 9, and those that go on. */
const openHyperband = ({ service }: Stack): Promise<GroupClient> =>
  service.open({
    seed: 3,
    concurrency: 2,
    hyperband: {
      max_iter: 9,
      eta: 3,
      resource: { name: 'epochs', type: 'int' },
      metric: LOSS,
      resume: false,
    },
    matrix: { x: { uniform: [0, 1] } },
  });

const sendBody = ({ queue, urls }: Stack, body: string): Promise<unknown> =>
  queue.send(new SendMessageCommand({ QueueUrl: urls.queueUrl, MessageBody: body }));

const purge = ({ queue, urls }: Stack): Promise<unknown> =>
  queue.send(new PurgeQueueCommand({ QueueUrl: urls.queueUrl }));

/** Bodies in the dead letters. */
async function deadBodies({ queue, urls }: Stack): Promise<readonly string[]> {
  const { Messages = [] } = await queue.send(
    new ReceiveMessageCommand({
      QueueUrl: urls.deadLetterUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
    }),
  );
  return Messages.map(({ Body = '' }) => Body).toSorted();
}

const record = (messageId: string, body: string): object => ({ messageId, body });

const idsOf = (named: readonly string[]): object => ({
  batchItemFailures: named.map((itemIdentifier) => ({ itemIdentifier })),
});

/** An id as groups have them, of none that there is. */
const NO_GROUP = 'grp_00000000000000000000000000';
/** What no handler can read. */
const POISON = ['not JSON', '{"experiment":1}', '{"group":"../keys"}'] as const;
/** Looks at the dead letters before a message that is not there counts as lost. */
const LOOKS = 240;

const missing = stackMissing();

describe('on the way in the cloud', { skip: missing ?? false }, () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack();
  });
  after(() => {
    stack.stop();
    assert.deepEqual(stack.front.failures, [], 'every call was answered');
  });

  test('with every message lost the sweep alone brings a Hyperband to its end', async () => {
    const group = await openHyperband(stack);
    const worked: number[] = [];
    let sweeps = 0;
    for (;;) {
      worked.push((await workWhileThereIsSome(group, judge)).length);
      if ((await group.read()).status === 'done') break;
      await purge(stack);
      await stack.sweep();
      sweeps++;
    }

    const { progress, status_reason: reason } = await group.read();
    assert.equal(reason?.code, 'exhausted');
    assert.equal(progress.succeeded, progress.planned);
    assert.equal(sweeps, worked.length - 1);
    assert.ok(worked.every((count) => count > 0));
    assert.ok(sweeps > 0, 'some rung had to wait for a sweep');
  });

  test('poison ends in the dead letters, and what came with it is done', async () => {
    const group = await openHyperband(stack);
    await workWhileThereIsSome(group, judge);
    await purge(stack);
    for (const body of [...POISON, JSON.stringify({ group: NO_GROUP })]) {
      await sendBody(stack, body);
    }
    await sendBody(stack, JSON.stringify({ group: group.id }));

    const poller = stack.poll({ seed: 1, visibilitySeconds: 1 });
    for (let look = 0; look < LOOKS; look++) {
      if ((await deadBodies(stack)).length >= POISON.length) break;
      await sleep(500);
    }
    await poller.stop();

    assert.deepEqual(await deadBodies(stack), POISON.toSorted());
    assert.deepEqual(poller.failures, []);
    assert.equal(poller.batches[0]?.failed.length, POISON.length);
    const { experiments } = await group.suggest();
    assert.equal(experiments.length, 1, 'the next rung has begun');
  });

  test('a batch names what it did not begin for lack of time', async () => {
    const groups = await Promise.all(Array.from({ length: 6 }, () => openHyperband(stack)));
    const hurried = createLambda({ ...stack.options, timeoutSeconds: 5 });
    const Records = groups.map(({ id }, i) => record(String(i), JSON.stringify({ group: id })));

    const answer = await hurried.invoke('advance', { Records });

    hurried.stop();
    assert.deepEqual(answer, idsOf(['1', '2', '3', '4', '5']));
  });

  describe('a caller', () => {
    const LIST = '/v1/groups';

    test('without a key is refused', async () => {
      const { contract, request } = await callService(stack.front.url);

      assert.equal((await request('GET', LIST)).problem?.code, 'unauthorized');

      assert.ok(contract.document.openapi.length > 0, 'the contract needs none');
    });

    test('with a key whose checksum is wrong is refused, and the table is not asked', async () => {
      const proxy = await startCountingProxy(stack.options.tableEndpoint);
      const lambda = createLambda({ ...stack.options, tableEndpoint: proxy.endpoint });
      const front = await startFront(lambda);
      const unknown = writeKey({ id: `key_${'0'.repeat(26)}`, secret: '0'.repeat(64) });
      const mistyped = unknown.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
      const { request } = await callService(front.url);

      const refused = await request('GET', LIST, { headers: bearer(mistyped) });
      const asked = proxy.count();
      const notFound = await request('GET', LIST, { headers: bearer(unknown) });

      front.stop();
      lambda.stop();
      proxy.stop();
      assert.equal(refused.problem?.code, 'unauthorized');
      assert.equal(asked, 0);
      assert.equal(notFound.problem?.code, 'unauthorized');
      assert.equal(proxy.count(), 1, 'only the table can say that there is no such key');
    });

    test('with a revoked key is refused by a new environment', async () => {
      const { key, text } = await stack.newKey(SCOPES);
      const { request } = await callService(stack.front.url, bearer(text));
      assert.equal((await request('GET', LIST)).status, 200);

      await revokeKey({ store: stack.store, now: Date.now }, key.id);
      stack.lambda.renew('read');

      assert.equal((await request('GET', LIST)).problem?.code, 'unauthorized');
    });
  });
});
