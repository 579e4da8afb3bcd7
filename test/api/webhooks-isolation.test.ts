import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { startLocalServer } from '../../cli/local-server.ts';
import { HEALTHY } from '../../lib/domain/webhook.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { webhookId } from '../../lib/service/ids.ts';
import { putWebhook } from '../../lib/service/webhooks/items.ts';
import { startEndpoint } from '../helpers/endpoint.ts';
import { callService, LOSS, THREE } from '../helpers/service.ts';

const ENDPOINTS = 1_000;
const DEAD = '/hook/0';
/** Of one stop and one resume. */
const EVENTS = 3;

test('of a thousand endpoints one that never answers delays no other', async (t) => {
  const endpoint = await startEndpoint(t);
  const held: ServerResponse[] = [];
  endpoint.answer((response, { path }) => {
    if (path === DEAD) held.push(response);
    else response.writeHead(204).end();
  });
  const runtime = createLocalRuntime({
    folder: null,
    logger: { error: console.error, warn() {}, info() {} },
    allowPrivateWebhooks: true,
  });
  const server = await startLocalServer({ runtime, host: '127.0.0.1', port: 0 });
  t.after(server.close);
  const { store, webhooks } = runtime.ports;
  const desk = await webhooks.desk();
  for (let n = 0; n < ENDPOINTS; n++) {
    const at = runtime.ports.now();
    const id = webhookId(runtime.call());
    const { sealed } = await desk.createSecret({ team: webhooks.team, webhook: id });
    const webhook = {
      id,
      url: `${endpoint.url}/${n}`,
      events: ['group.stopping', 'group.stopped', 'group.resumed'],
      groups: null,
      description: '',
      isPaused: false,
      health: HEALTHY,
      secrets: [{ sealed, until: null }],
      createdAt: at,
      updatedAt: at,
      since: at,
      catchUp: null,
    };
    await putWebhook(store, webhook, 0);
  }
  webhooks.audience.forget();
  const service = await callService(server.url);
  const group = await service.open({ grid_search: { metric: LOSS }, matrix: THREE });

  await group.stop();
  await group.resume();
  // The dead one holds what it has open all the while: the others are waited for, not a time.
  const others = (ENDPOINTS - 1) * EVENTS;
  for (let count = others; ; count++) {
    const received = await endpoint.count(count);
    if (received.filter(({ path }) => path !== DEAD).length >= others) break;
  }

  const paths = new Map<string, Set<unknown>>();
  for (const { path, headers } of endpoint.received) {
    paths.set(path, (paths.get(path) ?? new Set()).add(headers['webhook-id']));
  }
  paths.delete(DEAD);
  assert.equal(paths.size, ENDPOINTS - 1);
  assert.ok(
    [...paths.values()].every((ids) => ids.size === EVENTS),
    'each has every event',
  );
  assert.ok(held.length >= 1 && held.every((response) => !response.writableEnded));
  t.diagnostic(`${others} deliveries while ${held.length} of the dead one were open`);
  for (const response of held) response.destroy();
});
