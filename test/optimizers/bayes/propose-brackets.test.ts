import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Hptuning, Matrix } from '../../../lib/domain/hptuning.ts';
import type { Values } from '../../../lib/domain/values.ts';
import { valuesMistakes } from '../../../lib/matrix/bounds.ts';
import { createValuesKey } from '../../../lib/matrix/values-key.ts';
import { propose } from '../../../lib/optimizers/bayes/propose.ts';
import type { Observation, View } from '../../../lib/optimizers/bayes/view.ts';
import { createOptimizer } from '../../../lib/optimizers/index.ts';
import { matrixOf } from '../../matrix/helpers.ts';
import { hptuningOf } from './helpers.ts';

const PLANE = matrixOf({ a: { uniform: [0, 1] }, b: { uniform: [0, 1] } });
const FEW = matrixOf({ a: { values: [1, 2, 3] }, b: { values: ['x', 'y'] } });
/** Three doubles, which nobody has counted: found out by drawing. */
const NARROW = matrixOf({ a: { uniform: [0.5, 0.5000000000000003] } });

/** Hyperband of brackets that begin with 9, 5 and 3 configurations where the matrix has as many points. */
const searchOf = (matrix: Matrix, { maxIter = 9, seed = 1 } = {}): Hptuning => ({
  ...hptuningOf(matrix, { seed }),
  algorithm: {
    kind: 'hyperband',
    maxIter,
    eta: 3,
    resource: { name: 'epochs', type: 'int' },
    metric: { name: 'loss', optimization: 'minimize' },
    resume: false,
    model: true,
  },
});

const lossOf = ({ a, b = 0 }: Values): number =>
  (Number(a) - 0.3) ** 2 + (typeof b === 'number' ? (b - 0.6) ** 2 : 1);

/** The plain draws of the first bracket, observed with so much of the resource. */
function firstRung(search: Hptuning, spent = 1): readonly Observation[] {
  const { suggest, surrogate } = createOptimizer(search);
  return Array.from({ length: surrogate?.initial ?? 0 }, (_, index) => suggest(index)).flatMap(
    (values) => (values === null ? [] : [{ values, objective: lossOf(values), spent }]),
  );
}

const viewOf = (view: Partial<View>): View => ({
  index: 9,
  count: 1,
  observations: [],
  pending: [],
  failed: [],
  begun: [],
  ...view,
});

describe('suggestions for brackets', () => {
  const search = searchOf(PLANE);
  const observations = firstRung(search);

  test('are in bounds and differ, and are the same from the same view', () => {
    const view = viewOf({ count: 5, observations });

    const suggestions = propose(search, view);

    const keyOf = createValuesKey(PLANE);
    assert.equal(new Set(suggestions.map(({ values }) => keyOf(values))).size, 5);
    for (const { values } of suggestions) {
      assert.deepEqual(valuesMistakes(PLANE, values, ''), []);
    }
    assert.deepEqual(propose(search, view), suggestions);
    assert.notDeepEqual(propose(searchOf(PLANE, { seed: 2 }), view), suggestions);
  });

  test('one in five is the draw of Hyperband without a model, the others are predicted', () => {
    // A first bracket of 6,561 configurations: enough of them to count.
    const long = searchOf(PLANE, { maxIter: 6_561 });
    const { suggest } = createOptimizer(long);
    const sources = Array.from({ length: 300 }, (_, index) => {
      const [suggestion] = propose(long, viewOf({ index, observations: observations.slice(0, 4) }));
      assert.ok(suggestion !== undefined);
      const { epochs: _epochs, ...drawn } = suggest(index) ?? {};
      if (suggestion.source === 'random') assert.deepEqual(suggestion.values, drawn);
      assert.equal(suggestion.prediction === null, suggestion.source === 'random');
      return suggestion.source;
    });

    const random = sources.filter((source) => source === 'random').length;
    assert.deepEqual(new Set(sources), new Set(['random', 'surrogate']));
    // 60 of 300 are expected, with a standard deviation of 7.
    assert.ok(random >= 39 && random <= 81, String(random));
  });

  test('all are draws while nothing finite is observed', () => {
    const blind = observations.map((one) => ({ ...one, objective: Number.NaN }));

    const suggestions = propose(search, viewOf({ count: 5, observations: blind }));

    assert.deepEqual(
      suggestions.map(({ source }) => source),
      Array.from({ length: 5 }, () => 'random'),
    );
  });

  test('look nearer to the best than draws do', () => {
    const suggestions = propose(search, viewOf({ count: 5, observations }));

    const modelled = suggestions.filter(({ source }) => source === 'surrogate');
    const best = Math.min(...observations.map(({ objective }) => objective));
    assert.ok(modelled.length >= 2, String(modelled.length));
    assert.ok(
      modelled.some(({ values }) => lossOf(values) < best),
      JSON.stringify(modelled),
    );
  });
});

describe('suggestions for brackets of a matrix of few points', () => {
  const search = searchOf(FEW);
  const all = firstRung(search);
  /** The first suggestion of the second bracket that the surrogate makes. */
  const index = 6;

  test('go through all of them where all are known, each once', () => {
    const keyOf = createValuesKey(FEW);
    const begun: Values[] = [];
    for (let slot = 0; slot < 5; slot++) {
      const view = viewOf({ index: index + slot, observations: all, begun: [...begun] });
      const [suggestion] = propose(search, view);
      assert.ok(suggestion !== undefined, `slot ${slot}`);
      begun.push(suggestion.values);
    }
    assert.equal(new Set(begun.map(keyOf)).size, 5);
    const together = propose(search, viewOf({ index, count: 5, observations: all }));
    assert.equal(new Set(together.map(({ values }) => keyOf(values))).size, 5);
  });

  test('are none where the bracket has begun with all of them', () => {
    const begun = all.map(({ values }) => values);

    for (let slot = 0; slot < 5; slot++) {
      const view = viewOf({ index: index + slot, observations: all, begun });
      assert.deepEqual(propose(search, view), []);
    }
  });

  test('one that was tried for as long comes after those that were not, one that was tried for less does not', () => {
    // The best one by far; the bracket begins with 3 epochs.
    const observed = (spent: number): readonly Observation[] =>
      all.map((one, i) => ({ ...one, objective: i === 0 ? -100 : 10 + i / 100, spent }));
    const keyOf = createValuesKey(FEW);
    const best = keyOf(all[0]?.values ?? {});
    const suggested = (observations: readonly Observation[]): readonly string[] =>
      Array.from({ length: 5 }, (_, slot) =>
        propose(search, viewOf({ index: index + slot, observations })),
      )
        .flat()
        .filter(({ source }) => source === 'surrogate')
        .map(({ values }) => keyOf(values));

    const less = suggested(observed(1));
    const [first, ...others] = observed(1);
    assert.ok(first !== undefined);
    const asLong = suggested([{ ...first, spent: 3 }, ...others]);

    assert.ok(less.length >= 2 && less.includes(best), less.join(' '));
    assert.ok(asLong.length >= 2 && !asLong.includes(best), asLong.join(' '));
  });
});

test('a matrix of which nobody has counted the points gives those that it has, and then none', () => {
  const search = searchOf(NARROW);
  const observations = firstRung(search);
  const begun: Values[] = [];
  for (let index = 9; index < 14; index++) {
    const [suggestion] = propose(search, viewOf({ index, observations, begun: [...begun] }));
    if (suggestion === undefined) break;
    begun.push(suggestion.values);
  }

  assert.equal(observations.length, 3);
  assert.equal(new Set(begun.map(({ a }) => a)).size, begun.length);
  assert.equal(begun.length, 3);
});
