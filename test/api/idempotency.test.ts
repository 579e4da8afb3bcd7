import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Answer, Service } from '../helpers/service.ts';
import { startService, THREE, tokenOf } from '../helpers/service.ts';

const service = await startService();
after(service.close);

let keys = 0;
const freshKey = (): string => `key-${++keys}`;

const keyed = (key: string): { readonly headers: Record<string, string> } => ({
  headers: { 'idempotency-key': key },
});

const DOCUMENT = { version: 1, kind: 'group', hptuning: { matrix: THREE } };

const isReplayed = ({ headers }: Answer<unknown>): boolean =>
  headers.get('idempotency-replayed') === 'true';

/** Makes a call twice under one key; the second answer must be the first one again. */
async function twice(...[operation, sent]: Parameters<Service['call']>): Promise<Answer<unknown>> {
  const { headers } = keyed(freshKey());
  const first = await service.call(operation, { ...sent, headers });
  const second = await service.call(operation, { ...sent, headers });
  assert.equal(isReplayed(first), false);
  assert.equal(isReplayed(second), true);
  assert.equal(second.status, first.status);
  assert.equal(second.text, first.text, 'the same bytes');
  assert.equal(second.headers.get('content-type'), first.headers.get('content-type'));
  assert.equal(second.headers.get('location'), first.headers.get('location'));
  assert.equal(second.headers.get('retry-after'), first.headers.get('retry-after'));
  assert.notEqual(second.headers.get('x-request-id'), first.headers.get('x-request-id'));
  return first;
}

test('a group that is created twice under one key is one group', async () => {
  const { value } = await twice('createGroup', { json: { ...DOCUMENT, tags: ['once'] } });

  assert.notEqual(value, null);
  const { items } = await service.done('listGroups', { query: { tag: 'once' } });
  assert.equal(items.length, 1);
});

test('a suggest whose answer was lost loses no experiment', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });

  await twice('suggest', { group: group.id, json: { count: 2 } });

  assert.equal((await group.read()).progress.running, 2);
  assert.equal((await group.next()).number, 3);
});

test('every other POST can be repeated under a key', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });
  await group.suggest({ count: 2 });
  const at = { group: group.id, number: 1 };

  await twice('report', { ...at, json: { metrics: { loss: 1 } } });
  await twice('release', { group: group.id, number: 2, json: {} });
  await twice('addExperiment', { group: group.id, json: { values: { lr: 0.1 } } });
  await twice('stopGroup', { group: group.id });
  await twice('resumeGroup', { group: group.id });
  await twice('previewGroup', { json: DOCUMENT });

  assert.equal((await group.measurements(1)).length, 1);
  assert.equal((await group.experiments()).length, 3);
});

test('a report without a step is one measurement under one key, two under two', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();
  const sent = { group: group.id, number: 1, json: { metrics: { loss: 1 } } };

  await twice('report', sent);
  await twice('report', sent);

  assert.equal((await group.measurements(1)).length, 2);
});

test('a refusal is repeated too', async () => {
  const missing = { group: 'grp_00000000000000000000000000' };

  const notFound = await twice('suggest', { ...missing, json: {} });
  const invalid = await twice('createGroup', { json: {} });

  assert.equal(notFound.problem?.code, 'group_not_found');
  assert.equal(invalid.problem?.code, 'invalid_document');
});

test('a refusal of bytes that do not parse is repeated too', async () => {
  const { problem } = await twice('createGroup', { body: '{"version": 1,' });

  assert.equal(problem?.code, 'malformed_body');
});

test('an answer is repeated as it was, although the group has moved on', async () => {
  const group = await service.open({ matrix: THREE });
  const sent = { group: group.id, json: {}, ...keyed(freshKey()) };
  const first = await service.call('suggest', sent);
  await group.report(1, { status: 'succeeded' });

  const second = await service.call('suggest', sent);

  assert.equal(second.text, first.text);
});

test('the same key with another body is refused', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });
  const headers = keyed(freshKey());
  await service.done('suggest', { group: group.id, json: { count: 1 }, ...headers });

  const sent = { json: { count: 2 }, ...headers };
  const problem = await group.refused('suggest', sent, 'idempotency_key_reused');

  assert.equal(problem.status, 409);
  assert.equal((await group.read()).progress.running, 1);
});

test('bodies are compared by their bytes, not by what they mean', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });
  const headers = keyed(freshKey());
  await service.done('suggest', { group: group.id, body: '{"count":1}', ...headers });

  await group.refused('suggest', { body: '{"count": 1}', ...headers }, 'idempotency_key_reused');
});

test('a key belongs to its path', async () => {
  const [first, second] = [
    await service.open({ concurrency: 3, matrix: THREE }),
    await service.open({ concurrency: 3, matrix: THREE }),
  ];
  const headers = keyed(freshKey());

  const answers = [
    await service.call('suggest', { group: first.id, json: {}, ...headers }),
    await service.call('suggest', { group: second.id, json: {}, ...headers }),
    await service.call('stopGroup', { group: first.id, json: {}, ...headers }),
  ];

  assert.deepEqual(answers.map(isReplayed), [false, false, false]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
});

test('a key means nothing to GET and DELETE', async () => {
  const group = await service.open({ matrix: THREE });
  const headers = keyed(freshKey());
  const at = { group: group.id, ...headers };

  const answers = [
    await service.call('readGroup', at),
    await service.call('readGroup', at),
    await service.call('deleteGroup', at),
    await service.call('deleteGroup', at),
  ];

  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 204, 404],
  );
  assert.deepEqual(answers.map(isReplayed), [false, false, false, false]);
});

test('after 24 hours a key is new again', async () => {
  const group = await service.open({ concurrency: 3, lease_seconds: 604_800, matrix: THREE });
  const sent = { group: group.id, json: {}, ...keyed(freshKey()) };
  await service.done('suggest', sent);
  service.pass(24 * 3_600 - 60);
  assert.equal(isReplayed(await service.call('suggest', sent)), true);
  service.pass(61);

  const later = await service.call('suggest', sent);

  assert.equal(isReplayed(later), false);
  assert.deepEqual(
    later.value?.experiments.map(({ number }) => number),
    [2],
  );
  assert.equal(isReplayed(await service.call('suggest', sent)), true);
});

test('after 24 hours a key can carry another body', async () => {
  const group = await service.open({ concurrency: 3, lease_seconds: 604_800, matrix: THREE });
  const headers = keyed(freshKey());
  await service.done('suggest', { group: group.id, json: {}, ...headers });
  service.pass(24 * 3_600 + 1);

  const { status } = await service.call('suggest', {
    group: group.id,
    json: { count: 2 },
    ...headers,
  });

  assert.equal(status, 200);
});

test('of two at once one runs, the other is told to come again', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();
  const sent = { group: group.id, json: { wait_seconds: 20 }, ...keyed(freshKey()) };
  const first = service.call('suggest', sent);
  // The first one is under way once the second one meets it.
  let second = await service.call('suggest', { ...sent, json: { wait_seconds: 20 } });
  while (second.status === 200) second = await service.call('suggest', sent);

  assert.equal(second.problem?.code, 'in_progress');
  assert.equal(second.status, 409);
  await group.report(1, { status: 'succeeded' });
  const done = await first;
  assert.deepEqual(
    done.value?.experiments.map(({ number }) => number),
    [2],
  );
  const third = await service.call('suggest', sent);
  assert.equal(third.text, done.text);
  assert.equal(isReplayed(third), true);
});

test('many of the same at once do it once', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });
  const sent = { group: group.id, json: {}, ...keyed(freshKey()) };

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => service.call('suggest', sent)),
  );

  for (const { status, problem } of answers) {
    assert.ok(status === 200 || problem?.code === 'in_progress');
  }
  const texts = answers.filter(({ status }) => status === 200).map(({ text }) => text);
  assert.equal(new Set(texts).size, 1);
  assert.equal((await group.read()).progress.running, 1);
});

const REFUSED_KEYS = ['', 'k'.repeat(256), 'with space', 'kéy', 'tab\there'];

for (const key of REFUSED_KEYS) {
  test(`${JSON.stringify(key.slice(0, 20))} is no Idempotency-Key`, async () => {
    const sent = { json: DOCUMENT, ...keyed(key) };

    const { errors } = await service.refused('createGroup', sent, 'invalid_request');

    assert.deepEqual(
      errors.map(({ path }) => path),
      ['Idempotency-Key'],
    );
  });
}

test('a key has 1 to 255 visible characters', async () => {
  for (const key of ['!', '~'.repeat(255), `${freshKey()}"\\{}`]) {
    const { status } = await service.call('createGroup', { json: DOCUMENT, ...keyed(key) });

    assert.equal(status, 201);
  }
});

test('an answer of many experiments is repeated whole', async () => {
  const group = await service.open(
    { concurrency: 100, random_search: { n_experiments: 100 }, matrix: { x: { uniform: [0, 1] } } },
    { run: { cmd: `train ${'ü€'.repeat(800)} {{ x }}` } },
  );

  const { text } = await twice('suggest', { group: group.id, json: { count: 100 } });

  assert.ok(text.length > 120_000, 'longer than one item of the store');
});

test('an answer is repeated by a service that has been started anew on the same data', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rungwise-'));
  const sent = { json: DOCUMENT, ...keyed(freshKey()) };
  const before = await startService(folder);
  const created = await before.call('createGroup', sent);
  const group = before.of(created.value?.id ?? '');
  const experiment = await group.next();
  await group.report(1, { metrics: { loss: 1 }, step: 1 });
  await before.close();

  const later = await startService(folder);
  after(later.close);
  after(() => rm(folder, { recursive: true }));
  const again = await later.call('createGroup', sent);

  assert.equal(again.text, created.text);
  assert.equal(isReplayed(again), true);
  const same = later.of(group.id);
  const report = { metrics: { loss: 0.5 }, step: 2, lease_token: tokenOf(experiment) };
  const { experiment: reported } = await same.report(1, report);
  assert.equal(reported.metrics['loss']?.count, 2);
});
