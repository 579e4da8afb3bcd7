import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { workOn } from '../../cli/agent/agent.ts';
import type { AgentEvents } from '../../cli/agent/events.ts';
import type { Experiment, Group } from '../../cli/answers.ts';
import type { Service } from '../../cli/client.ts';
import { expectAnswer } from '../../cli/client.ts';
import { eachExperiment, eachMeasurement } from '../../cli/pages.ts';
import { readGroup } from '../../cli/select-group.ts';
import {
  createGroup,
  documentOf,
  planned,
  startService,
  temporaryFolder,
  training,
  until,
} from './helpers.ts';

/** An agent at work, and what it tells of. */
interface AtWork {
  readonly told: readonly string[];
  readonly soft: AbortController;
  readonly hard: AbortController;
  readonly ended: Promise<void>;
}

function startAgent(service: Service, group: Group, workers: number | null = null): AtWork {
  const told: string[] = [];
  const tell =
    (what: string) =>
    (experiment: Experiment, more?: unknown): void => {
      told.push(`${experiment.number} ${what}${typeof more === 'string' ? ` ${more}` : ''}`);
    };
  const events: AgentEvents = {
    group: () => {},
    started: tell('started'),
    measured: () => {},
    printed: tell('printed'),
    ended: (experiment) => tell(experiment.status)(experiment),
    left: tell('left'),
    warned: (text) => told.push(`warned ${text}`),
  };
  const soft = new AbortController();
  const hard = new AbortController();
  const ended = workOn({
    service,
    group,
    workers,
    events,
    interrupts: { soft: soft.signal, hard: hard.signal },
    cwd: process.cwd(),
    env: process.env,
  });
  return { told, soft, hard, ended };
}

/** Works on a document to its end; returns its experiments by number. */
async function work(
  t: TestContext,
  document: object,
): Promise<{
  readonly group: Group;
  readonly experiments: readonly Experiment[];
  readonly told: readonly string[];
  readonly service: Service;
}> {
  const service = await startService(t);
  const group = await createGroup(service, document);
  const { told, ended } = startAgent(service, group);
  await ended;
  const experiments = await listExperiments(service, group);
  return { group: await readGroup(service, group.id), experiments, told, service };
}

async function listExperiments(service: Service, group: Group): Promise<readonly Experiment[]> {
  const experiments: Experiment[] = [];
  for await (const experiment of eachExperiment(service, { group: group.id })) {
    experiments.push(experiment);
  }
  return experiments;
}

const one = planned(1);

test('every experiment of a group is run to its end', async (t) => {
  const { group, experiments } = await work(
    t,
    documentOf(training('steps', '2', '{{ lr }}'), { ...planned(5), concurrency: 2 }),
  );

  assert.equal(group.status, 'done');
  assert.equal(group.progress.succeeded, 5);
  for (const { values, metrics } of experiments) {
    assert.equal(metrics['loss']?.last, Number(values['lr']) / 2);
  }
});

test('every number that is printed arrives, in order', async (t) => {
  const { group, service } = await work(t, documentOf(training('steps', '1200'), one));

  const steps: unknown[] = [];
  for await (const { step } of eachMeasurement(service, { group: group.id, number: 1 })) {
    steps.push(step);
  }
  assert.deepEqual(
    steps,
    Array.from({ length: 1200 }, (_, index) => index + 1),
  );
});

test('a training finds what it is told in its environment, and no key', async (t) => {
  const file = join(temporaryFolder(t), 'environment');
  process.env['RUNGWISE_KEY'] = 'rw_secret';
  t.after(() => delete process.env['RUNGWISE_KEY']);
  const { group, experiments, service } = await work(
    t,
    documentOf(training('environment', file), one),
  );

  const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
  assert.ok(typeof found === 'object' && found !== null && 'RUNGWISE_TOKEN' in found);
  const { RUNGWISE_TOKEN: token, ...rest } = found;
  assert.match(String(token), /^lse_/);
  assert.deepEqual(rest, {
    RUNGWISE_URL: service.url,
    RUNGWISE_GROUP: group.id,
    RUNGWISE_EXPERIMENT: '1',
    RUNGWISE_VALUES: JSON.stringify(experiments[0]?.values),
  });
});

test('a training that fails is reported with its exit code and last lines', async (t) => {
  const { group, experiments } = await work(t, documentOf(training('fail', '3'), one));

  assert.equal(group.progress.failed, 1);
  const lines = (experiments[0]?.message ?? '').split('\n');
  assert.equal(lines[0], 'exit code 3');
  assert.deepEqual(lines.slice(1).sort(), ['Error: there is no data', 'reading the data']);
  assert.equal(experiments[0]?.metrics['loss']?.last, 0.5);
});

test('a training that is killed is reported with the signal', async (t) => {
  const { experiments } = await work(t, documentOf(`exec ${training('kill')}`, one));

  assert.equal(experiments[0]?.status, 'failed');
  assert.equal(experiments[0]?.message, 'ended by SIGKILL');
});

test('a training without the metric of the search fails with what is missing', async (t) => {
  const { experiments } = await work(
    t,
    documentOf(training('print', 'rungwise {"accuracy": 1}'), one),
  );

  assert.equal(experiments[0]?.status, 'failed');
  assert.match(experiments[0]?.message ?? '', /never reported "loss"/);
});

test('a line that cannot be read is warned of, and the training goes on', async (t) => {
  const { experiments, told } = await work(
    t,
    documentOf(training('print', 'rungwise {loss}', 'hello', 'rungwise {"loss": 2}'), one),
  );

  assert.equal(experiments[0]?.status, 'succeeded');
  assert.equal(experiments[0]?.metrics['loss']?.last, 2);
  assert.ok(told.includes('1 printed hello'));
  assert.ok(told.some((line) => /^warned .*rungwise \{loss\}/.test(line)));
});

test('a diverged training, a checkpoint and a message are reported as they are', async (t) => {
  const { experiments, group } = await work(
    t,
    documentOf(training('print', 'rungwise {"loss": NaN, "checkpoint": "a", "message": "b"}'), one),
  );

  const [experiment] = experiments;
  assert.equal(experiment?.status, 'succeeded');
  assert.deepEqual(
    [experiment?.objective, experiment?.checkpoint, experiment?.message],
    ['NaN', 'a', 'b'],
  );
  assert.equal(group.best, null);
});

test('early stopping ends the trainings that run, as stopped', async (t) => {
  const rule = { metric: 'loss', value: 0.2, optimization: 'minimize' };
  const { group, experiments } = await work(
    t,
    documentOf(training('forever'), { concurrency: 2, early_stopping: [rule], lease_seconds: 10 }),
  );

  assert.equal(group.status_reason?.code, 'early_stopping');
  assert.ok(experiments.length > 0);
  assert.ok(experiments.every(({ status }) => status === 'stopped'));
});

test('a stop of the group ends the trainings that run, and the agent', async (t) => {
  const service = await startService(t);
  const group = await createGroup(service, documentOf(training('forever'), { concurrency: 2 }));
  const agent = startAgent(service, group);
  await until(() => agent.told.length === 2);

  await service.call('stopGroup', { group: group.id });
  await agent.ended;

  const { status, progress } = await readGroup(service, group.id);
  assert.equal(status, 'stopped');
  assert.equal(progress.stopped, 2);
});

test('an agent that is interrupted gives back what it runs, and takes nothing more', async (t) => {
  const service = await startService(t);
  const group = await createGroup(service, documentOf(training('forever'), { concurrency: 2 }));
  const agent = startAgent(service, group, 4);
  await until(() => agent.told.length === 2);

  agent.soft.abort();
  await agent.ended;

  const experiments = await listExperiments(service, group);
  assert.deepEqual(
    experiments.map(({ status }) => status),
    ['queued', 'queued'],
  );
  assert.deepEqual(agent.told.slice(2).sort(), ['1 left given back', '2 left given back']);
});

test('an agent that is interrupted twice kills what does not want to end, and gives it back', async (t) => {
  const service = await startService(t);
  const group = await createGroup(service, documentOf(training('stubborn'), one));
  const agent = startAgent(service, group);
  await until(
    async () => (await listExperiments(service, group))[0]?.metrics['loss'] !== undefined,
  );

  agent.soft.abort();
  agent.hard.abort();
  await agent.ended;

  const [experiment] = await listExperiments(service, group);
  assert.equal(experiment?.status, 'queued');
  assert.equal(experiment?.status_reason?.code, 'released');
});

test('what one agent gave back another one runs', async (t) => {
  const file = join(temporaryFolder(t), 'go');
  const service = await startService(t);
  const group = await createGroup(service, documentOf(training('forever', file), one));
  const first = startAgent(service, group);
  await until(() => first.told.length === 1);
  first.soft.abort();
  await first.ended;

  const second = startAgent(service, group);
  await until(() => second.told.length === 1);
  // The training ends once the file is there.
  writeFileSync(file, '');
  await second.ended;

  const [experiment] = await listExperiments(service, group);
  assert.equal(experiment?.status, 'succeeded');
  assert.equal(experiment?.attempt, 2);
});

test('an agent that lost its lease ends the training and leaves the experiment alone', async (t) => {
  const service = await startService(t);
  const group = await createGroup(service, documentOf(training('slow'), one));
  const agent = startAgent(service, group);
  const isReported = async (): Promise<boolean> =>
    (await listExperiments(service, group))[0]?.metrics['loss'] !== undefined;
  await until(isReported);
  const [held] = await listExperiments(service, group);
  const at = { group: group.id, number: 1 };

  // The next worker gets it, reports, and ends it.
  await service.call('release', { ...at, body: { lease_token: held?.lease?.token } });
  const next = expectAnswer(
    await service.call('suggest', { group: group.id, body: { wait_seconds: 5 } }),
  );
  const lease_token = next.experiments[0]?.lease?.token;
  await service.call('report', {
    ...at,
    body: { lease_token, metrics: { loss: 7 }, status: 'succeeded' },
  });
  await agent.ended;

  const [experiment] = await listExperiments(service, group);
  assert.equal(experiment?.metrics['loss']?.last, 7);
  assert.match(agent.told.at(-1) ?? '', /^1 left Attempt 1 of experiment 1 /);
});

test('an agent of a group that is deleted ends its trainings and says so', async (t) => {
  const service = await startService(t);
  const group = await createGroup(service, documentOf(training('forever'), one));
  const agent = startAgent(service, group);
  await until(() => agent.told.length === 1);

  await service.call('deleteGroup', { group: group.id });

  await assert.rejects(agent.ended, { code: 'group_not_found' });
});

test('an end that the training reported itself is left as it is', async (t) => {
  const body = '{"metrics":{"loss":3},"status":"infeasible"}';
  const report = `fetch(process.env.RUNGWISE_URL+"/v1/groups/"+process.env.RUNGWISE_GROUP+"/experiments/"+process.env.RUNGWISE_EXPERIMENT+"/report",{method:"POST",headers:{"content-type":"application/json",authorization:"Bearer "+process.env.RUNGWISE_TOKEN},body:JSON.stringify(${body})}).then(r=>console.log(r.status))`;
  const { experiments, told } = await work(
    t,
    documentOf(`'${process.execPath}' -e '${report}'`, one),
  );

  assert.ok(told.includes('1 printed 200'));
  assert.equal(experiments[0]?.status, 'infeasible');
  assert.ok(told.includes('1 infeasible'));
});

test('more slots than the document allows never run more at once', async (t) => {
  const service = await startService(t);
  const document = documentOf(training('steps', '1'), { ...planned(6), concurrency: 1 });
  const group = await createGroup(service, document);
  const { told, ended } = startAgent(service, group, 3);
  await ended;

  const order = told
    .filter((line) => /started|succeeded/.test(line))
    .map((line) => line.split(' ')[1]);
  assert.deepEqual(order, Array.from({ length: 6 }, () => ['started', 'succeeded']).flat());
});
