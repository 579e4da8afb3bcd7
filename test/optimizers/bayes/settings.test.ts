import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Algorithm } from '../../../lib/domain/hptuning.ts';
import { settingsOf } from '../../../lib/optimizers/bayes/settings.ts';

const metric = { name: 'loss', optimization: 'minimize' } as const;
const auto = (nExperiments: number): Algorithm => ({
  kind: 'auto',
  nExperiments,
  metric,
  training: null,
});

const initial = (nExperiments: number, parameters: number): number | undefined =>
  settingsOf(auto(nExperiments), parameters)?.initial;

test('auto looks around first: the more, the more parameters there are, at most ten times', () => {
  assert.deepEqual(
    [1, 2, 4, 8, 50].map((parameters) => initial(100, parameters)),
    [4, 4, 6, 10, 10],
  );
});

test('auto looks around for a fifth of its budget at most, but four times', () => {
  assert.deepEqual(
    [1, 3, 10, 25, 50].map((experiments) => initial(experiments, 8)),
    [1, 3, 4, 5, 10],
  );
});

test('auto begins in the middle and describes no surrogate', () => {
  const settings = settingsOf(auto(20), 3);

  assert.equal(settings?.startsInMiddle, true);
  assert.equal(settings?.surrogate, null);
  assert.equal(settings?.experiments, 20);
});

test('bo makes the initial design that the document asks for', () => {
  const bo = { kind: 'bo', nInitialTrials: 7, nIterations: 5, metric, surrogate: null } as const;
  const settings = settingsOf(bo, 3);

  assert.deepEqual(
    [settings?.initial, settings?.experiments, settings?.startsInMiddle],
    [7, 12, false],
  );
});

test('other algorithms have no surrogate', () => {
  assert.equal(settingsOf({ kind: 'random', nExperiments: 5, metric }, 2), null);
});
