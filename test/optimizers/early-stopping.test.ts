import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EarlyStoppingRule } from '../../lib/domain/hptuning.ts';
import { matchRule } from '../../lib/optimizers/early-stopping.ts';

const ACCURATE: EarlyStoppingRule = { metric: 'accuracy', value: 0.9, optimization: 'maximize' };
const LOSS: EarlyStoppingRule = { metric: 'loss', value: 0.05, optimization: 'minimize' };
const RULES = [ACCURATE, LOSS];

const CASES: readonly {
  name: string;
  last: Record<string, number>;
  rule: EarlyStoppingRule | null;
}[] = [
  { name: 'nothing reported meets no rule', last: {}, rule: null },
  { name: 'another metric meets no rule', last: { f1: 1 }, rule: null },
  {
    name: 'a value equal to the bound meets a maximize rule',
    last: { accuracy: 0.9 },
    rule: ACCURATE,
  },
  {
    name: 'a value below the bound meets no maximize rule',
    last: { accuracy: 0.89999 },
    rule: null,
  },
  { name: 'a value equal to the bound meets a minimize rule', last: { loss: 0.05 }, rule: LOSS },
  { name: 'a value above the bound meets no minimize rule', last: { loss: 0.051 }, rule: null },
  { name: 'either rule is enough', last: { accuracy: 0.1, loss: 0.01 }, rule: LOSS },
  { name: 'the first rule that is met is named', last: { loss: 0, accuracy: 1 }, rule: ACCURATE },
  { name: 'infinity meets no rule', last: { accuracy: Number.POSITIVE_INFINITY }, rule: null },
  { name: 'minus infinity meets no rule', last: { loss: Number.NEGATIVE_INFINITY }, rule: null },
  { name: 'NaN meets no rule', last: { accuracy: Number.NaN, loss: Number.NaN }, rule: null },
];

for (const { name, last, rule } of CASES) {
  test(name, () => {
    assert.deepEqual(matchRule(RULES, new Map(Object.entries(last))), rule);
  });
}

test('without rules nothing stops', () => {
  assert.equal(matchRule([], new Map([['loss', 0]])), null);
});
