import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import type { GroupClient } from '../helpers/service.ts';
import { startService, THREE } from '../helpers/service.ts';

const service = await startService();
after(service.close);

/** A group whose first experiment is running. */
async function started(): Promise<GroupClient> {
  const group = await service.open({ matrix: THREE });
  await group.next();
  return group;
}

type Value = number | 'NaN' | 'Infinity' | '-Infinity';

interface Step {
  readonly step?: number;
  readonly metrics: Readonly<Record<string, Value>>;
}

interface Reported {
  readonly metric: string;
  readonly step: number | null;
  readonly value: Value;
}

/** The numbers of one experiment after one more step: every rule of the contract, as simply as can be. */
const recorded = (
  numbers: readonly Reported[],
  {
    step: at = null,
    metrics,
  }: { readonly step?: number | null; readonly metrics: Step['metrics'] },
): readonly Reported[] =>
  Object.entries(metrics).reduce((before, [metric, each]) => {
    const now: Reported = { metric, step: at, value: each };
    const isSame = (old: Reported): boolean => old.step === at && old.metric === metric;
    return at === null || !before.some(isSame)
      ? before.concat(now)
      : before.map((old) => (isSame(old) ? now : old));
  }, numbers);

function summaryOf(numbers: readonly Reported[], name: string): object {
  const own = numbers.filter(({ metric }) => metric === name);
  const steps = own.flatMap(({ step: at }) => (at === null ? [] : [at]));
  const greatest = steps.length === 0 ? null : Math.max(...steps);
  const last = own.filter(({ step: at }) => at === null || at === greatest).at(-1);
  const finite = own.map((number) => Number(number.value)).filter(Number.isFinite);
  return {
    last: last?.value,
    min: finite.length === 0 ? null : Math.min(...finite),
    max: finite.length === 0 ? null : Math.max(...finite),
    step: greatest,
    count: own.length,
  };
}

const METRICS = ['loss', 'acc', 'toString'] as const;

const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -9, max: 9 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('NaN' as const, 'Infinity' as const, '-Infinity' as const),
  },
);

const step: fc.Arbitrary<Step> = fc.record(
  {
    step: fc.integer({ min: 0, max: 12 }),
    metrics: fc.dictionary(fc.constantFrom(...METRICS), value, {
      minKeys: 1,
      noNullPrototype: true,
    }),
  },
  { requiredKeys: ['metrics'] },
);

const report: fc.Arbitrary<readonly Step[]> = fc.array(step, { minLength: 1, maxLength: 6 });

test('whatever is reported in whatever order, summaries and measurements tell it rightly', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(report, { minLength: 1, maxLength: 25 }), async (reports) => {
      const group = await started();

      for (const measurements of reports) await group.report(1, { measurements });

      const expected = reports.flat().reduce(recorded, []);

      const { metrics } = await group.experiment(1);
      for (const name of METRICS) {
        if (expected.every(({ metric }) => metric !== name)) continue;
        assert.deepEqual(metrics[name], summaryOf(expected, name), name);
      }
      const written = ({ metric, step: at, value: each }: Reported): string =>
        JSON.stringify([metric, at, each]);
      assert.deepEqual(
        (await group.measurements(1)).map(written).toSorted(),
        expected.map(written).toSorted(),
      );
    }),
    { numRuns: 60, seed: 20, endOnFailure: false },
  );
});

test('measurements come back by arrival, each with metric, value, step, attempt and time', async () => {
  const group = await started();
  await group.report(1, { metrics: { loss: 3, acc: 'NaN' }, step: 5 });
  await group.report(1, { metrics: { loss: 2 }, step: 1 });
  await group.report(1, { metrics: { loss: 1 } });

  const listed = await group.measurements(1);

  assert.deepEqual(
    listed.map(({ reported_at: _, ...rest }) => rest),
    [
      { metric: 'loss', value: 3, step: 5, attempt: 1 },
      { metric: 'acc', value: 'NaN', step: 5, attempt: 1 },
      { metric: 'loss', value: 2, step: 1, attempt: 1 },
      { metric: 'loss', value: 1, step: null, attempt: 1 },
    ],
  );
  const times = listed.map(({ reported_at }) => reported_at);
  assert.deepEqual(times, times.toSorted());
});

test('the same value of a step again changes nothing, another one replaces it in its place', async () => {
  const group = await started();
  for (let at = 1; at <= 3; at++) await group.report(1, { metrics: { loss: at }, step: at });
  await group.report(1, { metrics: { loss: 2 }, step: 2 });

  await group.report(1, { metrics: { loss: 9 }, step: 2 });

  assert.deepEqual(
    (await group.measurements(1)).map(({ value: each }) => each),
    [1, 9, 3],
  );
});

test('min, max and count forget a replaced value', async () => {
  const group = await started();
  await group.report(1, { metrics: { loss: -100 }, step: 1 });
  await group.report(1, { metrics: { loss: 100 }, step: 2 });
  await group.report(1, { metrics: { loss: 5 }, step: 3 });

  await group.report(1, { metrics: { loss: 6 }, step: 1 });
  await group.report(1, { metrics: { loss: 7 }, step: 2 });

  const { metrics } = await group.experiment(1);
  assert.deepEqual(metrics['loss'], { last: 5, min: 5, max: 7, step: 3, count: 3 });
});

test('a value that replaces the last one by NaN leaves min and max to the others', async () => {
  const group = await started();
  await group.report(1, { metrics: { loss: 1 }, step: 1 });
  await group.report(1, { metrics: { loss: 2 }, step: 2 });

  await group.report(1, { metrics: { loss: 'NaN' }, step: 2 });

  const { metrics } = await group.experiment(1);
  assert.deepEqual(metrics['loss'], { last: 'NaN', min: 1, max: 1, step: 2, count: 2 });
});

test('without a step every report is a new measurement', async () => {
  const group = await started();
  for (let i = 0; i < 3; i++) await group.report(1, { metrics: { loss: 1 } });

  assert.equal((await group.measurements(1)).length, 3);
  assert.equal((await group.experiment(1)).metrics['loss']?.count, 3);
});

test('within one report the later value of a step counts', async () => {
  const group = await started();
  const measurements = [
    { step: 1, metrics: { a: 1 } },
    { step: 1, metrics: { b: 1 } },
    { step: 1, metrics: { b: 2 } },
  ];

  const { experiment } = await group.report(1, { measurements });

  assert.deepEqual(experiment.metrics['b'], { last: 2, min: 2, max: 2, step: 1, count: 1 });
  assert.equal((await group.measurements(1)).length, 2);
});

test('a value of long ago is replaced like one of just now', async () => {
  const group = await started();
  for (let at = 0; at < 60; at++) await group.report(1, { metrics: { loss: at }, step: at });

  for (const at of [0, 17, 59]) await group.report(1, { metrics: { loss: 1_000 + at }, step: at });

  const listed = await group.measurements(1);
  assert.equal(listed.length, 60);
  assert.deepEqual(
    [0, 1, 17, 59].map((at) => listed[at]?.value),
    [1_000, 1, 1_017, 1_059],
  );
  const { loss } = (await group.experiment(1)).metrics;
  assert.deepEqual(loss, { last: 1_059, min: 1, max: 1_059, step: 59, count: 60 });
});

test('values of a report too large for one item are replaced too', async () => {
  const group = await started();
  const measurements = Array.from({ length: 400 }, (_, at) => ({
    step: at,
    metrics: { loss: at, accuracy_on_the_validation_set: at },
  }));
  await group.report(1, { measurements });

  await group.report(1, { metrics: { loss: -1 }, step: 123 });

  const listed = await group.measurements(1);
  assert.equal(listed.length, 800);
  assert.equal(listed.find(({ metric, step: at }) => metric === 'loss' && at === 123)?.value, -1);
  assert.deepEqual((await group.experiment(1)).metrics['loss'], {
    last: 399,
    min: -1,
    max: 399,
    step: 399,
    count: 400,
  });
});

test('a large report sent twice is the same as sent once', async () => {
  const group = await started();
  const measurements = Array.from({ length: 300 }, (_, at) => ({
    step: at,
    metrics: { loss: at / 7, accuracy_on_the_validation_set: at / 3 },
  }));
  const first = await group.report(1, { measurements });

  const second = await group.report(1, { measurements });

  assert.deepEqual(second.experiment.metrics, first.experiment.metrics);
  assert.equal((await group.measurements(1)).length, 600);
});

test('pages of measurements go on where the last one ended, while more are added', async () => {
  const group = await started();
  for (let at = 0; at < 25; at++) await group.report(1, { metrics: { loss: at }, step: at });
  const seen: unknown[] = [];
  const read = async (query: Record<string, string>): Promise<string | null> => {
    const page = await service.done('listMeasurements', {
      group: group.id,
      number: 1,
      query: { limit: '10', ...query },
    });
    seen.push(...page.items.map((number) => number.value));
    return page.next_cursor;
  };

  const second = await read({});
  for (let at = 25; at < 40; at++) await group.report(1, { metrics: { loss: at }, step: at });
  await group.report(1, { metrics: { loss: -5 }, step: 12 });
  const third = await read({ cursor: second ?? '' });
  const fourth = await read({ cursor: third ?? '' });
  const end = await read({ cursor: fourth ?? '' });

  assert.equal(end, null);
  const expected = Array.from({ length: 40 }, (_, at) => (at === 12 ? -5 : at));
  assert.deepEqual(seen, expected);
});

test('the measurements of an experiment without any are an empty list', async () => {
  const group = await started();

  assert.deepEqual(await group.measurements(1), []);
});
