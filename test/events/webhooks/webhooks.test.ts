import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { Resolver } from '../../../lib/events/webhooks/resolve.ts';
import { createSecretBox, SecretUnreadable } from '../../../lib/events/webhooks/secret-box.ts';
import type { Webhooks, WebhookWorld } from '../../../lib/events/webhooks/webhooks.ts';
import { createWebhooks } from '../../../lib/events/webhooks/webhooks.ts';
import { recordConnections } from '../../helpers/connections.ts';

const CLOUD = { allowPrivate: false };
const LAPTOP = { allowPrivate: true };
const OWNER = { team: 'vision', webhook: 'whk_1' };
const URL_TEXT = 'https://hooks.example.com/';

const create = (more: Partial<WebhookWorld>): Webhooks =>
  createWebhooks({
    policy: CLOUD,
    resolver: async () => ['8.8.8.8'],
    box: createSecretBox([{ name: 'k1', bytes: randomBytes(32) }]),
    now: Date.now,
    ...more,
  });

async function endpoint(t: TestContext): Promise<{ url: string; arrived: Promise<Arrived> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  async function receive(): Promise<Arrived> {
    const [request, response] = await once(server, 'request');
    const body = await text(request);
    response.end();
    return { headers: request.headers, body };
  }
  return { url: `http://127.0.0.1:${address.port}/`, arrived: receive() };
}

interface Arrived {
  readonly headers: Record<string, string>;
  readonly body: string;
}

test('a URL is checked with what its host resolves to', async () => {
  const check = (policy: typeof CLOUD, ...addresses: string[]) =>
    create({ policy, resolver: async () => addresses }).checkUrl('https://hooks.example.com./');

  assert.deepEqual(await check(CLOUD, '8.8.8.8'), { ok: true, value: URL_TEXT });
  assert.deepEqual(await check(LAPTOP, '10.0.0.1'), { ok: true, value: URL_TEXT });
  assert.equal((await check(LAPTOP, '169.254.169.254')).ok, false);
  for (const addresses of [['10.0.0.1'], ['8.8.8.8', '10.0.0.1']]) {
    assert.deepEqual(await check(CLOUD, ...addresses), {
      ok: false,
      fault:
        'The host hooks.example.com resolves to an address that webhooks are not sent to: 10.0.0.1 is a private address.',
    });
  }
});

test('a URL that is refused as it stands asks nobody', async () => {
  const webhooks = create({ resolver: () => assert.fail('nobody is asked') });

  assert.equal((await webhooks.checkUrl('https://127.1/')).ok, false);
  assert.equal((await webhooks.checkUrl('https://8.8.8.8/')).ok, true);
});

test('a host that does not resolve, or not soon, is accepted', async () => {
  const answers: readonly Resolver[] = [
    async () => [],
    () => Promise.reject(new Error('ENOTFOUND')),
    () => new Promise(() => {}),
  ];
  for (const resolver of answers) {
    assert.deepEqual(await create({ resolver, lookupMs: 20 }).checkUrl(URL_TEXT), {
      ok: true,
      value: URL_TEXT,
    });
  }
});

test('a host that turns private after its check is sent nothing', async (t) => {
  const connections = recordConnections(t);
  const answers = [['8.8.8.8'], ['127.0.0.1']];
  const webhooks = create({ resolver: async () => answers.shift() ?? [] });
  const { sealed } = await webhooks.createSecret(OWNER);

  assert.equal((await webhooks.checkUrl(URL_TEXT)).ok, true);
  const sent = await webhooks.deliver({
    owner: OWNER,
    url: URL_TEXT,
    secrets: [sealed],
    id: 'evt_1',
    body: '{}',
  });

  assert.deepEqual(sent, { kind: 'refused', reason: '127.0.0.1 is a loopback address' });
  assert.deepEqual(connections.attempts(), []);
});

test('a delivery is signed with every secret, and arrives so that each of them verifies it', async (t) => {
  const { url, arrived } = await endpoint(t);
  const webhooks = create({ policy: LAPTOP });
  const [newer, older] = [await webhooks.createSecret(OWNER), await webhooks.createSecret(OWNER)];
  const body = '{"type":"group.done","name":"Größe"}';

  const sent = await webhooks.deliver({
    owner: OWNER,
    url,
    secrets: [newer.sealed, older.sealed],
    id: 'evt_1',
    body,
  });

  assert.ok(sent.kind === 'answered' && sent.status === 200);
  const { headers, body: received } = await arrived;
  assert.equal(received, body);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['webhook-id'], 'evt_1');
  for (const secret of [newer, older]) {
    assert.deepEqual(new Webhook(secret.text).verify(received, headers), JSON.parse(body));
  }
});

test('a delivery with the secret of another webhook is not sent', async (t) => {
  const connections = recordConnections(t);
  const webhooks = create({ policy: LAPTOP });
  const { sealed } = await webhooks.createSecret({ ...OWNER, webhook: 'whk_2' });
  const delivery = { owner: OWNER, url: URL_TEXT, secrets: [sealed], id: 'evt_1', body: '{}' };

  await assert.rejects(webhooks.deliver(delivery), SecretUnreadable);
  assert.deepEqual(connections.attempts(), []);
});
