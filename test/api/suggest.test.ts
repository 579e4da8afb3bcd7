import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Experiment } from '../helpers/contract.ts';
import type { GroupClient } from '../helpers/service.ts';
import { expiryOf, LOSS, startService, THREE, tokenOf } from '../helpers/service.ts';

const service = await startService();
after(service.close);

const UNIFORM = { x: { uniform: [0, 1] } } as const;

const numbersOf = (experiments: readonly Experiment[]): readonly number[] =>
  experiments.map(({ number }) => number);

const valuesOf = (experiments: readonly Experiment[]): readonly Experiment['values'][] =>
  experiments.map(({ values }) => values);

/** Works on a group to its end, one experiment after the other; the values in the order of hand-out. */
async function workThrough(group: GroupClient): Promise<readonly Experiment['values'][]> {
  const values: Experiment['values'][] = [];
  for (;;) {
    const { experiments, group_status } = await group.suggest();
    const [experiment] = experiments;
    if (experiment === undefined) {
      assert.equal(group_status, 'done');
      return values;
    }
    values.push(experiment.values);
    await group.report(experiment.number, { metrics: { loss: 1 }, status: 'succeeded' });
  }
}

const REFERENCE_GRID = { lr: { logspace: '0.01:0.1:5' }, dropout: { values: [0.2, 0.5] } };

test('a grid is handed out in the order of its keys, the last one varying fastest', async () => {
  const group = await service.open({ matrix: REFERENCE_GRID });

  const values = await workThrough(group);

  const rates = [...new Set(values.map(({ lr }) => lr))];
  assert.equal(rates.length, 5);
  assert.deepEqual(
    values,
    rates.flatMap((lr) => [
      { lr, dropout: 0.2 },
      { lr, dropout: 0.5 },
    ]),
  );
  assert.equal((await group.read()).progress.planned, 10);
});

test('n_experiments 4 takes the first four points of the grid, exactly', async () => {
  const group = await service.open({
    grid_search: { n_experiments: 4 },
    matrix: REFERENCE_GRID,
  });

  const values = await workThrough(group);

  const [first, second] = [10 ** 0.01, 10 ** 0.0325];
  assert.deepEqual(
    values.map(({ lr, dropout }) => [Number(lr).toPrecision(10), dropout]),
    [
      [first.toPrecision(10), 0.2],
      [first.toPrecision(10), 0.5],
      [second.toPrecision(10), 0.2],
      [second.toPrecision(10), 0.5],
    ],
  );
});

test('n_experiments above the product of a grid means all of it', async () => {
  const group = await service.open({ grid_search: { n_experiments: 1_000 }, matrix: THREE });

  assert.equal((await group.read()).progress.planned, 3);
  assert.equal((await workThrough(group)).length, 3);
});

test('repeated values of a grid give repeated points', async () => {
  const group = await service.open({ matrix: { a: { values: [1, 1.0, '1', true] } } });

  assert.deepEqual(await workThrough(group), [{ a: 1 }, { a: 1 }, { a: '1' }, { a: true }]);
});

test('a grid of 10^12 points costs nothing until it is asked for', async () => {
  const axis = { range: [0, 1_000, 1] };
  const group = await service.open({ matrix: { a: axis, b: axis, c: axis, d: axis } });

  const { experiments } = await group.suggest();

  assert.deepEqual(valuesOf(experiments), [{ a: 0, b: 0, c: 0, d: 0 }]);
  assert.equal((await group.read()).progress.planned, 1e12);
});

test('random search in a finite matrix ends with its distinct points, and shows how many', async () => {
  const group = await service.open({
    random_search: { n_experiments: 1_000 },
    matrix: {
      a: { values: [1, 1.0, 2] },
      b: {
        pvalues: [
          ['relu', 0.5],
          ['elu', 0],
          ['tanh', 0.5],
        ],
      },
      c: { quniform: [0, 1, 0.5] },
    },
  });

  const values = await workThrough(group);

  assert.equal((await group.read()).progress.planned, 12);
  assert.equal(values.length, 12);
  assert.equal(new Set(values.map((value) => JSON.stringify(value))).size, 12);
  const done = await group.read();
  assert.equal(done.status, 'done');
  assert.equal(done.status_reason?.code, 'exhausted');
});

test('random search that finds no further point ends exhausted, with a warning', async () => {
  const group = await service.open({
    random_search: { n_experiments: 50 },
    matrix: { a: { qnormal: [0, 0.001, 1] } },
  });

  assert.deepEqual(await workThrough(group), [{ a: 0 }]);

  const { status, status_reason, progress, warnings } = await group.read();
  assert.equal(status, 'done');
  assert.equal(status_reason?.code, 'exhausted');
  assert.equal(progress.planned, 1);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['space_exhausted'],
  );
});

test('random search draws distinct points, as many as it was asked for', async () => {
  const group = await service.open({
    concurrency: 100,
    random_search: { n_experiments: 100 },
    matrix: { a: { range: [0, 150, 1] } },
  });

  const { experiments } = await group.suggest({ count: 100 });

  assert.equal(new Set(experiments.map(({ values }) => values['a'])).size, 100);
});

test('a handed-out experiment has a number, values, an attempt and a lease', async () => {
  const group = await service.open({
    lease_seconds: 60,
    random_search: { n_experiments: 2 },
    matrix: UNIFORM,
  });

  const experiment = await group.next({ worker: 'node-7' });

  assert.equal(experiment.group, group.id);
  assert.equal(experiment.number, 1);
  assert.equal(experiment.status, 'running');
  assert.equal(experiment.worker, 'node-7');
  assert.equal(experiment.attempt, 1);
  assert.equal(experiment.source, 'random');
  assert.equal(experiment.objective, null);
  assert.deepEqual(experiment.metrics, {});
  assert.equal(expiryOf(experiment), Date.parse(experiment.started_at ?? '') + 60_000);
  assert.notEqual(tokenOf(experiment), '');
  assert.deepEqual(await group.experiment(1), experiment);
});

test('numbers count 1, 2, 3 within each group, without gaps', async () => {
  const groups = [
    await service.open({ concurrency: 9, matrix: REFERENCE_GRID }),
    await service.open({ concurrency: 9, matrix: REFERENCE_GRID }),
  ];
  for (const group of groups) {
    const first = await group.suggest({ count: 2 });
    const own = await group.add({ values: { lr: 1.1, dropout: 0.3 } });
    const rest = await group.suggest({ count: 3 });

    assert.deepEqual(
      [...numbersOf(first.experiments), own.number, ...numbersOf(rest.experiments)],
      [1, 2, 3, 3, 4, 5],
    );
  }
});

test('an empty body asks for one experiment', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });

  const { value } = await service.call('suggest', { group: group.id });

  assert.deepEqual(numbersOf(value?.experiments ?? []), [1]);
});

test('where fewer are free than asked for, they are handed out without an error', async () => {
  const group = await service.open({ concurrency: 2, matrix: THREE });

  const answer = await group.suggest({ count: 100 });

  assert.deepEqual(numbersOf(answer.experiments), [1, 2]);
  assert.equal(answer.group_status, 'running');
  assert.equal(answer.reason, null);
  assert.equal(answer.retry_after_seconds, null);
});

test('at the concurrency limit nothing is free now: concurrency, with the time to wait', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();

  const { value, headers } = await service.call('suggest', { group: group.id });

  assert.deepEqual(value?.experiments, []);
  assert.equal(value?.group_status, 'running');
  assert.equal(value?.reason, 'concurrency');
  assert.ok((value?.retry_after_seconds ?? 0) > 0);
  assert.equal(headers.get('retry-after'), String(value?.retry_after_seconds));
});

test('when all is handed out but may come back, the reason is waiting', async () => {
  const group = await service.open({ concurrency: 5, matrix: THREE });
  await group.suggest({ count: 3 });

  const answer = await group.suggest();

  assert.deepEqual(answer.experiments, []);
  assert.equal(answer.reason, 'waiting');
});

test('a group that hands out nothing ever again says so with its status', async () => {
  const done = await service.open({ grid_search: { n_experiments: 1 }, matrix: THREE });
  const stopped = await service.open({ matrix: THREE });
  await workThrough(done);
  await stopped.stop();

  for (const [group, status] of [
    [done, 'done'],
    [stopped, 'stopped'],
  ] as const) {
    const { value, headers } = await service.call('suggest', { group: group.id });

    assert.deepEqual(value, {
      experiments: [],
      group_status: status,
      reason: null,
      retry_after_seconds: null,
    });
    assert.equal(headers.get('retry-after'), null);
  }
});

test('without a worker nobody is handed the same experiment twice', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });

  const seen = [await group.next(), await group.next(), await group.next()];

  assert.deepEqual(numbersOf(seen), [1, 2, 3]);
});

test('a worker that asks again gets what it holds, with the same token renewed', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });
  const first = await group.next({ worker: 'node-7' });
  service.pass(100);

  const again = await group.next({ worker: 'node-7' });

  assert.equal(again.number, first.number);
  assert.equal(again.attempt, 1);
  assert.equal(tokenOf(again), tokenOf(first));
  assert.ok(expiryOf(again) >= expiryOf(first) + 100_000);
});

test('what a worker holds comes first, by number, and counts towards what it asks for', async () => {
  const group = await service.open({ concurrency: 10, matrix: REFERENCE_GRID });
  await group.suggest({ count: 2, worker: 'a' });
  await group.suggest({ count: 1, worker: 'b' });
  await group.suggest({ count: 3, worker: 'a' });

  const fewer = await group.suggest({ count: 2, worker: 'a' });
  const more = await group.suggest({ count: 5, worker: 'a' });

  assert.deepEqual(numbersOf(fewer.experiments), [1, 2]);
  assert.deepEqual(numbersOf(more.experiments), [1, 2, 4, 5, 6]);
});

test('a worker is never handed what another one holds', async () => {
  const group = await service.open({ concurrency: 10, matrix: REFERENCE_GRID });
  const a = await group.next({ worker: 'a' });
  const b = await group.next({ worker: 'b' });
  const nobody = await group.next();

  const [again] = (await group.suggest({ worker: 'b' })).experiments;

  assert.deepEqual(numbersOf([a, b, nobody]), [1, 2, 3]);
  assert.equal(again?.number, 2);
});

test('what a worker has ended is not handed to it again', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });
  await group.next({ worker: 'a' });
  await group.report(1, { status: 'succeeded' });

  assert.equal((await group.next({ worker: 'a' })).number, 2);
});

test('at the concurrency limit a worker still gets back what it holds', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next({ worker: 'a' });

  const answer = await group.suggest({ worker: 'a', count: 2 });

  assert.deepEqual(numbersOf(answer.experiments), [1]);
  assert.equal(answer.reason, null);
});

const FREED: readonly { by: string; free: (group: GroupClient) => Promise<unknown> }[] = [
  { by: 'the end of another experiment', free: (group) => group.report(1, { status: 'failed' }) },
  { by: 'an experiment that is given back', free: (group) => group.release(1) },
];

for (const { by, free } of FREED) {
  test(`a call that waits returns as soon as a place is freed by ${by}`, async () => {
    const group = await service.open({ matrix: THREE });
    await group.next();
    const waiting = group.suggest({ wait_seconds: 20 });

    await free(group);

    assert.equal((await waiting).experiments.length, 1);
  });
}

test('a call that waits returns as soon as an own experiment is added', async () => {
  const group = await service.open({ concurrency: 5, matrix: THREE });
  await group.suggest({ count: 3 });
  const waiting = group.suggest({ wait_seconds: 20 });

  await group.add({ values: { lr: 0.15 } });

  assert.deepEqual(valuesOf((await waiting).experiments), [{ lr: 0.15 }]);
});

test('a call that waits returns as soon as a lease has lapsed', async () => {
  const group = await service.open({ lease_seconds: 10, matrix: THREE });
  await group.next();
  service.pass(9.7);

  const [again] = (await group.suggest({ wait_seconds: 20 })).experiments;

  assert.equal(again?.attempt, 2);
  const late = service.now() - Date.parse(again?.started_at ?? '');
  assert.ok(late < 5_000, 'it was handed out when the lease lapsed, not when the wait was over');
  const waitedMs = Date.parse(again?.started_at ?? '') - Date.parse(again?.created_at ?? '');
  assert.ok(waitedMs < 15_000, `handed out ${waitedMs} ms after its first hand-out`);
});

test('a call that waits returns as soon as the group is done or stopped', async () => {
  const done = await service.open({ grid_search: { n_experiments: 1 }, matrix: THREE });
  const stopped = await service.open({ matrix: THREE });
  await done.next();
  await stopped.next();
  const waiting = [done.suggest({ wait_seconds: 20 }), stopped.suggest({ wait_seconds: 20 })];

  await done.report(1, { status: 'succeeded' });
  await stopped.stop();
  await stopped.report(1, { status: 'stopped' });

  const answers = await Promise.all(waiting);
  assert.deepEqual(
    answers.map(({ experiments, group_status }) => [experiments.length, group_status]),
    [
      [0, 'done'],
      [0, 'stopped'],
    ],
  );
});

test('a call that waits in vain answers that nothing is free', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();

  const answer = await group.suggest({ wait_seconds: 0.2 });

  assert.deepEqual(answer.experiments, []);
  assert.equal(answer.reason, 'concurrency');
});

test('a call does not wait for more where something is free', async () => {
  const group = await service.open({ matrix: THREE });

  const answer = await group.suggest({ count: 3, wait_seconds: 20 });

  assert.deepEqual(numbersOf(answer.experiments), [1]);
});

test('many waiting calls share what becomes free, each experiment going to one of them', async () => {
  const group = await service.open({
    concurrency: 3,
    random_search: { n_experiments: 30 },
    matrix: UNIFORM,
  });
  await group.suggest({ count: 3 });
  const waiting = Array.from({ length: 12 }, () => group.suggest({ wait_seconds: 20 }));

  const seen: number[] = [1, 2, 3];
  const takers = waiting.map(async (answer) => {
    for (const { number } of (await answer).experiments) {
      seen.push(number);
      await group.report(number, { status: 'succeeded' });
    }
  });
  for (const number of [1, 2, 3]) await group.report(number, { status: 'succeeded' });
  await Promise.all(takers);

  assert.deepEqual(
    seen.toSorted((a, b) => a - b),
    Array.from({ length: 15 }, (_, i) => i + 1),
  );
});

const LOOPS = 200;

test(`concurrency and budget are exact, however many ask at once (${LOOPS} workers)`, async () => {
  const group = await service.open({
    concurrency: 17,
    random_search: { n_experiments: 250, metric: LOSS },
    matrix: UNIFORM,
  });
  const seen = new Set<number>();
  let running = 0;
  let mostRunning = 0;

  const work = async (): Promise<void> => {
    for (;;) {
      const { experiments, group_status } = await group.suggest({ wait_seconds: 2 });
      if (experiments.length === 0 && group_status !== 'running') return;
      for (const experiment of experiments) {
        assert.ok(!seen.has(experiment.number), `${experiment.number} was handed out once`);
        assert.equal(experiment.attempt, 1);
        seen.add(experiment.number);
        running += 1;
        mostRunning = Math.max(mostRunning, running);
        await group.report(experiment.number, { metrics: { loss: 1 }, step: 1 });
        running -= 1;
        await group.report(experiment.number, {
          metrics: { loss: experiment.number },
          step: 2,
          status: 'succeeded',
          lease_token: tokenOf(experiment),
        });
      }
    }
  };
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const { progress } = await group.read();
      assert.ok(progress.running <= 17, `${progress.running} running`);
    }
  };
  const watching = watch();
  await Promise.all(Array.from({ length: LOOPS }, work));
  isOver = true;
  await watching;

  assert.equal(seen.size, 250);
  assert.ok(mostRunning <= 17, `${mostRunning} ran at once`);
  const done = await group.read();
  assert.equal(done.status, 'done');
  assert.equal(done.progress.succeeded, 250);
  assert.equal(done.best?.number, 1);
  const listed = await group.experiments();
  assert.deepEqual(
    numbersOf(listed),
    Array.from({ length: 250 }, (_, i) => i + 1),
  );
});

const SEEDED = {
  version: 1,
  kind: 'group',
  hptuning: {
    seed: 42,
    concurrency: 60,
    random_search: { n_experiments: 60 },
    matrix: {
      lr: { loguniform: '-9:-1' },
      dropout: { quniform: [0, 0.5, 0.05] },
      activation: { values: ['relu', 'elu'] },
    },
  },
};

test('the same seed and document give the same values, in another process too', async () => {
  const { id } = await service.done('createGroup', { json: SEEDED });
  const here = valuesOf((await service.of(id).suggest({ count: 60 })).experiments);

  const script = fileURLToPath(new URL('../helpers/print-values.ts', import.meta.url));
  const there = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    input: JSON.stringify(SEEDED),
    encoding: 'utf8',
  });

  assert.equal(there.trim(), JSON.stringify(here));
});

test('who asks, how many at once and how experiments end do not change the values', async () => {
  const at = async (hptuning: object): Promise<GroupClient> => {
    const json = { ...SEEDED, hptuning: { ...SEEDED.hptuning, ...hptuning } };
    return service.of((await service.done('createGroup', { json })).id);
  };
  const together = await at({});
  const oneByOne = await at({ concurrency: 1, retry_failed: true });
  const [all, single] = [valuesOf((await together.suggest({ count: 60 })).experiments), []];
  const seen: Experiment['values'][] = single;
  for (let turn = 0; ; turn++) {
    const { experiments } = await oneByOne.suggest({ worker: `w${turn % 3}` });
    const [experiment] = experiments;
    if (experiment === undefined) break;
    if (experiment.attempt === 1) seen.push(experiment.values);
    await oneByOne.report(experiment.number, { status: turn % 4 === 0 ? 'failed' : 'succeeded' });
  }

  assert.deepEqual(seen, all);
});

test('another seed gives other values', async () => {
  const first = await service.open({ ...SEEDED.hptuning, seed: 1 });
  const second = await service.open({ ...SEEDED.hptuning, seed: 2 });

  assert.notDeepEqual((await first.next()).values, (await second.next()).values);
});

const MISTAKEN = [
  { json: { count: 0 }, path: 'count' },
  { json: { count: 101 }, path: 'count' },
  { json: { count: 1.5 }, path: 'count' },
  { json: { count: '2' }, path: 'count' },
  { json: { wait_seconds: -1 }, path: 'wait_seconds' },
  { json: { wait_seconds: 21 }, path: 'wait_seconds' },
  { json: { worker: '' }, path: 'worker' },
  { json: { worker: 'w'.repeat(129) }, path: 'worker' },
  { json: { worker: 7 }, path: 'worker' },
  { json: { cout: 1 }, path: 'cout', suggestion: 'count' },
] as const;

for (const { json, path, ...rest } of MISTAKEN) {
  test(`a suggest with ${JSON.stringify(json).slice(0, 40)} is refused at ${path}`, async () => {
    const group = await service.open({ matrix: THREE });

    const { errors, status } = await group.refused('suggest', { json }, 'invalid_request');

    assert.equal(status, 422);
    assert.deepEqual(
      errors.map((mistake) => mistake.path),
      [path],
    );
    assert.equal(errors[0]?.suggestion, 'suggestion' in rest ? rest.suggestion : undefined);
  });
}
