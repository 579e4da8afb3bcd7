import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Group } from '../helpers/contract.ts';
import type { GroupClient } from '../helpers/service.ts';
import { LOSS, startService, THREE, walk } from '../helpers/service.ts';

const service = await startService();
after(service.close);

const LONG = { x: { uniform: [0, 1] } } as const;

const idsOf = (groups: readonly Group[]): readonly string[] => groups.map(({ id }) => id);

/** Groups with a tag of their own, in the order of their creation. */
async function openMany(count: number, tag: string): Promise<readonly GroupClient[]> {
  const groups: GroupClient[] = [];
  for (let i = 0; i < count; i++)
    groups.push(await service.open({ matrix: THREE }, { tags: [tag] }));
  return groups;
}

test('groups are listed newest first', async () => {
  const groups = await openMany(4, 'newest');

  const { items, next_cursor } = await service.done('listGroups', { query: { tag: 'newest' } });

  assert.deepEqual(idsOf(items), groups.map(({ id }) => id).reverse());
  assert.equal(next_cursor, null);
});

test('a group in a list is the same as the group that is read', async () => {
  const [group] = await openMany(1, 'same');
  await group?.next();

  const { items } = await service.done('listGroups', { query: { tag: 'same' } });

  assert.deepEqual(items[0], await group?.read());
});

test('a page of groups goes on where the last one ended, while groups are added and deleted', async () => {
  const groups = await openMany(6, 'paged');
  const read = (cursor: object) =>
    service.done('listGroups', { query: { tag: 'paged', limit: '2', ...cursor } });

  const first = await read({});
  await openMany(3, 'paged');
  await groups[3]?.delete();
  const rest = await walk((at) => read({ cursor: first.next_cursor, ...at }));

  assert.deepEqual(
    [...idsOf(first.items), ...idsOf(rest)],
    [5, 4, 2, 1, 0].map((index) => groups[index]?.id),
  );
});

test('a page that ends with the last group has no cursor', async () => {
  await openMany(4, 'exact');

  const pages = [];
  let cursor: object = {};
  for (;;) {
    const query = { tag: 'exact', limit: '2', ...cursor };
    const page = await service.done('listGroups', { query });
    pages.push(page.items.length);
    if (page.next_cursor === null) break;
    cursor = { cursor: page.next_cursor };
  }

  assert.deepEqual(pages, [2, 2]);
});

test('groups can be listed by status', async () => {
  const [running, stopping, stopped, done] = await openMany(4, 'status');
  await stopping?.next();
  await stopping?.stop();
  await stopped?.stop();
  for (let number = 1; number <= 3; number++) {
    await done?.next();
    await done?.report(number, { status: 'succeeded' });
  }

  for (const [status, group] of [
    ['running', running],
    ['stopping', stopping],
    ['stopped', stopped],
    ['done', done],
  ] as const) {
    const { items } = await service.done('listGroups', { query: { tag: 'status', status } });
    assert.deepEqual(idsOf(items), [group?.id]);
  }
});

test('a group that time alone has stopped is listed as stopped', async () => {
  const group = await service.open({ lease_seconds: 60, matrix: THREE }, { tags: ['lapsed'] });
  await group.next();
  await group.stop();
  service.pass(61);

  const query = { tag: 'lapsed', status: 'stopped' };
  const { items } = await service.done('listGroups', { query });

  assert.deepEqual(idsOf(items), [group.id]);
});

test('a tag that no group has lists nothing', async () => {
  const page = await service.done('listGroups', { query: { tag: 'nobody' } });

  assert.deepEqual(page, { items: [], next_cursor: null });
});

/** A group of ten ended experiments, then one that is running and one that waits. */
async function mixed(optimization: 'minimize' | 'maximize'): Promise<GroupClient> {
  const group = await service.open({
    concurrency: 20,
    random_search: { n_experiments: 11, metric: { ...LOSS, optimization } },
    matrix: { x: { uniform: [0, 1] } },
  });
  await group.suggest({ count: 11 });
  const losses = [3, 'NaN', 1, 2, null, 'Infinity', 1, '-Infinity', 4, null] as const;
  for (const [index, loss] of losses.entries()) {
    const metrics = loss === null ? {} : { loss };
    const status = loss === null ? 'failed' : 'succeeded';
    await group.report(index + 1, { metrics, status });
  }
  await group.report(11, { metrics: { loss: 2.5 } });
  await group.add({ values: { x: 0.5 } });
  return group;
}

const numbers = async (group: GroupClient, query: Record<string, string>): Promise<number[]> =>
  (await group.experiments(query)).map(({ number }) => number);

test('experiments are listed by number', async () => {
  const group = await mixed('minimize');

  assert.deepEqual(await numbers(group, {}), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assert.deepEqual(await numbers(group, { sort: 'number', limit: '1' }), await numbers(group, {}));
});

const SORTED = {
  minimize: [3, 7, 4, 11, 1, 9, 2, 6, 8, 5, 10, 12],
  maximize: [9, 1, 11, 4, 3, 7, 2, 6, 8, 5, 10, 12],
} as const;

for (const optimization of ['minimize', 'maximize'] as const) {
  test(`sorted by objective of ${optimization} the best comes first, then non-finite, then none`, async () => {
    const group = await mixed(optimization);

    for (const limit of ['200', '5', '1']) {
      assert.deepEqual(await numbers(group, { sort: 'objective', limit }), SORTED[optimization]);
    }
  });
}

test('without a metric, sorting by objective is sorting by number', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });
  await group.suggest({ count: 3 });
  await group.report(2, { metrics: { loss: 1 }, status: 'succeeded' });

  assert.deepEqual(await numbers(group, { sort: 'objective' }), [1, 2, 3]);
});

test('experiments can be listed by status, in both orders', async () => {
  const group = await mixed('minimize');
  const cases = {
    succeeded: [1, 2, 3, 4, 6, 7, 8, 9],
    failed: [5, 10],
    running: [11],
    queued: [12],
    stopped: [],
    infeasible: [],
  };

  for (const [status, expected] of Object.entries(cases)) {
    assert.deepEqual(await numbers(group, { status }), expected);
    assert.deepEqual(await numbers(group, { status, limit: '1' }), expected);
    const sorted = await numbers(group, { status, sort: 'objective', limit: '2' });
    assert.deepEqual(
      sorted.toSorted((a, b) => a - b),
      expected,
    );
  }
});

test('cursors of experiments stay valid while more are added and others end', async () => {
  const group = await service.open({
    concurrency: 100,
    random_search: { n_experiments: 60, metric: LOSS },
    matrix: { x: { uniform: [0, 1] } },
  });
  await group.suggest({ count: 30 });
  const seen: number[] = [];
  let cursor: object = {};
  for (let turn = 0; ; turn++) {
    const query = { limit: '7', ...cursor };
    const page = await service.done('listExperiments', { group: group.id, query });
    seen.push(...page.items.map(({ number }) => number));
    if (page.next_cursor === null) break;
    cursor = { cursor: page.next_cursor };
    await group.suggest({ count: 5 });
    await group.report(turn + 1, { metrics: { loss: turn }, status: 'succeeded' });
  }

  assert.deepEqual(
    seen,
    Array.from({ length: seen.length }, (_, i) => i + 1),
  );
  assert.ok(seen.length > 30);
});

test('a page has 50 items unless asked for other numbers up to 200', async () => {
  const group = await service.open({
    concurrency: 300,
    random_search: { n_experiments: 300 },
    matrix: { x: { uniform: [0, 1] } },
  });
  for (let i = 0; i < 3; i++) await group.suggest({ count: 100 });
  const size = async (query: Record<string, string>): Promise<number> =>
    (await service.done('listExperiments', { group: group.id, query })).items.length;

  assert.equal(await size({}), 50);
  assert.equal(await size({ limit: '1' }), 1);
  assert.equal(await size({ limit: '200' }), 200);
});

const LISTS = ['listGroups', 'listExperiments', 'listEvents', 'listMeasurements'] as const;

for (const list of LISTS) {
  test(`${list} clamps nothing: a limit outside 1 to 200 is refused`, async () => {
    const group = await service.open({ matrix: THREE });
    await group.next();

    for (const limit of ['0', '201', '-1', '1.5', '1e1', '', ' 5', 'ten', '0x10', '99999999999']) {
      const sent = { number: 1, query: { limit } };
      const { errors, status } = await group.refused(list, sent, 'invalid_request');
      assert.equal(status, 422);
      assert.deepEqual(
        errors.map(({ path }) => path),
        ['limit'],
      );
    }
  });

  test(`${list} refuses what is no cursor of it`, async () => {
    const group = await service.open({ matrix: THREE });
    await group.next();

    for (const cursor of [
      '',
      'x',
      'bm90IGpzb24',
      Buffer.from('{"p":-1}').toString('base64url'),
      Buffer.from('{"p":1e999}').toString('base64url'),
      Buffer.from('{"g":"grp_1"}').toString('base64url'),
      Buffer.from('{"n":"1","o":null,"s":"number"}').toString('base64url'),
      Buffer.from('null').toString('base64url'),
      Buffer.from('{"p":0,"q":1}').toString('base64url'),
      'a'.repeat(300),
      'ü',
    ]) {
      const sent = { number: 1, query: { cursor } };
      const { errors, status } = await group.refused(list, sent, 'invalid_request');
      assert.equal(status, 422);
      assert.deepEqual(
        errors.map(({ path }) => path),
        ['cursor'],
      );
    }
  });

  test(`${list} refuses query parameters that it does not know, and those sent twice`, async () => {
    const group = await service.open({ matrix: THREE });
    await group.next();

    const unknown = { number: 1, query: { limt: '5' } };
    const { errors } = await group.refused(list, unknown, 'invalid_request');
    assert.deepEqual(
      errors.map(({ path, suggestion }) => [path, suggestion]),
      [['limt', 'limit']],
    );

    const { path } = service.contract.place(list);
    const filled = path.replace('{group}', group.id).replace('{number}', '1');
    const { status, problem } = await service.request('GET', `${filled}?limit=5&limit=6`);
    assert.equal(status, 422);
    assert.deepEqual(
      problem?.errors.map((mistake) => mistake.path),
      ['limit'],
    );
  });
}

test('a cursor of one order is no cursor of the other', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });
  await group.suggest({ count: 3 });
  const { next_cursor } = await service.done('listExperiments', {
    group: group.id,
    query: { limit: '1' },
  });

  const query = { cursor: next_cursor ?? '', sort: 'objective' };
  const { errors } = await group.refused('listExperiments', { query }, 'invalid_request');

  assert.deepEqual(
    errors.map(({ path }) => path),
    ['cursor'],
  );
});

test('a status or an order that does not exist is refused, and the nearest one named', async () => {
  const group = await service.open({ matrix: THREE });

  const { errors } = await group.refused(
    'listExperiments',
    { query: { status: 'runing', sort: 'objectiv' } },
    'invalid_request',
  );
  const groups = await service.refused(
    'listGroups',
    { query: { status: 'Done' } },
    'invalid_request',
  );

  assert.deepEqual(
    errors.map(({ path, suggestion }) => [path, suggestion]),
    [
      ['status', 'running'],
      ['sort', 'objective'],
    ],
  );
  assert.equal(groups.errors[0]?.suggestion, 'done');
});

test('a cursor beyond the end gives an empty page', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();
  const cursor = Buffer.from('{"p":1000000}').toString('base64url');

  for (const list of ['listEvents', 'listMeasurements'] as const) {
    const page = await service.done(list, { group: group.id, number: 1, query: { cursor } });
    assert.deepEqual(page, { items: [], next_cursor: null });
  }
});

test('a log is read from its newest event on, page by page', async () => {
  const group = await service.open({ random_search: { n_experiments: 9 }, matrix: LONG });
  for (let i = 0; i < 9; i++) {
    const { number } = await group.next();
    await group.report(number, { status: 'succeeded' });
  }
  const all = await group.events();

  const read = (at: object) =>
    service.done('listEvents', { group: group.id, query: { sort: 'newest', limit: '4', ...at } });
  const first = await read({});
  const newest = await walk(read);

  assert.deepEqual(newest, all.toReversed());
  assert.deepEqual(first.items, all.slice(-4).reverse());
});

test('a page of the newest events goes on where it ended, while more happens', async () => {
  const group = await service.open({ random_search: { n_experiments: 9 }, matrix: LONG });
  await group.next();
  const before = await group.events();
  const query = { sort: 'newest', limit: '1' };
  const first = await service.done('listEvents', { group: group.id, query });

  await group.report(1, { status: 'succeeded' });

  const cursor = first.next_cursor ?? '';
  const rest = await service.done('listEvents', { group: group.id, query: { ...query, cursor } });
  assert.deepEqual([...first.items, ...rest.items], before.toReversed().slice(0, 2));
});

test('a cursor of a log is refused in the other order', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();
  const query = { sort: 'newest', limit: '1' };
  const { next_cursor: cursor } = await service.done('listEvents', { group: group.id, query });

  const { errors } = await service.refused(
    'listEvents',
    { group: group.id, query: { cursor: cursor ?? '' } },
    'invalid_request',
  );

  assert.equal(errors[0]?.path, 'cursor');
});
