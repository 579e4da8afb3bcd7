import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HalvingResult, HalvingRule, PromotedSlot } from '../../lib/optimizers/halving.ts';
import { createHalving } from '../../lib/optimizers/halving.ts';
import { promoteSlowly } from './halving-reference.ts';

const RULE: HalvingRule = { rungs: 3, eta: 3, optimization: 'minimize', unrankedShare: 0 };

/** Results of the first rung with these losses, slot by slot; null for a failure. */
const firstRung = (losses: readonly (number | null)[]): readonly HalvingResult[] =>
  losses.map((objective, slot) => ({
    ...{ number: slot + 1, rung: 0, slot, objective },
    end: objective === null ? 'failed' : 'succeeded',
  }));

function promotedBy(results: readonly HalvingResult[], rule = RULE): readonly PromotedSlot[] {
  const halving = createHalving(rule);
  for (const result of results) halving.add(result);
  return halving.open();
}

const slotsOf = (promoted: readonly PromotedSlot[]): readonly number[] =>
  promoted.map(({ slot }) => slot);

test('nobody goes on before the first eta results are there, then the best of them', () => {
  assert.deepEqual(promotedBy(firstRung([5, 1])), []);
  assert.deepEqual(promotedBy(firstRung([5, 1, 7])), [{ rung: 1, slot: 1, parent: 2 }]);
});

test('who has gone on is not called back by who overtakes it, who goes on as well', () => {
  assert.deepEqual(slotsOf(promotedBy(firstRung([5, 4, 3, 2]))), [2, 3]);
});

test('failures make room for others and never go on', () => {
  assert.deepEqual(slotsOf(promotedBy(firstRung([null, 9, null]))), [1]);
  assert.deepEqual(slotsOf(promotedBy(firstRung([null, null, null]))), []);
});

test('of equal values the earlier configuration goes on', () => {
  const [first, second, third] = firstRung([1, 1, 1]);
  assert.ok(first !== undefined && second !== undefined && third !== undefined);

  assert.deepEqual(slotsOf(promotedBy([third, second, first])), [0]);
});

test('a copy goes its own way', () => {
  const halving = createHalving(RULE);
  const [first, second, third] = firstRung([1, 2, 3]);
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  halving.add(first);
  halving.add(second);
  const copy = halving.copy();

  copy.add(third);

  assert.deepEqual(slotsOf(copy.open()), [0]);
  assert.deepEqual(halving.open(), []);
  assert.deepEqual([halving.counts()[0]?.ended, copy.counts()[0]?.ended], [2, 3]);
});

/** An order of results that can happen: whatever goes on ends some time later. */
const histories = fc
  .record({
    eta: fc.constantFrom(1.1, 1.5, 2, 2.5, 3, 4),
    rungs: fc.integer({ min: 1, max: 4 }),
    optimization: fc.constantFrom('minimize' as const, 'maximize' as const),
    unrankedShare: fc.constantFrom(0, 0, 0.2, 0.5),
    lots: fc.array(
      fc.record({
        pick: fc.nat(100),
        objective: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, null, 'NaN' as const),
        end: fc.constantFrom('succeeded' as const, 'succeeded' as const, 'failed' as const),
      }),
      { maxLength: 60 },
    ),
  })
  .map(({ lots, ...rule }) => ({ rule, lots }));

test('after every result the same have gone on as where each rung is ranked anew', () => {
  fc.assert(
    fc.property(histories, ({ rule, lots }) => {
      const halving = createHalving(rule);
      const results: HalvingResult[] = [];
      let begun = 0;
      for (const { pick, objective, end } of lots) {
        const open = halving.open();
        const next = open[pick % (open.length + 1)];
        const at = next ?? { rung: 0, slot: begun++ };
        const number = results.length + 1;
        const result: HalvingResult = { number, rung: at.rung, slot: at.slot, end, objective };
        results.push(result);
        const before = halving.counts().reduce((sum, { promoted }) => sum + promoted, 0);

        halving.add(result);

        const after = halving.counts().reduce((sum, { promoted }) => sum + promoted, 0);
        assert.ok(after - before <= 1, 'one result promotes one at most');
        const expected = promoteSlowly(results, rule);
        const ended = new Set(results.map(({ rung, slot }) => `${rung}/${slot}`));
        assert.deepEqual(
          halving.open(),
          expected.filter(({ rung, slot }) => !ended.has(`${rung}/${slot}`)),
        );
        assert.equal(after, expected.length);
      }
    }),
    { numRuns: 200 },
  );
});
