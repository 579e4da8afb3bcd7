import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Success } from '../helpers/contract.ts';
import type { GroupClient } from '../helpers/service.ts';
import { LOSS, startService, THREE, tokenOf } from '../helpers/service.ts';

/*
 * The calls that plots are drawn from, held against what the calls for single experiments say.
 */

const service = await startService();
after(service.close);

const ms = (time: string | null): number | null => (time === null ? null : Date.parse(time));

type Columns = Success['columns'];

const columnsOf = ({ id }: GroupClient, query: Readonly<Record<string, string>> = {}) =>
  service.done('columns', { group: id, query });

/** What columns say of each experiment, as the experiment itself would say it. */
const rowsOf = (columns: Columns) =>
  columns.numbers.map((number, i) => ({
    number,
    status: columns.status.names[columns.status.codes[i] ?? -1],
    source: columns.source.names[columns.source.codes[i] ?? -1],
    objective: columns.objective[i],
    created: columns.created_at_ms[i],
    started: columns.started_at_ms[i],
    finished: columns.finished_at_ms[i],
    values: Object.fromEntries(columns.parameters.map((name) => [name, columns.values[name]?.[i]])),
    rung: columns.rung[i],
    bracket: columns.bracket[i],
    resource: columns.resource[i],
    parent: columns.parent[i],
  }));

/** The same of experiments as they are read one by one. */
async function rowsByExperiment(group: GroupClient, parameters: readonly string[]) {
  return (await group.experiments()).map((one) => ({
    number: one.number,
    status: one.status,
    source: one.source,
    objective: one.finished_at === null ? null : one.objective,
    created: ms(one.created_at),
    started: ms(one.started_at),
    finished: ms(one.finished_at),
    values: Object.fromEntries(parameters.map((name) => [name, one.values[name]])),
    rung: one.rung?.rung ?? null,
    bracket: one.rung?.bracket ?? null,
    resource: one.rung?.resource ?? null,
    parent: one.resume_from?.number ?? null,
  }));
}

async function openMixed(): Promise<GroupClient> {
  const group = await service.open({
    concurrency: 10,
    random_search: { n_experiments: 20, metric: LOSS },
    matrix: { lr: { loguniform: [-9, 0] }, kind: { values: ['a', 'b'] } },
  });
  for (const [i, status] of (['succeeded', 'failed', 'stopped', 'succeeded'] as const).entries()) {
    const { number } = await group.next();
    await group.report(number, { metrics: { loss: i === 3 ? 'NaN' : i }, status });
  }
  const running = await group.next();
  await group.report(running.number, { metrics: { loss: 9 } });
  await group.add({ values: { lr: 0.5, kind: 'a' } });
  return group;
}

test('columns say of every experiment what reading it says', async () => {
  const group = await openMixed();

  const columns = await columnsOf(group);

  assert.equal(columns.metric, 'loss');
  assert.equal(columns.optimization, 'minimize');
  assert.deepEqual(columns.parameters, ['lr', 'kind']);
  assert.equal(columns.count, 6);
  assert.equal(columns.next_cursor, null);
  assert.deepEqual(rowsOf(columns), await rowsByExperiment(group, columns.parameters));
  assert.deepEqual(columns.objective, [0, 1, 2, 'NaN', null, null]);
});

test('columns come page by page', async () => {
  const group = await openMixed();
  const whole = rowsOf(await columnsOf(group));
  const rows = [];
  let cursor: string | null = null;
  do {
    const query: Readonly<Record<string, string>> = cursor === null ? {} : { cursor };
    const page: Columns = await columnsOf(group, { limit: '2', ...query });
    assert.equal(page.count, 6);
    assert.ok(page.numbers.length <= 2);
    rows.push(...rowsOf(page));
    cursor = page.next_cursor;
  } while (cursor !== null);

  assert.deepEqual(rows, whole);
});

test('a page of columns ends early where the values are long', async () => {
  const long = 'x'.repeat(4_000);
  const group = await service.open({
    random_search: { n_experiments: 1, metric: LOSS },
    matrix: Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`p${i}`, { values: [long, 'short'] }]),
    ),
  });
  const values = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`p${i}`, long]));
  for (let i = 0; i < 21; i++) await group.add({ values });

  const first = await columnsOf(group);
  const second = await columnsOf(group, { cursor: first.next_cursor ?? '' });

  assert.ok(JSON.stringify(first).length < 4_300_000);
  assert.ok(first.numbers.length < 21 && first.numbers.length > 10);
  assert.deepEqual(
    [...first.numbers, ...second.numbers],
    Array.from({ length: 21 }, (_, i) => i + 1),
  );
});

test('a group without experiments has empty columns, and one without a metric has no objective', async () => {
  const group = await service.open({ matrix: THREE });

  const columns = await columnsOf(group);

  assert.deepEqual(
    { ...columns, status: columns.status.codes, source: columns.source.codes },
    {
      metric: null,
      optimization: null,
      parameters: ['lr'],
      count: 0,
      numbers: [],
      status: [],
      source: [],
      objective: [],
      created_at_ms: [],
      started_at_ms: [],
      finished_at_ms: [],
      values: { lr: [] },
      bracket: [],
      rung: [],
      resource: [],
      parent: [],
      next_cursor: null,
    },
  );
});

test('what has not changed is not sent again to who has its ETag', async () => {
  const group = await service.open({
    random_search: { n_experiments: 20, metric: LOSS },
    matrix: THREE,
  });
  for (const operation of ['readGroup', 'columns', 'rungs'] as const) {
    const first = await service.call(operation, { group: group.id });
    const etag = first.headers.get('etag') ?? '';
    assert.match(etag, /^"[\w.]+"$/);

    const again = await service.call(operation, {
      group: group.id,
      headers: { 'if-none-match': `"other", W/${etag}` },
    });
    assert.equal(again.status, 304);
    assert.equal(again.headers.get('etag'), etag);

    const { number } = await group.next();
    const changed = await service.call(operation, {
      group: group.id,
      headers: { 'if-none-match': etag },
    });
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.get('etag'), etag);
    await group.report(number, { metrics: { loss: 1 }, status: 'succeeded' });
  }
});

test('a learning curve has the steps of the newest attempt in their order, the last value of each', async () => {
  const group = await service.open({
    concurrency: 5,
    max_attempts: 3,
    retry_failed: true,
    random_search: { n_experiments: 20, metric: LOSS },
    matrix: { lr: { uniform: [0, 1] } },
  });
  const first = await group.next();
  await group.report(first.number, { metrics: { loss: 9 }, step: 7 });
  await group.report(first.number, { status: 'failed' });
  const again = await group.next();
  assert.equal(again.number, first.number);
  await group.report(again.number, { metrics: { loss: 3, accuracy: 0.5 }, step: 2 });
  await group.report(again.number, { metrics: { loss: 2 }, step: 1 });
  await group.report(again.number, { metrics: { loss: 'NaN' }, step: 3 });
  await group.report(again.number, { metrics: { loss: 2.5 }, step: 2 });
  const stepless = await group.next();
  await group.report(stepless.number, { metrics: { loss: 1 } });
  const other = await group.next();
  await group.report(other.number, { metrics: { loss: 4 }, step: 0, status: 'succeeded' });

  const curves = await service.done('curves', { group: group.id });
  const accuracy = await service.done('curves', {
    group: group.id,
    query: { metric: 'accuracy' },
  });

  assert.deepEqual(curves, {
    metric: 'loss',
    items: [
      { number: first.number, status: 'running', steps: [1, 2, 3], values: [2, 2.5, 'NaN'] },
      { number: other.number, status: 'succeeded', steps: [0], values: [4] },
    ],
    next_cursor: null,
  });
  assert.deepEqual(accuracy.items, [
    { number: first.number, status: 'running', steps: [2], values: [0.5] },
  ]);
});

test('learning curves come page by page, for some experiments only where they are named', async () => {
  const group = await service.open({
    concurrency: 9,
    random_search: { n_experiments: 9, metric: LOSS },
    matrix: { lr: { uniform: [0, 1] } },
  });
  for (let i = 0; i < 5; i++) {
    const { number } = await group.next();
    await group.report(number, { metrics: { loss: i }, step: 1 });
  }
  const numbersOf = (page: Success['curves']) => page.items.map(({ number }) => number);
  const read = (query: Readonly<Record<string, string>>) =>
    service.done('curves', { group: group.id, query });

  const first = await read({ limit: '3' });
  const second = await read({ limit: '3', cursor: first.next_cursor ?? '' });
  const named = await read({ numbers: '5,1,99,1' });
  const namedFirst = await read({ numbers: '5,1', limit: '1' });
  const namedSecond = await read({ numbers: '5,1', cursor: namedFirst.next_cursor ?? '' });

  assert.deepEqual(
    [numbersOf(first), numbersOf(second)],
    [
      [1, 2, 3],
      [4, 5],
    ],
  );
  assert.equal(second.next_cursor, null);
  assert.deepEqual(numbersOf(named), [1, 5]);
  assert.deepEqual([numbersOf(namedFirst), numbersOf(namedSecond)], [[1], [5]]);
  assert.equal(namedSecond.next_cursor, null);
});

test('a long learning curve is thinned to a hundred points, the first and the last among them', async () => {
  const group = await service.open({
    random_search: { n_experiments: 9, metric: LOSS },
    matrix: { lr: { uniform: [0, 1] } },
  });
  const { number } = await group.next();
  for (const from of [0, 500, 1_000]) {
    await group.report(number, {
      measurements: Array.from({ length: 500 }, (_, i) => ({
        step: from + i,
        metrics: { loss: (from + i) / 2, other: 1 },
      })),
    });
  }

  const [curve] = (await service.done('curves', { group: group.id })).items;

  const { steps = [], values = [] } = curve ?? {};
  assert.equal(steps.length, 100);
  assert.equal(steps[0], 0);
  assert.equal(steps.at(-1), 1_499);
  assert.deepEqual(
    values,
    steps.map((step) => step / 2),
  );
  const gaps = steps.slice(1).map((step, i) => step - (steps[i] ?? 0));
  assert.ok(Math.max(...gaps) <= 16 && Math.min(...gaps) >= 14);
});

test('a search without a metric has no curves but those that are asked for', async () => {
  const group = await service.open({ matrix: THREE });
  const { number } = await group.next();
  await group.report(number, { metrics: { loss: 1 }, step: 1 });

  const nothing = await service.done('curves', { group: group.id });
  const named = await service.done('curves', { group: group.id, query: { metric: 'loss' } });

  assert.deepEqual(nothing, { metric: null, items: [], next_cursor: null });
  assert.equal(named.items.length, 1);
});

const HYPERBAND = {
  max_iter: 9,
  eta: 3,
  resource: { name: 'epochs', type: 'int' },
  metric: LOSS,
} as const;

/** Runs everything that is free until nothing is; the loss follows from the values. */
async function work(group: GroupClient, until = Number.POSITIVE_INFINITY): Promise<void> {
  for (let done = 0; done < until; ) {
    const { experiments, group_status: status } = await group.suggest({
      count: 10,
      wait_seconds: 2,
    });
    if (experiments.length === 0 && status !== 'running') return;
    for (const { number, values } of experiments) {
      done++;
      const loss = Number(values['lr']);
      await group.report(number, { metrics: { loss }, status: 'succeeded' });
    }
  }
}

/** What holds in every picture of rungs. */
async function assertPicture(group: GroupClient): Promise<Success['rungs']> {
  const picture = await service.done('rungs', { group: group.id });
  const experiments = await group.experiments();
  const byNumber = new Map(experiments.map((one) => [one.number, one]));
  const continued = new Set(experiments.map((one) => one.resume_from?.number));
  let seen = 0;
  for (const { bracket, rungs } of picture.brackets ?? []) {
    for (const { rung, resource, experiments: shown, count } of rungs) {
      assert.equal(shown.length, count);
      for (const one of shown) {
        const read = byNumber.get(one.number);
        assert.deepEqual(read?.rung, { bracket, rung, resource });
        assert.equal(one.status, read?.status);
        assert.equal(one.parent, read?.resume_from?.number ?? null);
        if (read?.finished_at !== null) assert.equal(one.objective, read?.objective);
        if (continued.has(one.number)) assert.ok(one.promoted);
        seen++;
      }
    }
  }
  assert.equal(seen, experiments.length);
  assert.equal(picture.truncated, false);
  return picture;
}

test('the rungs of hyperband tell who is there, who goes on and what is to come', async () => {
  const group = await service.open({
    concurrency: 3,
    hyperband: { ...HYPERBAND, resume: true },
    matrix: { lr: { uniform: [0, 1] } },
  });
  const statuses = ({ brackets }: Success['rungs']) =>
    brackets?.map(({ rungs }) => rungs.map(({ status }) => status));

  const before = await assertPicture(group);
  await work(group, 5);
  const during = await assertPicture(group);
  await work(group);
  const done = await assertPicture(group);

  assert.deepEqual(
    before.brackets?.map(({ bracket, rungs }) => [bracket, rungs.map((rung) => rung.capacity)]),
    [
      [2, [9, 3, 1]],
      [1, [5, 1]],
      [0, [3]],
    ],
  );
  assert.deepEqual(statuses(before), [
    ['waiting', 'waiting', 'waiting'],
    ['waiting', 'waiting'],
    ['waiting'],
  ]);
  assert.deepEqual(statuses(during), [
    ['open', 'waiting', 'waiting'],
    ['waiting', 'waiting'],
    ['waiting'],
  ]);
  assert.deepEqual(statuses(done), [
    ['closed', 'closed', 'closed'],
    ['closed', 'closed'],
    ['closed'],
  ]);
  const [largest] = done.brackets ?? [];
  const promoted = largest?.rungs.map(
    ({ experiments }) => experiments.filter((one) => one.promoted).length,
  );
  assert.deepEqual(promoted, [3, 1, 0]);
});

test('the rungs of asha tell who goes on, whether it has a place yet or not', async () => {
  const group = await service.open({
    concurrency: 3,
    asha: { ...HYPERBAND, n_experiments: 12, resume: true },
    matrix: { lr: { uniform: [0, 1] } },
  });

  const before = await assertPicture(group);
  await work(group, 6);
  const during = await assertPicture(group);
  await work(group);
  const done = await assertPicture(group);

  assert.deepEqual(
    before.brackets?.[0]?.rungs.map(({ capacity, status }) => [capacity, status]),
    [
      [12, 'open'],
      [null, 'waiting'],
      [null, 'waiting'],
    ],
  );
  const [first] = during.brackets?.[0]?.rungs ?? [];
  assert.ok(first?.experiments.some(({ promoted }) => promoted));
  assert.deepEqual(
    done.brackets?.[0]?.rungs.map(({ status }) => status),
    ['closed', 'closed', 'closed'],
  );
});

test('a search without rungs says so', async () => {
  const group = await service.open({ matrix: THREE });

  const rungs = await service.done('rungs', { group: group.id });

  assert.equal(rungs.brackets, null);
});

test('what is asked for wrongly is refused with the place and the rule', async () => {
  const group = await service.open({ matrix: THREE });
  const cases = [
    ['columns', { limit: '5001' }, 'limit'],
    ['columns', { limit: '0' }, 'limit'],
    ['columns', { cursor: 'abc' }, 'cursor'],
    ['columns', { colour: 'red' }, 'colour'],
    ['curves', { limit: '201' }, 'limit'],
    ['curves', { numbers: '0' }, 'numbers'],
    ['curves', { numbers: Array.from({ length: 201 }, (_, i) => i + 1).join(',') }, 'numbers'],
    ['curves', { metric: '' }, 'metric'],
  ] as const;

  for (const [operation, query, path] of cases) {
    const problem = await service.refused(operation, { group: group.id, query }, 'invalid_request');
    assert.deepEqual(
      problem.errors.map((error) => error.path),
      [path],
    );
  }
  const group404 = 'grp_00000000000000000000000000';
  for (const operation of ['columns', 'curves', 'rungs'] as const) {
    await service.refused(operation, { group: group404 }, 'group_not_found');
  }
});

test('the token of a lease opens none of the calls for plots', async () => {
  const group = await service.open({ matrix: THREE });
  const token = tokenOf(await group.next());

  for (const operation of ['columns', 'curves', 'rungs'] as const) {
    const headers = { authorization: `Bearer ${token}` };
    await service.refused(operation, { group: group.id, headers }, 'forbidden');
  }
});

test('the schema of a polyaxonfile needs no key and accepts what the service accepts', async () => {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const schema = await service.done('documentSchema');
  const validate = new Ajv2020({ strict: false }).compile(schema);
  const document = { version: 1, kind: 'group', hptuning: { matrix: THREE } };

  assert.ok(validate(document), JSON.stringify(validate.errors));
  assert.ok(!validate({ ...document, hptuning: { matrx: THREE } }));
});
