import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { MetricValue } from '../../lib/domain/measurement.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { listMeasurements, readExperiment } from '../../lib/service/experiments.ts';
import { createGroup } from '../../lib/service/groups.ts';
import { report } from '../../lib/service/report.ts';
import { suggest } from '../../lib/service/suggest.ts';

const logger = { error() {}, warn() {}, info() {} };

interface Step {
  readonly step: number | null;
  readonly metrics: Readonly<Record<string, MetricValue>>;
}

interface Known {
  readonly metric: string;
  value: MetricValue;
  readonly step: number | null;
}

/** The plainest thing that does the same: a list in memory. */
function naive(reports: readonly (readonly Step[])[]): readonly Known[] {
  const list: Known[] = [];
  for (const { step, metrics } of reports.flat()) {
    for (const [metric, value] of Object.entries(metrics)) {
      const old = list.find(
        (known) => step !== null && known.metric === metric && known.step === step,
      );
      if (old === undefined) list.push({ metric, value, step });
      else old.value = value;
    }
  }
  return list;
}

function summaryOf(list: readonly Known[], metric: string) {
  const own = list.filter((known) => known.metric === metric);
  const finite = own.map(({ value }) => Number(value)).filter(Number.isFinite);
  let last: Known | undefined;
  let greatest: number | null = null;
  for (const known of own) {
    if (known.step === null || greatest === null || known.step >= greatest) {
      last = known;
      greatest = known.step ?? greatest;
    }
  }
  return {
    last: last?.value,
    min: finite.length === 0 ? null : Math.min(...finite),
    max: finite.length === 0 ? null : Math.max(...finite),
    step: greatest,
    count: own.length,
  };
}

/** Sends the reports to one experiment of a new group and reads everything back. */
async function send(reports: readonly (readonly Step[])[], limit = 7) {
  const runtime = createLocalRuntime({ folder: null, logger });
  const { ports } = runtime;
  const created = await createGroup(ports, runtime.call(), {
    version: 1,
    kind: 'group',
    hptuning: { matrix: { x: { values: [1] } } },
  });
  assert.ok(created.ok);
  const group = created.value.definition.config.id;
  const request = { group, count: 1, worker: null, waitSeconds: 0 };
  await suggest(ports, runtime.call(), request);
  for (const steps of reports) {
    const answered = await report(ports, runtime.call(), {
      group,
      number: 1,
      steps,
      status: 'running',
      checkpoint: null,
      message: null,
      leaseToken: null,
      tokenIsKey: false,
    });
    assert.ok(answered.ok);
  }
  const found: { metric: string; value: MetricValue; step: number | null }[] = [];
  for (let position: number | null = 0; position !== null; ) {
    const page = await listMeasurements(ports, { group, number: 1 }, { position, limit });
    assert.ok(page.ok);
    found.push(
      ...page.value.measurements.map(({ metric, value, step }) => ({ metric, value, step })),
    );
    position = page.value.next;
  }
  const read = await readExperiment(ports, { group, number: 1 });
  assert.ok(read.ok);
  await ports.store.close();
  return { found, metrics: read.value.experiment.metrics };
}

const value: fc.Arbitrary<MetricValue> = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom<MetricValue>('NaN', 'Infinity', '-Infinity'),
);
const step: fc.Arbitrary<Step> = fc.record({
  step: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(null)),
  metrics: fc.dictionary(fc.constantFrom('loss', 'accuracy', 'f1'), value, { maxKeys: 3 }),
});

describe('the measurements of an experiment', () => {
  test('are those of a plain list, whatever is reported again, replaced or moved into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 60 }),
        async (reports) => {
          const expected = naive(reports);

          const { found, metrics } = await send(reports);

          // One report can name a step twice: then its numbers stand where the first of them stood.
          const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
          assert.deepEqual(
            found.map((known) => JSON.stringify(known)).toSorted(order),
            expected
              .map(({ metric, value, step }) => JSON.stringify({ metric, value, step }))
              .toSorted(order),
          );
          for (const metric of new Set(expected.map((known) => known.metric))) {
            const { attempt: _attempt, ...summary } = metrics[metric] ?? { attempt: 0 };
            const { last, min, max, step, count } = summaryOf(expected, metric);
            assert.deepEqual(
              { min, max, count, step },
              {
                min: 'min' in summary ? summary.min : undefined,
                max: 'max' in summary ? summary.max : undefined,
                count: 'count' in summary ? summary.count : undefined,
                step: 'step' in summary ? summary.step : undefined,
              },
            );
            const stepped = expected.filter((known) => known.metric === metric);
            const isMixed = stepped.some((known) => known.step === null);
            if (!isMixed) assert.equal('last' in summary ? summary.last : undefined, last);
          }
        },
      ),
      { numRuns: 60, seed: 11 },
    );
  });

  test('come in order of arrival where no step is repeated', async () => {
    const reports = Array.from({ length: 100 }, (_, i): readonly Step[] => [
      { step: i, metrics: { loss: 100 - i, accuracy: i } },
    ]);

    const { found, metrics } = await send(reports);

    assert.deepEqual(found.slice(0, 4), [
      { metric: 'loss', value: 100, step: 0 },
      { metric: 'accuracy', value: 0, step: 0 },
      { metric: 'loss', value: 99, step: 1 },
      { metric: 'accuracy', value: 1, step: 1 },
    ]);
    assert.equal(found.length, 200);
    assert.equal(metrics['loss']?.last, 1);
  });

  test('of a report with 500 steps and 100 metrics are all kept, and can be replaced', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `metric-${i}`);
    const steps = Array.from({ length: 500 }, (_, i) => ({
      step: i,
      metrics: Object.fromEntries(names.map((name, j) => [name, i * 100 + j])),
    }));

    const { found, metrics } = await send(
      [
        steps,
        [{ step: 7, metrics: { 'metric-3': -1 } }],
        [{ step: 500, metrics: { 'metric-3': 1 } }],
      ],
      200,
    );

    assert.equal(found.length, 50_001);
    assert.equal(found[7 * 100 + 3]?.value, -1);
    assert.deepEqual(metrics['metric-3'], {
      attempt: 1,
      last: 1,
      min: -1,
      max: 499 * 100 + 3,
      step: 500,
      count: 501,
    });
  });
});
