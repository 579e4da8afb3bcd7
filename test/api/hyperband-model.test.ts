import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Experiment } from '../helpers/contract.ts';
import type { GroupClient, Service } from '../helpers/service.ts';
import { LOSS, startService } from '../helpers/service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

/** Brackets that begin with 9, 5 and 3 configurations. */
const hptuningOf = (concurrency: number, model: boolean) => ({
  seed: 7,
  concurrency,
  hyperband: {
    max_iter: 9,
    eta: 3,
    resource: { name: 'epochs', type: 'int' },
    metric: LOSS,
    resume: true,
    model,
  },
  matrix: { lr: { loguniform: [-9, 0] }, units: { values: [16, 32, 64] } },
});

const lossOf = ({ values }: Experiment): number =>
  (Math.log(Number(values['lr'])) + 4) ** 2 / 20 +
  (values['units'] === 32 ? 0 : 0.3) +
  1 / Number(values['epochs']);

/** One worker, until the group has ended. */
async function work(group: GroupClient): Promise<readonly Experiment[]> {
  const made: Experiment[] = [];
  for (;;) {
    const { experiments, group_status } = await group.suggest({ wait_seconds: 5 });
    if (experiments.length === 0 && group_status === 'done') return made;
    for (const experiment of experiments) {
      made.push(experiment);
      await group.report(experiment.number, {
        metrics: { loss: lossOf(experiment) },
        checkpoint: `after-${experiment.number}`,
        status: 'succeeded',
      });
    }
  }
}

const begun = (made: readonly Experiment[]): readonly Experiment[] =>
  made.filter(({ rung }) => rung?.rung === 0).toSorted((a, b) => a.number - b.number);

test('several workers run a search to its end, and explanations say where values come from', async () => {
  const group = await service.open(hptuningOf(3, true));
  const plain = await service.open(hptuningOf(1, false));
  await Promise.all([work(group), work(group), work(group)]);
  await work(plain);

  const [read, other] = [await group.read(), await plain.read()];
  assert.deepEqual(read.progress, other.progress);
  assert.deepEqual([read.status, read.status_reason?.code], ['done', 'exhausted']);
  const made = await group.experiments();
  let modelled = 0;
  for (const experiment of made) {
    const { number, source, rung, resume_from } = experiment;
    const why = await service.done('explain', { group: group.id, number });
    assert.equal(why.source, source);
    assert.deepEqual(why.rung, rung);
    assert.ok(source === 'random' || source === 'surrogate', source);
    const isComputed = rung?.rung === 0 && source === 'surrogate';
    assert.equal(why.surrogate !== null, isComputed);
    if (why.surrogate !== null) {
      modelled++;
      assert.ok(why.surrogate.sd >= 0 && Number.isFinite(why.surrogate.mean));
      assert.ok(['ei', 'ucb'].includes(why.surrogate.acquisition_function));
      assert.match(why.detail, /acquisition function over the surrogate/);
      // The first rung is complete; configurations count once, however often they were tried.
      assert.ok(why.observations >= 9 && why.observations < made.length, `${why.observations}`);
      assert.ok(why.pending.every((one) => one !== number));
    }
    assert.equal(resume_from === null, rung?.rung === 0);
    if (resume_from !== null) assert.equal(resume_from.checkpoint, `after-${resume_from.number}`);
  }
  assert.ok(modelled >= 3, String(modelled));
});

test('one worker gets the draws of the plain search until its first rung is complete, then better ones', async () => {
  const [model, plain] = [
    begun(await work(await service.open(hptuningOf(1, true)))),
    begun(await work(await service.open(hptuningOf(1, false)))),
  ];

  const valuesOf = (made: readonly Experiment[]) => made.map(({ values }) => values);
  assert.deepEqual(valuesOf(model).slice(0, 9), valuesOf(plain).slice(0, 9));
  const [later, drawn] = [valuesOf(model).slice(9), valuesOf(plain).slice(9)];
  assert.equal(later.length, drawn.length);
  assert.notDeepEqual(later, drawn);
  assert.deepEqual(
    plain.map(({ source }) => source),
    plain.map(() => 'hyperband'),
  );
});

test('a preview shows the brackets, and the configurations that are certain', async () => {
  const preview = async (model: boolean) =>
    service.done('previewGroup', {
      json: { version: 1, kind: 'group', hptuning: hptuningOf(1, model) },
    });
  const [model, plain] = [await preview(true), await preview(false)];

  assert.equal(model.planned, plain.planned);
  assert.deepEqual(model.brackets, plain.brackets);
  assert.equal(plain.points.length, 17);
  assert.deepEqual(model.points, plain.points.slice(0, 9));
});

test('the group shows its normal form, and says what chooses', async () => {
  const group = await (await service.open(hptuningOf(1, true))).read();

  const { hyperband } = group.hptuning;
  assert.ok(typeof hyperband === 'object' && hyperband !== null && 'model' in hyperband);
  assert.equal(hyperband.model, true);
  assert.match(group.algorithm_detail, /Gaussian process/);
});
