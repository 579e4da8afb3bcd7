import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreatedWebhook, Delivery } from '../helpers/contract.ts';
import { eventIn, startEndpoint, verify, withStatus } from '../helpers/endpoint.ts';
import type { Service } from '../helpers/service.ts';
import { LOSS, startService, THREE, walk } from '../helpers/service.ts';

const GRID = { concurrency: 1, grid_search: { metric: LOSS }, matrix: THREE };
const NO_WEBHOOK = 'whk_00000000000000000000000000';
const NO_DELIVERY = 'dlv_00000000000000000000000000';
const WAIT_MS = 20;

async function serviceFor(t: TestContext, folder: string | null = null): Promise<Service> {
  const service = await startService(folder, { allowPrivateWebhooks: true });
  t.after(service.close);
  return service;
}

const create = (service: Service, json: object): Promise<CreatedWebhook> =>
  service.done('createWebhook', { json });

/** Asks for a delivery again and again until it is as it is to be. */
async function until(
  service: Service,
  webhook: string,
  isReached: (delivery: Delivery) => boolean,
): Promise<Delivery> {
  for (;;) {
    const { items } = await service.done('listDeliveries', { webhook });
    const found = items.find(isReached);
    if (found !== undefined) return found;
    await sleep(WAIT_MS);
  }
}

describe('a webhook', () => {
  test('is sent every event of a group that it asks for, signed, in the words of the log', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    const { id: webhook, secret } = await create(service, {
      url: endpoint.url,
      events: ['group.*', 'experiment.succeeded'],
    });

    const group = await service.open(GRID);
    for (let n = 0; n < 3; n++) {
      const { number } = await group.next();
      await group.report(number, { metrics: { loss: 3 - n }, status: 'succeeded' });
    }
    const log = (await group.events()).filter(
      ({ type }) => type.startsWith('group.') || type === 'experiment.succeeded',
    );
    const received = await endpoint.count(log.length);

    const byId = new Map(log.map((event) => [event.id, event]));
    assert.equal(new Set(received.map(({ headers }) => headers['webhook-id'])).size, log.length);
    for (const one of received) {
      verify(one, secret);
      assert.deepEqual(eventIn(one), byId.get(eventIn(one).id));
      assert.equal(one.headers['webhook-id'], eventIn(one).id);
      assert.equal(one.headers['content-type'], 'application/json');
    }
    await until(service, webhook, ({ status }) => status === 'delivered');
  });

  test('is told of no other group, no other type and nothing from before it was made', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    const [mine, other] = [await service.open(GRID), await service.open(GRID)];
    await create(service, { url: endpoint.url, events: ['group.stopped'], groups: [mine.id] });

    await other.stop();
    await mine.stop();
    await endpoint.count(1);
    await mine.resume();
    await mine.stop();
    const received = await endpoint.count(2);

    assert.deepEqual(
      received.map((one) => [eventIn(one).type, eventIn(one).group]),
      [
        ['group.stopped', mine.id],
        ['group.stopped', mine.id],
      ],
    );
  });

  test('hears of the deletion of a group that is gone by then', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    await create(service, { url: endpoint.url, events: ['group.deleted'] });
    const group = await service.open(GRID);

    await group.delete();

    const [received] = await endpoint.count(1);
    assert.ok(received !== undefined);
    assert.deepEqual(eventIn(received).group, group.id);
  });
});

describe('a new webhook', () => {
  test('is answered once with its secret, and shown without it from then on', async (t) => {
    const service = await serviceFor(t);

    const { headers, value } = await service.call('createWebhook', {
      json: { url: 'http://127.0.0.1:9/x', events: ['*'], groups: null },
    });
    assert.ok(value !== null);
    const { secret, ...shown } = value;
    const list = await service.call('listWebhooks');
    const read = await service.call('readWebhook', { webhook: shown.id });

    assert.match(secret ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.deepEqual(
      [shown.status, shown.status_reason, shown.groups, shown.description, shown.failing_since],
      ['enabled', null, null, '', null],
    );
    assert.equal(headers.get('location'), `/v1/webhooks/${shown.id}`);
    assert.deepEqual(list.value?.items, [shown]);
    assert.deepEqual(read.value, shown);
    for (const { text } of [list, read]) assert.ok(!text.includes((secret ?? '').slice(6, 30)));
  });

  test('repeated under its Idempotency-Key is the same one, without the secret', async (t) => {
    const service = await serviceFor(t);
    const sent = {
      json: { url: 'http://127.0.0.1:9/x', events: ['group.done'] },
      headers: { 'idempotency-key': 'once' },
    };

    const first = await service.done('createWebhook', sent);
    const again = await service.done('createWebhook', sent);

    assert.deepEqual(again, { ...first, secret: null });
    assert.equal((await service.done('listWebhooks')).items.length, 1);
  });

  test('leaves nothing of its secret in the data folder', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'rungwise-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const service = await startService(folder, { allowPrivateWebhooks: true });
    const json = { url: 'http://127.0.0.1:9/x', events: ['*'] };
    const headers = { 'idempotency-key': 'k' };
    const { secret } = await service.done('createWebhook', { json, headers });
    await service.close();

    const stored = readFileSync(join(folder, 'rungwise.sqlite'), 'latin1');

    assert.ok(stored.includes('http://127.0.0.1:9/x'), 'the file is that of the webhook');
    assert.ok(!stored.includes((secret ?? '').slice('whsec_'.length)));
  });

  const URL = 'http://127.0.0.1:9/x';
  const BAD = [
    { json: {}, paths: ['url', 'events'] },
    { json: { url: 'x', events: ['*'] }, paths: ['url'] },
    { json: { url: 'ftp://example.com', events: ['*'] }, paths: ['url'] },
    { json: { url: 'http://169.254.169.254/', events: ['*'] }, paths: ['url'] },
    { json: { url: `http://a.test/${'x'.repeat(3_000)}`, events: ['*'] }, paths: ['url'] },
    { json: { url: URL, events: [] }, paths: ['events'] },
    { json: { url: URL, events: 'group.done' }, paths: ['events'] },
    { json: { url: URL, events: ['group.don', '*'] }, paths: ['events[0]'] },
    { json: { url: URL, events: ['*'], groups: [] }, paths: ['groups'] },
    { json: { url: URL, events: ['*'], groups: ['grp_1'] }, paths: ['groups[0]'] },
    { json: { url: URL, events: ['*'], description: 7 }, paths: ['description'] },
    { json: { url: URL, events: ['*'], secret: 'whsec_x' }, paths: ['secret'] },
    { json: { url: URL, events: ['*'], status: 'disabled' }, paths: ['status'] },
  ] as const;

  test('with a mistake is refused at its path, and none is made', async (t) => {
    const service = await serviceFor(t);

    for (const { json, paths } of BAD) {
      const { errors } = await service.refused('createWebhook', { json }, 'invalid_request');
      assert.deepEqual(
        errors.map(({ path }) => path),
        paths,
        JSON.stringify(json),
      );
    }
    assert.deepEqual((await service.done('listWebhooks')).items, []);
  });

  test('may only go where the whole internet can, unless the service was told otherwise', async (t) => {
    const service = await startService();
    t.after(service.close);

    for (const url of ['http://example.com/', 'https://127.0.0.1/', 'https://10.0.0.1:8443/']) {
      const json = { url, events: ['*'] };
      const { errors } = await service.refused('createWebhook', { json }, 'invalid_request');
      assert.equal(errors[0]?.path, 'url');
    }
  });

  test('with a type that nearly is one is told which', async (t) => {
    const service = await serviceFor(t);
    const json = { url: URL, events: ['experiment.suceeded'] };

    const { errors } = await service.refused('createWebhook', { json }, 'invalid_request');

    assert.equal(errors[0]?.suggestion, 'experiment.succeeded');
  });
});

test('webhooks are listed newest first, page by page', async (t) => {
  const service = await serviceFor(t);
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    ids.unshift((await create(service, { url: `http://127.0.0.1:9/${name}`, events: ['*'] })).id);
  }

  const listed = await walk((at) => service.done('listWebhooks', { query: { limit: '2', ...at } }));

  assert.deepEqual(
    listed.map(({ id }) => id),
    ids,
  );
});

test('what names no webhook or delivery is not found', async (t) => {
  const service = await serviceFor(t);
  const { id } = await create(service, { url: 'http://127.0.0.1:9/x', events: ['*'] });

  for (const webhook of [NO_WEBHOOK, 'whk_x', 'x'.repeat(300)]) {
    for (const operation of ['readWebhook', 'deleteWebhook', 'listDeliveries'] as const) {
      await service.refused(operation, { webhook }, 'webhook_not_found');
    }
    for (const operation of ['testWebhook', 'rotateSecret', 'patchWebhook'] as const) {
      await service.refused(operation, { webhook, json: {} }, 'webhook_not_found');
    }
    const json = { since: '2026-01-01T00:00:00Z' };
    await service.refused('recoverDeliveries', { webhook, json }, 'webhook_not_found');
    const of = { webhook, delivery: NO_DELIVERY, json: {} };
    await service.refused('redeliver', of, 'webhook_not_found');
  }
  for (const delivery of [NO_DELIVERY, 'dlv_x', 'x'.repeat(300)]) {
    await service.refused('redeliver', { webhook: id, delivery, json: {} }, 'delivery_not_found');
  }
});

describe('a change of a webhook', () => {
  test('holds for what happens from then on', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    const made = await create(service, { url: endpoint.url, events: ['group.done'] });
    const webhook = made.id;
    const group = await service.open(GRID);

    const patched = await service.done('patchWebhook', {
      webhook,
      json: { events: ['group.stopped'], groups: [group.id], description: 'stops' },
    });
    await group.stop();
    await endpoint.count(1);

    const { secret: _secret, ...before } = made;
    assert.deepEqual(patched, {
      ...before,
      events: ['group.stopped'],
      groups: [group.id],
      description: 'stops',
      updated_at: patched.updated_at,
    });
    const all = await service.done('patchWebhook', { webhook, json: { groups: null } });
    assert.deepEqual([all.groups, all.description], [null, 'stops']);
  });

  test('with a mistake changes nothing', async (t) => {
    const service = await serviceFor(t);
    const { id: webhook } = await create(service, { url: 'http://127.0.0.1:9/x', events: ['*'] });
    const before = await service.done('readWebhook', { webhook });

    for (const [json, path] of [
      [{ url: 'http://169.254.169.254/' }, 'url'],
      [{ events: ['group'] }, 'events[0]'],
      [{ events: [] }, 'events'],
      [{ groups: [] }, 'groups'],
      [{ status: 'on' }, 'status'],
      [{ secret: 'x' }, 'secret'],
    ] as const) {
      const sent = { webhook, json };
      const { errors } = await service.refused('patchWebhook', sent, 'invalid_request');
      assert.equal(errors[0]?.path, path);
    }
    assert.deepEqual(await service.done('readWebhook', { webhook }), before);
  });

  test('can disable it: nothing is sent, and nothing can be asked to be', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    const { id: webhook } = await create(service, { url: endpoint.url, events: ['*'] });

    const json = { status: 'disabled' };
    const { status, status_reason } = await service.done('patchWebhook', { webhook, json });
    await service.open(GRID);

    assert.deepEqual([status, status_reason?.code], ['disabled', 'requested']);
    await service.refused('testWebhook', { webhook, json: {} }, 'webhook_disabled');
    const since = { since: '2026-01-01T00:00:00Z' };
    await service.refused('recoverDeliveries', { webhook, json: since }, 'webhook_disabled');
    await service.done('patchWebhook', { webhook, json: { status: 'enabled' } });
    const sent = await service.done('testWebhook', { webhook, json: {} });
    const received = await endpoint.count(1);
    assert.deepEqual(
      received.map((one) => eventIn(one).id),
      [sent.event.id],
    );
  });
});

describe('a test of a webhook', () => {
  test('is answered with its delivery, which then tells what came of it', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    endpoint.answer((response) => response.writeHead(202).end('thanks'));
    const made = await create(service, { url: endpoint.url, events: ['group.done'] });
    const webhook = made.id;

    const { status, value } = await service.call('testWebhook', { webhook, json: {} });
    const [received] = await endpoint.count(1);
    const delivery = await until(service, webhook, (one) => one.status === 'delivered');

    assert.equal(status, 202);
    assert.ok(received !== undefined);
    verify(received, made.secret);
    const { type, group, data } = eventIn(received);
    assert.deepEqual([type, group, data], ['webhook.test', null, { webhook }]);
    assert.deepEqual([delivery.id, delivery.event], [value?.id, value?.event]);
    assert.equal(delivery.request.body, received.body);
    assert.equal(delivery.request.bytes, Buffer.byteLength(received.body));
    assert.deepEqual(
      delivery.attempts.map((one) => [one.status, one.reason, one.body]),
      [[202, null, 'thanks']],
    );
    assert.equal(delivery.next_attempt_at, null);
  });

  test('repeated under its Idempotency-Key sends nothing new', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    const { id: webhook } = await create(service, { url: endpoint.url, events: ['group.done'] });
    const sent = { webhook, json: {}, headers: { 'idempotency-key': 'once' } };

    const first = await service.done('testWebhook', sent);
    const again = await service.done('testWebhook', sent);

    assert.deepEqual(again, first);
    assert.equal((await service.done('listDeliveries', { webhook })).items.length, 1);
  });
});

describe('a delivery that failed', () => {
  test('is tried again by itself, under the same id', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    endpoint.answer(withStatus(500));
    const { id: webhook } = await create(service, { url: endpoint.url, events: ['group.done'] });
    await service.done('testWebhook', { webhook, json: {} });
    const waiting = await until(service, webhook, (one) => one.attempt_count === 1);
    endpoint.answer(withStatus(200));

    service.pass(10);
    const delivery = await until(service, webhook, (one) => one.status === 'delivered');

    const ids = endpoint.received.map(({ headers }) => headers['webhook-id']);
    assert.deepEqual(ids, [delivery.event.id, delivery.event.id]);
    assert.notEqual(waiting.next_attempt_at, null);
    assert.deepEqual(
      delivery.attempts.map(({ status }) => status),
      [500, 200],
    );
  });

  test('is sent again at once where somebody asks for it, as is one that arrived', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    endpoint.answer(withStatus(503));
    const { id: webhook } = await create(service, { url: endpoint.url, events: ['group.done'] });
    const { id: delivery } = await service.done('testWebhook', { webhook, json: {} });
    await until(service, webhook, (one) => one.attempt_count === 1);
    endpoint.answer(withStatus(204));

    const again = await service.done('redeliver', { webhook, delivery, json: {} });
    await until(service, webhook, (one) => one.status === 'delivered');
    await service.done('redeliver', { webhook, delivery, json: {} });
    const three = await until(
      service,
      webhook,
      (one) => one.attempt_count === 3 && one.status === 'delivered',
    );

    assert.deepEqual([again.id, again.status], [delivery, 'pending']);
    assert.deepEqual(
      three.attempts.map(({ status }) => status),
      [503, 204, 204],
    );
  });

  test('is recovered with all others since a time, and with none from before it', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    endpoint.answer(withStatus(500));
    const { id: webhook } = await create(service, { url: endpoint.url, events: ['group.done'] });
    const ask = { webhook, json: {} };
    const before = await service.done('testWebhook', ask);
    await until(service, webhook, (one) => one.attempt_count === 1);
    service.pass(10);
    // Tried twice: the next attempt is minutes away.
    await until(service, webhook, (one) => one.attempt_count === 2);
    const since = new Date(service.now()).toISOString();
    const after = [await service.done('testWebhook', ask), await service.done('testWebhook', ask)];
    for (const { id } of after) {
      await until(service, webhook, (one) => one.id === id && one.attempt_count === 1);
    }
    endpoint.answer(withStatus(204));

    const recovered = await service.done('recoverDeliveries', { webhook, json: { since } });
    for (const { id } of after) {
      await until(service, webhook, (one) => one.id === id && one.status === 'delivered');
    }
    const again = await service.done('recoverDeliveries', { webhook, json: { since } });

    assert.deepEqual(recovered, { count: 2, next_since: null });
    assert.deepEqual(again, { count: 0, next_since: null });
    const kept = await until(service, webhook, ({ id }) => id === before.id);
    assert.equal(kept.attempt_count, 2);
  });

  test('with a 410 disables the webhook, which can be enabled again', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    endpoint.answer(withStatus(410));
    const { id: webhook } = await create(service, { url: endpoint.url, events: ['group.done'] });
    await service.done('testWebhook', { webhook, json: {} });
    await until(service, webhook, (one) => one.attempt_count === 1);

    let disabled = await service.done('readWebhook', { webhook });
    while (disabled.status === 'enabled') {
      await sleep(WAIT_MS);
      disabled = await service.done('readWebhook', { webhook });
    }
    const json = { status: 'enabled' };
    const enabled = await service.done('patchWebhook', { webhook, json });

    assert.equal(disabled.status_reason?.code, 'gone');
    assert.notEqual(disabled.failing_since, null);
    assert.deepEqual(
      [enabled.status, enabled.status_reason, enabled.failing_since],
      ['enabled', null, null],
    );
  });

  test('says why where nobody answered, and never follows a redirect', async (t) => {
    const service = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    endpoint.answer((response, { path }) => {
      if (path === '/hook') response.writeHead(302, { location: '/elsewhere' }).end();
      else response.destroy();
    });
    const there = await create(service, { url: endpoint.url, events: ['group.done'] });
    const cut = await create(service, { url: `${endpoint.url}/cut`, events: ['group.done'] });
    for (const { id: webhook } of [there, cut]) {
      await service.done('testWebhook', { webhook, json: {} });
    }

    const isTried = (one: Delivery): boolean => one.attempt_count === 1;
    const redirected = await until(service, there.id, isTried);
    const broken = await until(service, cut.id, isTried);

    assert.equal(redirected.attempts[0]?.status, 302);
    assert.equal(broken.attempts[0]?.status, null);
    assert.match(broken.attempts[0]?.reason ?? '', /connection was closed/);
    assert.deepEqual(endpoint.received.map(({ path }) => path).toSorted(), ['/hook', '/hook/cut']);
  });
});

test('a new secret signs beside the one before for a day, and alone after that', async (t) => {
  const service = await serviceFor(t);
  const endpoint = await startEndpoint(t);
  const made = await create(service, { url: endpoint.url, events: ['group.done'] });
  const webhook = made.id;

  const { secret, ...shown } = await service.done('rotateSecret', { webhook, json: {} });
  await service.done('testWebhook', { webhook, json: {} });
  const [both] = await endpoint.count(1);

  assert.equal(shown.id, webhook);
  assert.notEqual(secret, made.secret);
  assert.ok(both !== undefined);
  verify(both, secret);
  verify(both, made.secret);

  service.pass(86_400 + 1);
  await service.done('testWebhook', { webhook, json: {} });
  const [, alone] = await endpoint.count(2);

  assert.equal(String(alone?.headers['webhook-signature']).split(' ').length, 1);
  // The libraries refuse what was signed on a clock a day ahead: only the number of signatures is looked at.
});

test('a deleted webhook is gone at once, and nothing more is sent to it', async (t) => {
  const service = await serviceFor(t);
  const endpoint = await startEndpoint(t);
  const { id: webhook } = await create(service, { url: endpoint.url, events: ['*'] });
  const other = await create(service, { url: `${endpoint.url}/other`, events: ['group.created'] });

  await service.done('deleteWebhook', { webhook });
  await service.open(GRID);
  await until(service, other.id, ({ status }) => status === 'delivered');

  await service.refused('readWebhook', { webhook }, 'webhook_not_found');
  await service.refused('listDeliveries', { webhook }, 'webhook_not_found');
  await service.refused('deleteWebhook', { webhook }, 'webhook_not_found');
  assert.deepEqual(
    endpoint.received.map(({ path }) => path),
    ['/hook/other'],
  );
});

test('deliveries are listed newest first, page by page', async (t) => {
  const service = await serviceFor(t);
  const endpoint = await startEndpoint(t);
  const { id: webhook } = await create(service, { url: endpoint.url, events: ['group.done'] });
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    ids.unshift((await service.done('testWebhook', { webhook, json: {} })).id);
    service.pass(1);
  }

  const listed = await walk((at) =>
    service.done('listDeliveries', { webhook, query: { limit: '2', ...at } }),
  );

  assert.deepEqual(
    listed.map(({ id }) => id),
    ids,
  );
});

test('webhooks need a key with the scope admin', async (t) => {
  const service = await serviceFor(t);
  const { key } = await service.done('createKey', {
    json: { scopes: ['groups:read', 'groups:write', 'work'] },
  });
  const headers = { authorization: `Bearer ${key}` };

  await service.refused('listWebhooks', { headers }, 'forbidden');
  const json = { url: 'http://127.0.0.1:9/x', events: ['*'] };
  await service.refused('createWebhook', { headers, json }, 'forbidden');
  await service.refused('listDeliveries', { headers, webhook: NO_WEBHOOK }, 'forbidden');
});
