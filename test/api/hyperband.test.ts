import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startLocalServer } from '../../cli/local-server.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { RUNS_OF_81_3 } from '../helpers/hyperband-table.ts';

const PAGE = join(import.meta.dirname, '../contract/polyaxonfiles');

let server: Awaited<ReturnType<typeof startLocalServer>>;
before(async () => {
  const logger = { error: console.error, warn: console.warn, info() {} };
  const runtime = createLocalRuntime({ folder: null, logger });
  server = await startLocalServer({ runtime, host: '127.0.0.1', port: 0 });
});
after(() => server.close());

interface Experiment {
  readonly number: number;
  readonly values: { readonly learning_rate: number; readonly num_steps: number };
  readonly status: string;
  readonly rung: { readonly bracket: number; readonly rung: number; readonly resource: number };
  readonly resume_from: unknown;
  readonly source: string;
}

async function call<T>(method: string, path: string, body?: object | string): Promise<T> {
  const type = typeof body === 'string' ? 'application/yaml' : 'application/json';
  const answer = await fetch(server.url + path, {
    method,
    ...(body === undefined
      ? {}
      : {
          headers: { 'content-type': type },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return JSON.parse(text);
}

/** A scripted worker per place, until the group has ended. */
async function runToEnd(
  name: string,
  metricsOf: (experiment: Experiment) => Readonly<Record<string, number>>,
): Promise<{ readonly group: string; readonly experiments: readonly Experiment[] }> {
  const document = readFileSync(join(PAGE, `${name}.yml`), 'utf8');
  const { id } = await call<{ id: string }>('POST', '/v1/groups', document);
  const experiments: Experiment[] = [];
  const worker = async (): Promise<void> => {
    for (;;) {
      const asked = await call<{ experiments: Experiment[]; group_status: string }>(
        'POST',
        `/v1/groups/${id}/suggest`,
        { wait_seconds: 5 },
      );
      if (asked.experiments.length === 0 && asked.group_status === 'done') return;
      for (const experiment of asked.experiments) {
        experiments.push(experiment);
        const answer = await call<{ should_stop: boolean }>(
          'POST',
          `/v1/groups/${id}/experiments/${experiment.number}/report`,
          { metrics: metricsOf(experiment) },
        );
        const status = answer.should_stop ? 'stopped' : 'succeeded';
        await call('POST', `/v1/groups/${id}/experiments/${experiment.number}/report`, { status });
      }
    }
  };
  await Promise.all([worker(), worker()]);
  return { group: id, experiments };
}

interface Group {
  readonly status: string;
  readonly status_reason: { readonly code: string };
  readonly progress: { readonly planned: number; readonly succeeded: number };
  readonly algorithm: string;
}

test('the hyperband document of the Polyaxon documentation runs its 206 experiments, driven by the queue', async () => {
  const { group, experiments } = await runToEnd('hyperband', ({ values }) => ({
    loss: Math.abs(values.learning_rate - 0.3) + 1 / values.num_steps,
  }));

  const read = await call<Group>('GET', `/v1/groups/${group}`);
  assert.equal(read.algorithm, 'hyperband');
  assert.equal(read.status, 'done');
  assert.equal(read.status_reason.code, 'exhausted');
  assert.equal(read.progress.planned, 206);
  assert.equal(read.progress.succeeded, 206);
  const table = new Map<string, number>();
  for (const { rung, values, source, resume_from } of experiments) {
    const key = `${rung.bracket}/${rung.rung}@${rung.resource}`;
    table.set(key, (table.get(key) ?? 0) + 1);
    assert.equal(values.num_steps, rung.resource);
    assert.equal(source, 'hyperband');
    assert.equal(resume_from, null);
  }
  assert.deepEqual(
    [...table].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    Object.entries(RUNS_OF_81_3),
  );
});

test('the hyperband document with early stopping ends when a rule is met, in the middle of a rung', async () => {
  const { group, experiments } = await runToEnd('hyperband-early-stopping', ({ number }) => ({
    loss: number === 100 ? 0.01 : 1 + number / 1000,
    accuracy: 0.1,
  }));

  const read = await call<Group>('GET', `/v1/groups/${group}`);
  assert.equal(read.status, 'done');
  assert.equal(read.status_reason.code, 'early_stopping');
  assert.ok(experiments.length >= 100 && experiments.length <= 102);
});

test('a preview of hyperband shows its brackets before anything runs', async () => {
  const document = readFileSync(join(PAGE, 'hyperband.yml'), 'utf8');

  const shown = await call<{
    planned: number;
    brackets: readonly { bracket: number; rungs: readonly object[] }[];
    points: readonly object[];
  }>('POST', '/v1/groups/preview', document);

  assert.equal(shown.planned, 206);
  assert.deepEqual(
    shown.brackets.map(({ bracket, rungs }) => [bracket, rungs.length]),
    [
      [4, 5],
      [3, 4],
      [2, 3],
      [1, 2],
      [0, 1],
    ],
  );
  assert.equal(shown.points.length, 20);
});

test('a hyperband that plans more than a million experiments is refused with the limit', async () => {
  const answer = await fetch(`${server.url}/v1/groups`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      version: 1,
      kind: 'group',
      hptuning: {
        hyperband: {
          max_iter: 1_000_000,
          eta: 1.1,
          resource: { name: 'epochs', type: 'int' },
          metric: { name: 'loss', optimization: 'minimize' },
        },
        matrix: { x: { uniform: [0, 1] } },
      },
    }),
  });
  const problem: { code: string; errors: readonly { path: string; message: string }[] } =
    JSON.parse(await answer.text());

  assert.equal(answer.status, 422);
  assert.equal(problem.errors[0]?.path, 'hptuning.hyperband.max_iter');
  assert.match(problem.errors[0]?.message ?? '', /1000000/);
});
