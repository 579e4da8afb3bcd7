import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { createService } from '../../cli/client.ts';
import { eventIn, startEndpoint, verify, withStatus } from '../helpers/endpoint.ts';
import type { Ended } from './helpers.ts';
import { createGroup, documentOf, runCli, serve, temporaryFolder, until } from './helpers.ts';

const ID = /whk_[0-9a-hjkmnp-tv-z]{26}/;
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;

type Cli = (...args: string[]) => Promise<Ended>;

/** A service that may send to this machine, and the commands about its webhooks. */
async function serviceFor(
  t: TestContext,
  args: readonly string[] = ['--allow-private-webhooks'],
): Promise<{ readonly url: string; readonly cli: Cli }> {
  const folder = temporaryFolder(t);
  const { url } = await serve(t, folder, args);
  return { url, cli: (...more) => runCli(t, folder, ['webhooks', ...more, '--server', url]) };
}

/** Creates a webhook; returns its id and its secret, which is all that goes to standard output. */
async function created(cli: Cli, ...args: string[]): Promise<{ id: string; secret: string }> {
  const { code, stdout, stderr } = await cli('create', ...args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, SECRET);
  assert.ok(!stderr.includes(stdout));
  return { id: ID.exec(stderr)?.[0] ?? '', secret: stdout };
}

const done = async (ending: Promise<Ended>): Promise<string> => {
  const { code, stdout, stderr } = await ending;
  assert.equal(code, 0, stderr);
  return stdout;
};

/** The objects of an output, one a line. */
const objects = (output: string): readonly Readonly<Record<string, unknown>>[] =>
  output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('a webhook', () => {
  test('is created, listed, shown, changed and deleted', async (t) => {
    const { url, cli } = await serviceFor(t);
    const service = createService({ url, key: null });
    const group = await createGroup(service, { ...documentOf('true'), name: 'mine' });
    const { url: endpoint } = await startEndpoint(t);

    const { id, secret } = await created(
      cli,
      endpoint,
      '--events',
      'group.done, experiment.*',
      '--groups',
      'mine',
      '--description',
      'to chat',
    );
    const listed = await done(cli('list'));
    const shown = await done(cli('show', 'to chat'));
    const changed = await done(cli('update', id, '--groups', 'all', '--events', '*', '--disable'));
    const json = await done(cli('show', id.slice(0, 20), '--json'));
    const refused = await cli('delete', id);
    const deleted = await done(cli('delete', endpoint, '--yes'));

    assert.match(listed, /^webhook +status +events +url$/m);
    assert.match(
      listed,
      new RegExp(`^${id}  enabled  group\\.done,ex…  ${endpoint.slice('http://'.length)}$`, 'm'),
    );
    assert.match(shown, new RegExp(`^groups +${group.id}$`, 'm'));
    assert.match(shown, /^events +group\.done, experiment\.\*$/m);
    assert.match(changed, /^groups +all$/m);
    assert.match(changed, /^status +disabled: a caller has disabled it$/m);
    const [webhook] = objects(json);
    assert.deepEqual(
      [webhook?.['id'], webhook?.['groups'], webhook?.['events']],
      [id, null, ['*']],
    );
    for (const text of [listed, shown, changed, json]) assert.ok(!text.includes(secret.slice(6)));
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /--yes/);
    assert.equal(deleted, `${id} is deleted`);
    assert.equal(await done(cli('list')), 'no webhook');
  });

  test('with a mistake is refused with what would be right', async (t) => {
    const { cli } = await serviceFor(t, []);
    const far = 'https://hooks.example.com/';

    for (const [args, said] of [
      [['create', far], /required option '--events <events>'/],
      [['create', far, '--events', 'group.don'], /did you mean "group\.done"/],
      [['create', far, '--events', '*', '--groups', 'other'], /no group is called "other"/],
      [['create', 'http://127.0.0.1:9/', '--events', '*'], /--allow-private-webhooks/],
      [['create', 'https://10.0.0.1/', '--events', '*'], /--allow-private-webhooks/],
      [['create', 'https://a.test:99/', '--events', '*'], /allowed are 443/],
      [['update', 'latest'], /there is nothing to change: give --url/],
      [['update', 'latest', '--enable', '--disable'], /cannot be used with/],
      [['show', 'latest'], /has no webhook yet: create one with/],
      [['test', 'other'], /no webhook is called "other": "rungwise webhooks list"/],
      [['recover', 'latest'], /required option '--since <when>'/],
    ] as const) {
      const { code, stdout, stderr } = await cli(...args);
      assert.equal(code, 1, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, said);
    }
    assert.equal(await done(cli('list')), 'no webhook');
  });

  test('that two have in common is named by its id', async (t) => {
    const { cli } = await serviceFor(t);
    const first = await created(cli, 'http://127.0.0.1:9/', '--events', '*');
    const second = await created(cli, 'http://127.0.0.1:9/', '--events', '*');

    const { code, stderr } = await cli('show', 'http://127.0.0.1:9/');
    const latest = await done(cli('show', 'latest'));

    assert.equal(code, 1);
    assert.ok(stderr.includes(first.id) && stderr.includes(second.id));
    assert.ok(latest.includes(second.id));
  });

  test('has a new secret after a rotation, and signs with both', async (t) => {
    const { cli } = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    const { id, secret } = await created(cli, endpoint.url, '--events', '*');

    const { code, stdout: renewed, stderr } = await cli('rotate-secret', id);
    await done(cli('test', id));

    assert.equal(code, 0);
    assert.match(renewed, SECRET);
    assert.match(stderr, /signs with both secrets for 24 hours/);
    const [received] = endpoint.received;
    assert.ok(received !== undefined);
    for (const one of [secret, renewed]) verify(received, one);
  });
});

describe('what was delivered', () => {
  test('a test of a webhook tells how the endpoint has answered', async (t) => {
    const { cli } = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    const { id } = await created(cli, endpoint.url, '--events', 'group.done');

    const good = await cli('test', id);
    endpoint.answer((response) => response.writeHead(500).end('no\n  disk'));
    const bad = await cli('test', id);
    const json = await cli('test', id, '--json');

    assert.deepEqual([good.code, bad.code, json.code], [0, 1, 1]);
    assert.match(good.stdout, /^delivered: HTTP 204 after \d+ ms$/);
    assert.match(bad.stdout, /^not delivered: HTTP 500 after \d+ ms: no disk$/);
    assert.match(bad.stderr, /next attempt: \d{4}-\d{2}-\d{2} /);
    assert.deepEqual(objects(json.stdout)[0]?.['status'], 'pending');
    assert.equal(eventIn(endpoint.received[0] ?? assert.fail()).type, 'webhook.test');
  });

  test('deliveries are listed with every attempt, and sent again where that is asked for', async (t) => {
    const { cli } = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    const { id } = await created(cli, endpoint.url, '--events', '*');
    assert.equal(await done(cli('deliveries', id)), 'no delivery');
    await done(cli('test', id));
    endpoint.answer((response) => response.destroy());
    await cli('test', id);

    const listed = await done(cli('deliveries', id));
    const first = await cli('deliveries', id, '--limit', '1');
    const waiting = objects(await done(cli('deliveries', id, '--status', 'pending', '--json')));
    endpoint.answer(withStatus(200));
    const again = await done(cli('redeliver', id, String(waiting[0]?.['id'])));
    const all = await done(cli('deliveries', id));

    const attempt = String.raw`^ {2}\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}  `;
    assert.match(listed, /^dlv_\w{26} {2}webhook\.test +pending$/m);
    assert.match(listed, new RegExp(`${attempt}HTTP 204 after \\d+ ms$`, 'm'));
    assert.match(listed, new RegExp(`${attempt}no answer: the connection was closed`, 'm'));
    assert.match(first.stderr, /there are more: --all lists them/);
    assert.equal(waiting.length, 1);
    assert.match(again, /^delivered: HTTP 200/);
    assert.equal(all.match(/ delivered$/gm)?.length, 2);
    const unknown = await cli('redeliver', id, 'dlv_00000000000000000000000000');
    assert.match(unknown.stderr, /has no delivery "dlv_0+": "rungwise webhooks deliveries/);
  });

  test('what has not arrived since a time is recovered', async (t) => {
    const { cli } = await serviceFor(t);
    const endpoint = await startEndpoint(t);
    endpoint.answer(withStatus(500));
    const { id } = await created(cli, endpoint.url, '--events', '*');
    await cli('test', id);
    // The second attempt comes by itself; the third one is minutes away.
    await endpoint.count(2);
    await until(
      async () => objects(await done(cli('deliveries', id, '--json')))[0]?.['attempt_count'] === 2,
    );

    const hour = new Date(Date.now() + 3_600_000).toISOString();
    const later = await done(cli('recover', id, '--since', hour));
    const recovered = await done(cli('recover', id, '--since', '2h'));
    const received = await endpoint.count(3);
    const none = await cli('recover', id, '--since', 'soon');

    assert.equal(later, 'everything has arrived that happened since then');
    assert.equal(recovered, '1 delivery is sent again');
    assert.equal(new Set(received.map((one) => eventIn(one).id)).size, 1);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /since: It is "soon"/);
  });

  test('of a webhook that is disabled nothing is sent, with what to do', async (t) => {
    const { cli } = await serviceFor(t);
    const { id } = await created(cli, 'http://127.0.0.1:9/', '--events', '*');
    await done(cli('update', id, '--disable'));

    const { code, stderr } = await cli('test', id);

    assert.equal(code, 1);
    assert.match(stderr, /it is disabled\..*"rungwise webhooks update WEBHOOK --enable"/);
  });
});

test('webhooks of a folder that nobody serves work as those of a service', async (t) => {
  const folder = temporaryFolder(t);
  const endpoint = await startEndpoint(t);
  const at = ['--data', 'data', '--allow-private-webhooks'];

  const made = await runCli(t, folder, [
    'webhooks',
    'create',
    endpoint.url,
    '--events',
    '*',
    ...at,
  ]);
  const tested = await runCli(t, folder, ['webhooks', 'test', 'latest', ...at]);

  assert.match(made.stdout, SECRET);
  assert.match(tested.stdout, /^delivered: HTTP 204/);
  verify(endpoint.received[0] ?? assert.fail(), made.stdout);
});
