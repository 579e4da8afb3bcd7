import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Success } from '../helpers/contract.ts';
import type { GroupClient } from '../helpers/service.ts';
import { LOSS, startService, THREE } from '../helpers/service.ts';

const service = await startService();
after(service.close);

const MATRIX = {
  lr: { loguniform: [-9, 0] },
  momentum: { uniform: [0, 1] },
  kind: { values: ['a', 'b', 'c'] },
  units: { values: [16, 32, 64] },
  constant: { values: [7] },
} as const;

type Numbers = Readonly<Record<string, number | string>>;

/** A group of which each experiment has ended with a function of its values. */
async function openEnded(count: number, lossOf: (values: Numbers) => number | 'NaN') {
  const group = await service.open({
    concurrency: 100,
    seed: 3,
    random_search: { n_experiments: 1_000, metric: LOSS },
    matrix: MATRIX,
  });
  while (count > 0) {
    const { experiments } = await group.suggest({ count: Math.min(count, 100) });
    for (const { number, values } of experiments) {
      const known = Object.entries(values).flatMap(([name, value]) =>
        typeof value === 'number' || typeof value === 'string' ? [[name, value] as const] : [],
      );
      const loss = lossOf(Object.fromEntries(known));
      await group.report(number, { metrics: { loss }, status: 'succeeded' });
    }
    count -= experiments.length;
  }
  return group;
}

const importanceOf = ({ id }: GroupClient): Promise<Success['importance']> =>
  service.done('importance', { group: id });

const contourOf = ({ id }: GroupClient, x: string, y: string): Promise<Success['contour']> =>
  service.done('contour', { group: id, query: { x, y } });

test('importance ranks parameters by what they explain, and tells of pairs that act together', async () => {
  const group = await openEnded(
    150,
    ({ lr, momentum, kind }) =>
      (Math.log(Number(lr)) + 6) * (kind === 'a' ? 1 : -1) + Number(momentum) / 2,
  );

  const importance = await importanceOf(group);
  const again = await importanceOf(group);

  assert.deepEqual(again, importance, 'the same question has the same answer');
  assert.equal(importance.metric, 'loss');
  assert.equal(importance.method, 'fanova');
  assert.equal(importance.observations, 150);
  assert.deepEqual(importance.warnings, []);
  const shares = new Map(importance.parameters.map((one) => [one.name, one.importance]));
  assert.deepEqual([...shares.keys()].toSorted(), Object.keys(MATRIX).toSorted());
  const [kind, lr, units] = [shares.get('kind'), shares.get('lr'), shares.get('units')];
  assert.ok(kind !== undefined && lr !== undefined && units !== undefined);
  assert.ok(Math.min(kind, lr) > 2 * units, `${kind} ${lr} ${units}`);
  assert.equal(shares.get('constant'), 0);
  const sum = [...shares.values()].reduce((total, one) => total + one, 0);
  assert.ok(sum > 0.1 && sum <= 1, `${sum}`);
  assert.deepEqual([...(importance.pairs?.[0]?.names ?? [])].toSorted(), ['kind', 'lr']);
  assert.equal(importance.pairs?.length, 5);
  assert.ok((importance.pairs?.[0]?.importance ?? 0) > 0.3);
});

test('importance has too little to go by below ten observations, and says so', async () => {
  const nine = await openEnded(9, ({ lr }) => Number(lr));
  await nine.next();
  const ten = await openEnded(10, ({ lr }) => Number(lr));

  const few = await importanceOf(nine);

  assert.deepEqual([few.observations, few.parameters, few.pairs], [9, [], null]);
  assert.deepEqual(
    few.warnings.map(({ code }) => code),
    ['too_few_observations'],
  );
  assert.equal((await importanceOf(ten)).parameters.length, 5);
});

test('where all objectives are alike nothing matters', async () => {
  const group = await openEnded(20, () => 1);

  const importance = await importanceOf(group);

  assert.ok(importance.parameters.every((one) => one.importance === 0));
  assert.deepEqual(
    importance.warnings.map(({ code }) => code),
    ['no_variation'],
  );
});

test('objectives that are not finite do not count, and a search without a metric has nothing to tell', async () => {
  const group = await openEnded(30, ({ lr }) => (Number(lr) > 0.1 ? 'NaN' : Number(lr)));
  const plain = await service.open({ matrix: THREE });

  const importance = await importanceOf(group);
  const nothing = await importanceOf(plain);

  assert.ok(importance.observations < 30 && importance.observations > 10);
  assert.equal(nothing.metric, null);
  assert.deepEqual(
    nothing.warnings.map(({ code }) => code),
    ['no_metric'],
  );
});

/** The loss that a contour is held against: lowest at lr = e^-5 and momentum = 0.6. */
const bowl = ({ lr, momentum, kind }: Numbers): number =>
  (Math.log(Number(lr)) + 5) ** 2 / 4 + 5 * (Number(momentum) - 0.6) ** 2 + (kind === 'b' ? 0 : 1);

test('a contour shows what the surrogate expects, in units of the metric', async () => {
  const group = await openEnded(100, bowl);

  const contour = await contourOf(group, 'lr', 'momentum');

  const { best } = await group.read();
  const { x, y, at, mean, standard_deviation: sd } = contour;
  assert.equal(contour.metric, 'loss');
  assert.equal(contour.observations, 100);
  assert.deepEqual([x.name, x.scale, x.values.length], ['lr', 'log', 30]);
  assert.deepEqual([y.name, y.scale, y.values.length], ['momentum', 'linear', 30]);
  const { lr: _lr, momentum: _momentum, ...others } = best?.values ?? {};
  assert.deepEqual(at, others);
  assert.ok(mean !== null && sd !== null);
  assert.deepEqual([mean.length, sd.length], [30, 30]);
  let errors = 0;
  for (const [row, momentum] of y.values.entries()) {
    assert.deepEqual([mean[row]?.length, sd[row]?.length], [30, 30]);
    for (const [column, lr] of x.values.entries()) {
      const known = { lr: Number(lr), momentum: Number(momentum), kind: String(at['kind']) };
      errors += Math.abs((mean[row]?.[column] ?? Number.NaN) - bowl(known));
      assert.ok((sd[row]?.[column] ?? -1) >= 0);
    }
  }
  assert.ok(errors / 900 < 0.25, `${errors / 900} off on average, of 0 to 10`);
});

test('an axis of listed values has these', async () => {
  const group = await openEnded(20, bowl);

  const contour = await contourOf(group, 'kind', 'units');

  assert.deepEqual(contour.x, { name: 'kind', scale: 'category', values: ['a', 'b', 'c'] });
  assert.deepEqual(contour.y, { name: 'units', scale: 'linear', values: [16, 32, 64] });
  assert.deepEqual(
    contour.mean?.map((row) => row.length),
    [3, 3, 3],
  );
  assert.deepEqual(Object.keys(contour.at).toSorted(), ['constant', 'lr', 'momentum']);
});

test('a contour of too few observations has no mean, and says why', async () => {
  const group = await openEnded(4, bowl);
  const plain = await service.open({ matrix: { a: { values: [1, 2] }, b: { values: [1, 2] } } });

  const few = await contourOf(group, 'lr', 'momentum');
  const nothing = await contourOf(plain, 'a', 'b');

  assert.deepEqual([few.mean, few.standard_deviation, few.observations], [null, null, 4]);
  assert.deepEqual(
    [few, nothing].map(({ warnings }) => warnings.map(({ code }) => code)),
    [['too_few_observations'], ['no_metric']],
  );
});

test('a contour wants two different parameters of the matrix', async () => {
  const group = await openEnded(5, bowl);
  const refused = async (query: Readonly<Record<string, string>>) => {
    const problem = await service.refused('contour', { group: group.id, query }, 'invalid_request');
    return problem.errors.map(({ path, suggestion }) => [path, suggestion]);
  };

  assert.deepEqual(await refused({ x: 'lrr', y: 'momentun' }), [
    ['x', 'lr'],
    ['y', 'momentum'],
  ]);
  assert.deepEqual(await refused({ x: 'lr', y: 'lr' }), [['y', undefined]]);
  assert.deepEqual(await refused({ x: 'lr' }), [['y', undefined]]);
  assert.deepEqual(await refused({ x: '__proto__', y: 'zzzzzz' }), [
    ['x', undefined],
    ['y', undefined],
  ]);
});

for (const algorithm of ['asha', 'auto'] as const) {
  test(`what ${algorithm} has tried on several rungs counts once for each configuration`, async () => {
    const training = { resource: { name: 'epochs', type: 'int' }, max_iter: 9, eta: 3 };
    const group = await service.open({
      concurrency: 4,
      [algorithm]: { n_experiments: 14, metric: LOSS, ...training },
      matrix: { lr: { uniform: [0, 1] }, momentum: { uniform: [0, 1] } },
    });
    for (;;) {
      const { experiments, group_status: status } = await group.suggest({
        count: 4,
        wait_seconds: 2,
      });
      if (experiments.length === 0 && status === 'done') break;
      for (const { number, values } of experiments) {
        const loss = Number(values['lr']) + 1 / Number(values['epochs']);
        await group.report(number, { metrics: { loss }, status: 'succeeded' });
      }
    }

    const importance = await importanceOf(group);
    const contour = await contourOf(group, 'momentum', 'lr');

    assert.equal(importance.observations, 14);
    assert.equal(importance.parameters[0]?.name, 'lr');
    assert.equal(contour.observations, 14);
    const low = contour.mean?.[0]?.[15] ?? Number.NaN;
    const high = contour.mean?.[29]?.[15] ?? Number.NaN;
    assert.ok(low < high, 'the loss grows with lr, which is upwards');
  });
}
