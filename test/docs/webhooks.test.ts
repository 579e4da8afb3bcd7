import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createSecret, signatureHeaders } from '../../lib/events/webhooks/sign.ts';
import { eventIn, startEndpoint, verify } from '../helpers/endpoint.ts';
import { freePort } from '../helpers/free-port.ts';
import type { Service } from '../helpers/service.ts';
import { LOSS, startService, THREE } from '../helpers/service.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');
const LOOK_MS = 20;
const run = promisify(execFile);

/** The only block of the page in a language. */
function block(language: string): string {
  const blocks = [...PAGE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, of]) => of === language);
  const [only, ...more] = blocks.map(([, , text]) => text ?? '');
  assert.ok(
    only !== undefined && more.length === 0,
    `docs/webhooks.md has one block of ${language}`,
  );
  return only;
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

async function serviceFor(t: TestContext): Promise<Service> {
  const service = await startService(null, { allowPrivateWebhooks: true });
  t.after(service.close);
  return service;
}

const isThere = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args).status === 0;

/** Go compiles its standard library first, which takes minutes where it has not done so before. */
function goMissing(): string | false {
  if (process.env['CI'] === undefined) return 'LEFT OUT: it can take minutes; CI=true runs it';
  return isThere('go', 'version') ? false : 'LEFT OUT: there is no go here';
}

/** How an endpoint of the page is started, in a folder that holds it. */
interface Language {
  readonly name: string;
  readonly file: string;
  /** Why it is left out; false where it is not. */
  readonly skip: string | false;
  readonly build?: readonly [string, ...string[]];
  readonly start: readonly [string, ...string[]];
}

const LANGUAGES: readonly Language[] = [
  {
    name: 'python',
    file: 'endpoint.py',
    skip: isThere('python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 9))')
      ? false
      : 'LEFT OUT: there is no python3 of 3.9 or newer here',
    start: ['python3', 'endpoint.py'],
  },
  {
    name: 'ts',
    file: 'endpoint.ts',
    skip: false,
    start: [process.execPath, '--disable-warning=ExperimentalWarning', 'endpoint.ts'],
  },
  {
    name: 'go',
    file: 'endpoint.go',
    skip: goMissing(),
    build: ['go', 'build', '-o', 'endpoint.exe', 'endpoint.go'],
    start: ['./endpoint.exe'],
  },
];

/** Starts the page's endpoint in a language; returns the lines that it prints. */
async function startSnippet(
  t: TestContext,
  { name, file, build, start: [command, ...args] }: Language,
  env: { readonly SECRET: string; readonly PORT: string },
): Promise<readonly string[]> {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, file), block(name));
  if (build !== undefined) await run(build[0], build.slice(1), { cwd });
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  while ((await statusOf(env.PORT, {}, '{}')) === null) {
    assert.equal(child.exitCode, null, 'the endpoint runs');
    await sleep(LOOK_MS);
  }
  return lines;
}

/** What the endpoint at a port answers to a body, or null where nobody is there yet. */
async function statusOf(
  port: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<number | null> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })).status;
  } catch {
    return null;
  }
}

/** Waits until so many deliveries of a webhook have arrived. */
async function arrived(service: Service, webhook: string, count: number): Promise<void> {
  for (;;) {
    const { items } = await service.done('listDeliveries', { webhook });
    const attempts = items.flatMap((item) => item.attempts);
    assert.ok(attempts.every(({ status }) => status === 204));
    if (items.every(({ status }) => status === 'delivered') && attempts.length === count) return;
    await sleep(LOOK_MS);
  }
}

describe('the endpoints of docs/webhooks.md', () => {
  for (const language of LANGUAGES) {
    test(`${language.name}: takes what is genuine, once, and nothing else`, {
      skip: language.skip,
    }, async (t) => {
      const service = await serviceFor(t);
      const port = String(await freePort());
      const json = {
        url: `http://127.0.0.1:${port}/`,
        events: ['group.stopping', 'group.stopped'],
      };
      const { id: webhook, secret } = await service.done('createWebhook', { json });
      const env = { SECRET: secret ?? '', PORT: port };
      const lines = await startSnippet(t, language, env);

      const group = await service.open({ grid_search: { metric: LOSS }, matrix: THREE });
      await group.stop();
      await arrived(service, webhook, 2);
      await service.done('rotateSecret', { webhook, json: {} });
      const [delivery] = (await service.done('listDeliveries', { webhook })).items;
      assert.ok(delivery !== undefined);
      await service.done('redeliver', { webhook, delivery: delivery.id, json: {} });
      await arrived(service, webhook, 3);
      const body = '{"id": "evt_forged", "type": "group.done", "group": "grp_forged"}';
      const sign = (at: number, by: string): Readonly<Record<string, string>> => ({
        ...signatureHeaders({ id: 'evt_forged', at, body }, [by]),
      });
      const [now, early] = [Date.now(), Date.now() - 6 * 60_000];
      const refused = [
        await statusOf(port, {}, body),
        await statusOf(port, sign(now, createSecret()), body),
        await statusOf(port, sign(now, env.SECRET), body.replace('done', 'gone')),
        await statusOf(port, sign(early, env.SECRET), body),
        await statusOf(port, { ...sign(now, env.SECRET), 'webhook-id': 'evt_other' }, body),
      ];
      await service.done('testWebhook', { webhook, json: {} });
      while (!lines.some((line) => line.startsWith('webhook.test'))) await sleep(LOOK_MS);

      assert.deepEqual(refused, [401, 401, 401, 401, 401]);
      assert.deepEqual(lines.filter((line) => !line.startsWith('webhook.test')).toSorted(), [
        `group.stopped ${group.id}`,
        `group.stopping ${group.id}`,
      ]);
    });
  }
});

test('the curl commands of docs/webhooks.md create a webhook, test it and show its delivery', {
  skip: isThere('curl', '--version') ? false : 'LEFT OUT: there is no curl here',
}, async (t) => {
  const service = await serviceFor(t);
  const endpoint = await startEndpoint(t);
  const folder = temporaryFolder(t);
  const script = block('sh')
    .replace('http://127.0.0.1:8080', service.url)
    .replace('http://127.0.0.1:9000/', endpoint.url);

  const { stdout } = await run('sh', ['-ec', script], { cwd: folder });
  const [received] = await endpoint.count(1);

  const created: { id: string; secret: string } = JSON.parse(
    readFileSync(join(folder, 'webhook.json'), 'utf8'),
  );
  assert.ok(received !== undefined);
  verify(received, created.secret);
  const [sent, listed] = stdout.split(/(?<=\})(?=\{"items":)/);
  const delivery: { id: string; webhook: string } = JSON.parse(sent ?? '');
  const page: { items: { id: string }[] } = JSON.parse(listed ?? '');
  assert.equal(delivery.webhook, created.id);
  assert.deepEqual(
    page.items.map(({ id }) => id),
    [delivery.id],
  );
});

test('docs/webhooks.md shows a request as it is sent', async (t) => {
  const service = await serviceFor(t);
  const endpoint = await startEndpoint(t);
  await service.done('createWebhook', {
    json: { url: endpoint.url, events: ['experiment.succeeded'] },
  });
  const group = await service.open({ grid_search: { metric: LOSS }, matrix: THREE });
  const { number } = await group.next();
  const end = { metrics: { loss: 0.31 }, checkpoint: 's3://models/1', status: 'succeeded' };
  await group.report(number, end);
  const [received] = await endpoint.count(1);
  assert.ok(received !== undefined);
  const event = eventIn(received);

  const shown: typeof event = JSON.parse(block('json'));
  const headers = [...block('http').matchAll(/^([a-z-]+): (.+)$/gm)].map(([, name]) => name ?? '');

  assert.deepEqual(
    { ...event, id: '', group: '', timestamp: '' },
    { ...shown, id: '', group: '', timestamp: '' },
  );
  assert.deepEqual(Object.keys(shown), Object.keys(event));
  assert.ok(shown.id.startsWith(`evt_${shown.group?.slice('grp_'.length)}`));
  assert.ok(block('http').includes(`webhook-id: ${shown.id}`));
  assert.deepEqual(
    headers.filter((name) => received.headers[name] === undefined),
    [],
  );
});
