import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterHistoryCommand } from '@aws-sdk/client-ssm';
import type { Meter } from '../../bench/cost/meter.ts';
import { startMeter } from '../../bench/cost/meter.ts';
import type { Barrier } from '../helpers/cloud/barrier.ts';
import { startBarrier } from '../helpers/cloud/barrier.ts';
import type { Lambda } from '../helpers/cloud/lambda.ts';
import { createLambda, WEBHOOK_KEYS } from '../helpers/cloud/lambda.ts';
import type { ParameterStore } from '../helpers/cloud/moto.ts';
import { motoMissing, startParameterStore } from '../helpers/cloud/moto.ts';
import type { Poller } from '../helpers/cloud/poller.ts';
import type { Stack } from '../helpers/cloud/stack.ts';
import { stackMissing, startStack } from '../helpers/cloud/stack.ts';
import type { CreatedWebhook, Delivery, Event } from '../helpers/contract.ts';
import type { Endpoint } from '../helpers/endpoint.ts';
import { eventIn, startEndpoint, verify, withStatus } from '../helpers/endpoint.ts';
import type { Judge } from '../helpers/scripted-work.ts';
import { numberIn, runToEnd } from '../helpers/scripted-work.ts';
import type { GroupClient } from '../helpers/service.ts';
import { LOSS } from '../helpers/service.ts';

/*
 * The way of events to webhooks in the cloud, on real parts: the bundled functions under Lambda's emulator, DynamoDB
 * Local, ElasticMQ and moto's Parameter Store. Every message comes twice and in another order, pokes and deliveries alike;
 * the endpoint is a server that verifies as the published library does.
 */

const SEED = 5;
const LOOK_MS = 100;
/** Longer than the sweep waits before it makes up for what a process did not know. */
const CATCH_UP_SECONDS = 32;
const PATIENCE = { timeout: 180_000 } as const;

const judge: Judge = (values) => ({ loss: Math.abs(numberIn(values, 'x') - 0.3) });

const openSearch = ({ service }: Stack): Promise<GroupClient> =>
  service.open({
    seed: SEED,
    concurrency: 2,
    random_search: { n_experiments: 8, metric: LOSS },
    matrix: { x: { uniform: [0, 1] } },
  });

const idsOf = ({ received }: Endpoint): ReadonlySet<string> =>
  new Set(received.map(({ headers }) => `${headers['webhook-id']}`));

/** Resolves once the endpoint has every event of the log. */
async function hears(endpoint: Endpoint, log: readonly Event[]): Promise<void> {
  const missing = (): boolean => log.some(({ id }) => !idsOf(endpoint).has(id));
  while (missing()) await sleep(LOOK_MS);
}

/** Holds what the endpoint was sent against the log: the same events, each signed and word for word. */
function assertTold(
  endpoint: Endpoint,
  { log, secret }: { readonly log: readonly Event[]; readonly secret: string | null },
): void {
  const byId = new Map(log.map((event) => [event.id, event]));
  assert.equal(idsOf(endpoint).size, byId.size);
  for (const one of endpoint.received) {
    verify(one, secret);
    assert.equal(one.headers['webhook-id'], eventIn(one).id);
    assert.deepEqual(eventIn(one), byId.get(eventIn(one).id));
  }
}

/** The webhook's newest delivery, once it is as it is to be. */
async function deliveryOf(
  { service }: Stack,
  webhook: string,
  status: Delivery['status'],
): Promise<Delivery> {
  for (;;) {
    const [newest] = (await service.done('listDeliveries', { webhook })).items;
    if (newest?.status === status) return newest;
    await sleep(LOOK_MS);
  }
}

const missing = stackMissing() ?? motoMissing();

describe('webhooks in the cloud', { skip: missing ?? false }, () => {
  let parameters: ParameterStore;
  let barrier: Barrier;
  let stack: Stack;
  let meter: Meter;
  let sending: Lambda;
  let pollers: readonly Poller[];
  /** What the function that sends has asked of the table. */
  const asked = new Set<string>();

  before(async () => {
    parameters = await startParameterStore();
    barrier = await startBarrier(parameters.endpoint, 2);
    stack = await startStack({ parametersEndpoint: barrier.endpoint });
    meter = await startMeter(stack.options.tableEndpoint, ({ operation, input }) => {
      const { pk } = input.Key ?? input.Item ?? {};
      const [kind, id] = pk?.S?.split('#') ?? [];
      asked.add(`${operation} ${kind}${id === undefined ? '' : '#'}`);
    });
    sending = createLambda({ ...stack.options, tableEndpoint: meter.url });
    const how = { seed: SEED, visibilitySeconds: 60 };
    pollers = [stack.poll(how), stack.pollDeliveries({ ...how, lambda: sending })];
  });
  after(async () => {
    for (const poller of pollers) await poller.stop();
    sending.stop();
    await meter.close();
    stack.stop();
    barrier.stop();
    parameters.stop();
    assert.deepEqual(
      pollers.flatMap(({ failures }) => failures),
      [],
      'every batch was taken',
    );
    assert.deepEqual(stack.front.failures, [], 'every call was answered');
  });

  /** A webhook for an endpoint of the test, both gone with it. */
  async function createWebhook(
    t: TestContext,
    events: readonly string[],
  ): Promise<{ readonly endpoint: Endpoint; readonly webhook: CreatedWebhook }> {
    const endpoint = await startEndpoint(t);
    const json = { url: endpoint.url, events };
    const webhook = await stack.service.done('createWebhook', { json });
    t.after(() => stack.service.done('deleteWebhook', { webhook: webhook.id }));
    return { endpoint, webhook };
  }

  test(
    'the first two made at once, by environments that find no key, agree on one',
    PATIENCE,
    async (t) => {
      const both = await Promise.all([createWebhook(t, ['*']), createWebhook(t, ['*'])]);

      const { Parameters = [] } = await parameters.client.send(
        new GetParameterHistoryCommand({ Name: WEBHOOK_KEYS }),
      );
      assert.deepEqual(
        Parameters.map(({ Version, Type }) => [Version, Type]),
        [[1, 'SecureString']],
      );
      // Neither finds it, the slower of the two is refused, and both read what there is then.
      assert.deepEqual(barrier.statuses.toSorted(), [200, 200, 200, 400, 400, 400]);
      for (const { endpoint, webhook } of both) {
        await stack.service.done('testWebhook', { webhook: webhook.id });
        const [received] = await endpoint.count(1);
        assert.ok(received !== undefined);
        verify(received, webhook.secret);
      }
    },
  );

  test(
    'one is sent every event of a search word for word, each message coming twice and out of order',
    PATIENCE,
    async (t) => {
      const { endpoint, webhook } = await createWebhook(t, ['*']);

      const group = await openSearch(stack);
      await runToEnd(group, judge, 2);
      const log = await group.events();
      await hears(endpoint, log);

      assert.ok(log.length > 20, `${log.length} events`);
      assertTold(endpoint, { log, secret: webhook.secret });
    },
  );

  test(
    'a delivery that fails is tried again with the same bytes under the same id',
    PATIENCE,
    async (t) => {
      const { endpoint, webhook } = await createWebhook(t, ['group.done']);
      endpoint.answer(withStatus(503));

      await stack.service.done('testWebhook', { webhook: webhook.id });
      await endpoint.count(1);
      endpoint.answer(withStatus(204));
      const delivered = await deliveryOf(stack, webhook.id, 'delivered');

      assert.deepEqual(
        delivered.attempts.map(({ status }) => status),
        [503, 204],
      );
      const [first, second, ...more] = endpoint.received;
      assert.ok(first !== undefined && second !== undefined);
      assert.deepEqual(more, [], 'the second copy of each message found it done, or not due');
      assert.equal(second.body, first.body);
      assert.equal(second.headers['webhook-id'], first.headers['webhook-id']);
      verify(second, webhook.secret);
    },
  );

  test(
    'one that nobody knew of when its events happened is told by the sweep',
    PATIENCE,
    async (t) => {
      // Environments that have just read which webhooks there are.
      await (await openSearch(stack)).suggest();
      const { endpoint, webhook } = await createWebhook(t, ['*']);

      const group = await openSearch(stack);
      await runToEnd(group, judge, 2);
      await sleep(CATCH_UP_SECONDS * 1_000);
      await stack.sweep();
      const log = await group.events();
      await hears(endpoint, log);

      const ofGroup = endpoint.received.filter((one) => eventIn(one).group === group.id);
      assertTold({ ...endpoint, received: ofGroup }, { log, secret: webhook.secret });
    },
  );

  test('a batch names the messages that say nothing, and passes over those about what is gone', async () => {
    const gone = {
      webhook: `whk_${'0'.repeat(26)}`,
      delivery: `dlv_${'0'.repeat(26)}`,
    };
    const bodies = ['not JSON', '{"group":"grp_1"}', '{"webhook":"../keys","delivery":"x"}'];
    const Records = [...bodies, JSON.stringify(gone)].map((body, i) => ({
      messageId: String(i),
      body,
    }));

    const answer = await sending.invoke('deliver-webhook', { Records });

    assert.deepEqual(answer, {
      batchItemFailures: ['0', '1', '2'].map((itemIdentifier) => ({ itemIdentifier })),
    });
  });

  test('the function that sends has asked the table for nothing but what its role admits', () => {
    const always = [
      'GetItem deliveries#',
      'GetItem webhooks',
      'PutItem deliveries#',
      'PutItem webhooks',
    ];
    // One that was about to be sent when its webhook was deleted is removed.
    const admitted = new Set([...always, 'DeleteItem deliveries#']);
    assert.deepEqual(
      [...asked].filter((one) => !admitted.has(one)),
      [],
    );
    assert.deepEqual(
      always.filter((one) => !asked.has(one)),
      [],
    );
  });
});
