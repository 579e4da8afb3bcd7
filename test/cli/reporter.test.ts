import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Update } from '../../cli/agent/report-line.ts';
import type { Reporter } from '../../cli/agent/reporter.ts';
import { startReporter } from '../../cli/agent/reporter.ts';
import type { Experiment } from '../../cli/answers.ts';
import type { CallFault, Service } from '../../cli/client.ts';
import { expectAnswer } from '../../cli/client.ts';
import { createGroup, documentOf, startService, until } from './helpers.ts';

interface Reporting {
  readonly service: Service;
  readonly experiment: Experiment;
  readonly reporter: Reporter;
  readonly refused: readonly CallFault[];
}

const update = (metrics: Update['metrics'], step: number | null = null): Update => ({
  metrics,
  step,
  checkpoint: null,
  message: null,
});

async function reportingOn(t: TestContext, heartbeatMs = 60_000): Promise<Reporting> {
  const service = await startService(t);
  const { id: group } = await createGroup(service, documentOf('true'));
  const { experiments } = expectAnswer(await service.call('suggest', { group }));
  const [experiment] = experiments;
  assert.ok(experiment !== undefined);
  const refused: CallFault[] = [];
  const reporter = startReporter({
    service,
    experiment,
    heartbeatMs,
    events: { shouldStop() {}, lost() {}, refused: (fault) => refused.push(fault) },
  });
  return { service, experiment, reporter, refused };
}

test('a training that stays quiet is reported alive', async (t) => {
  const { service, experiment, reporter } = await reportingOn(t, 20);

  await until(async () => {
    const { items } = expectAnswer(await service.call('listEvents', { group: experiment.group }));
    return items.some(({ type }) => type === 'experiment.started');
  });

  await reporter.abandon();
});

test('of updates that go together only the one at fault is lost', async (t) => {
  const { service, experiment, reporter, refused } = await reportingOn(t);

  const added = [
    update({ loss: 3 }, 1),
    update({ 'line\nbreak': 1 }, 2),
    update({ loss: 2 }, 3),
  ].map((each) => reporter.add(each));
  await Promise.all(added);
  const outcome = await reporter.finish({ status: 'succeeded', message: null });

  assert.equal(outcome.kind, 'ended');
  assert.equal(refused.length, 1);
  const { group, number } = experiment;
  const { metrics } = expectAnswer(await service.call('readExperiment', { group, number }));
  assert.deepEqual(Object.keys(metrics), ['loss']);
  assert.equal(metrics['loss']?.count, 2);
});

test('more updates than may wait hold up whoever adds them, and none is lost', async (t) => {
  const { service, experiment, reporter } = await reportingOn(t);
  const { group, number } = experiment;

  for (let step = 1; step <= 12_000; step++) {
    const added = reporter.add(update({ loss: step }, step));
    if (step >= 10_000) await added;
  }
  const outcome = await reporter.finish({ status: 'succeeded', message: null });

  assert.equal(outcome.kind, 'ended');
  const { metrics } = expectAnswer(await service.call('readExperiment', { group, number }));
  assert.deepEqual([metrics['loss']?.count, metrics['loss']?.last], [12_000, 12_000]);
});

test('after a reporter was abandoned nothing more is sent', async (t) => {
  const { service, experiment, reporter } = await reportingOn(t);

  await reporter.abandon();
  await reporter.add(update({ loss: 1 }));

  const { group, number } = experiment;
  const { metrics } = expectAnswer(await service.call('readExperiment', { group, number }));
  assert.deepEqual(metrics, {});
});
