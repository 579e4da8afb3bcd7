import assert from 'node:assert/strict';
import type { Experiment } from './contract.ts';
import type { GroupClient } from './service.ts';

/** Gives the metrics of an experiment: a function of its values alone, so that it is the same wherever it runs. */
export type Judge = (values: Experiment['values']) => Readonly<Record<string, number>>;

/** The value of a parameter that takes numbers. */
export function numberIn(values: Experiment['values'], name: string): number {
  const value = values[name];
  assert.ok(typeof value === 'number', `${name} is ${JSON.stringify(value)}`);
  return value;
}

/** How long a worker waits for an experiment before it asks again, seconds. */
const WAIT_SECONDS = 2;

/** Tries one experiment after the other, as long as there is one; returns them in the order of their hand-out. */
export async function workWhileThereIsSome(
  group: GroupClient,
  judge: Judge,
  worker = 'worker-1',
): Promise<readonly Experiment[]> {
  const experiments: Experiment[] = [];
  for (;;) {
    const [experiment] = (await group.suggest({ worker })).experiments;
    if (experiment === undefined) return experiments;
    experiments.push(experiment);
    const metrics = judge(experiment.values);
    await group.report(experiment.number, { metrics, status: 'succeeded' });
  }
}

async function workToEnd(
  group: GroupClient,
  judge: Judge,
  worker: string,
): Promise<readonly Experiment[]> {
  const experiments: Experiment[] = [];
  for (;;) {
    experiments.push(...(await workWhileThereIsSome(group, judge, worker)));
    const asked = await group.suggest({ worker, wait_seconds: WAIT_SECONDS });
    for (const { number, values } of asked.experiments) {
      await group.report(number, { metrics: judge(values), status: 'succeeded' });
    }
    experiments.push(...asked.experiments);
    if (asked.experiments.length === 0 && asked.group_status === 'done') return experiments;
  }
}

/** Lets so many workers work until the group has ended; returns its experiments by number. */
export async function runToEnd(
  group: GroupClient,
  judge: Judge,
  workers: number,
): Promise<readonly Experiment[]> {
  const each = await Promise.all(
    Array.from({ length: workers }, (_, i) => workToEnd(group, judge, `worker-${i + 1}`)),
  );
  return each.flat().toSorted((a, b) => a.number - b.number);
}
