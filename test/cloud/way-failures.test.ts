import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { writeKey } from '../../lib/domain/api-key.ts';
import { runCli, temporaryFolder } from '../cli/helpers.ts';
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

const failuresOf = (named: readonly string[]): object => ({
  batchItemFailures: named.map((itemIdentifier) => ({ itemIdentifier })),
});

/** An id as groups have them, of none that there is. */
const NO_GROUP = 'grp_00000000000000000000000000';
/** What no handler can read. */
const POISON = ['not JSON', '{"experiment":1}', '{"group":"../keys"}'] as const;
/** Looks at the dead letters before a message that is not there counts as lost. */
const LOOKS = 240;
const LOOK_MS = 500;

/** Less than `advance` keeps in reserve, so that it begins nothing but the first group. */
const HURRIED_SECONDS = 5;

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
    let sweeps = 0;
    for (;;) {
      const worked = await workWhileThereIsSome(group, judge);
      assert.ok(worked.length > 0, `something to try after ${sweeps} sweeps`);
      if ((await group.read()).status === 'done') break;
      await purge(stack);
      // A poke may be on its way for a while: only then the sweep steps in.
      await sleep(16_000);
      await stack.sweep();
      sweeps++;
    }

    const { progress, status_reason: reason } = await group.read();
    assert.equal(reason?.code, 'exhausted');
    assert.equal(progress.succeeded, progress.planned);
    assert.ok(sweeps > 0, 'some rung had to wait for a sweep');
  });

  test('a batch names its poison, and does what came with it', async () => {
    const group = await openHyperband(stack);
    await workWhileThereIsSome(group, judge);
    const bodies = [
      ...POISON,
      JSON.stringify({ group: NO_GROUP }),
      JSON.stringify({ group: group.id }),
    ];
    const Records = bodies.map((body, i) => record(String(i), body));

    const answer = await stack.lambda.invoke('advance', { Records });

    assert.deepEqual(answer, failuresOf(['0', '1', '2']));
    const { experiments } = await group.suggest();
    assert.equal(experiments.length, 1, 'the next rung has begun');
  });

  test('poison ends in the dead letters, and a group that is gone does not', async () => {
    await purge(stack);
    for (const body of [...POISON, JSON.stringify({ group: NO_GROUP })]) {
      await sendBody(stack, body);
    }

    const poller = stack.poll({ seed: 1, visibilitySeconds: 1 });
    for (let look = 0; look < LOOKS; look++) {
      if ((await deadBodies(stack)).length >= POISON.length) break;
      await sleep(LOOK_MS);
    }
    await poller.stop();

    assert.deepEqual(await deadBodies(stack), POISON.toSorted());
    assert.deepEqual(poller.failures, []);
    const handed = new Set(poller.batches.flatMap(({ ids }) => ids));
    assert.equal(handed.size, POISON.length + 1);
  });

  test('a batch names what it did not begin for lack of time', async (t) => {
    const groups = await Promise.all(Array.from({ length: 6 }, () => openHyperband(stack)));
    const hurried = createLambda({ ...stack.options, timeoutSeconds: HURRIED_SECONDS });
    t.after(hurried.stop);
    const Records = groups.map(({ id }, i) => record(String(i), JSON.stringify({ group: id })));

    const answer = await hurried.invoke('advance', { Records });

    assert.deepEqual(answer, failuresOf(['1', '2', '3', '4', '5']));
  });

  describe('a caller', () => {
    const LIST = '/v1/groups';

    test('without a key is refused, but for the contract', async () => {
      const { request } = await callService(stack.front.url);

      assert.equal((await request('GET', LIST)).problem?.code, 'unauthorized');
      assert.equal((await request('GET', '/v1/openapi.json')).status, 200);
    });

    test('with a key whose checksum is wrong is refused, and the table is not asked', async (t) => {
      const proxy = await startCountingProxy(stack.options.tableEndpoint);
      t.after(proxy.stop);
      const lambda = createLambda({ ...stack.options, tableEndpoint: proxy.endpoint });
      t.after(lambda.stop);
      const front = await startFront(lambda);
      t.after(front.stop);
      const unknown = writeKey({ id: `key_${'0'.repeat(26)}`, secret: '0'.repeat(64) });
      const mistyped = unknown.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
      const { request } = await callService(front.url);

      const refused = await request('GET', LIST, { headers: bearer(mistyped) });
      const asked = proxy.count();
      const notFound = await request('GET', LIST, { headers: bearer(unknown) });

      assert.equal(refused.problem?.code, 'unauthorized');
      assert.equal(asked, 0);
      assert.equal(notFound.problem?.code, 'unauthorized');
      assert.equal(proxy.count(), 1, 'only the table can say that there is no such key');
    });

    test('with a key that an operator made and revoked is refused by a new environment', async (t) => {
      const folder = temporaryFolder(t);
      Object.assign(process.env, stack.variables);
      t.after(() => {
        for (const name of Object.keys(stack.variables)) delete process.env[name];
      });
      const keys = async (...args: readonly string[]): Promise<string> => {
        const at = ['--table', stack.options.table, '--region', 'eu-central-1'];
        const { code, stdout, stderr } = await runCli(t, folder, ['keys', ...args, ...at]);
        assert.equal(code, 0, stderr);
        return stdout;
      };

      const key = await keys('create');
      const { request } = await callService(stack.front.url, bearer(key));
      const before = await request('GET', LIST);
      await keys('revoke', key);
      stack.lambda.renew('read');
      const after = await request('GET', LIST);

      assert.equal(before.status, 200);
      assert.equal(after.problem?.code, 'unauthorized');
    });
  });
});
