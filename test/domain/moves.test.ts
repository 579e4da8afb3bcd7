import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unpack } from '../../lib/domain/event-log.ts';
import type { GroupHead } from '../../lib/domain/group.ts';
import {
  activePlaces,
  advance,
  beginStop,
  countEnding,
  newHead,
  resumed,
} from '../../lib/domain/moves.ts';

const loss = { name: 'loss', optimization: 'minimize' } as const;
const unlimited = { maxFailures: null, initial: null };

const withPlaces = (...numbers: readonly number[]) => ({
  ...newHead({ planned: numbers.length, fresh: numbers.length }, 0),
  nextNumber: numbers.length + 1,
  nextFresh: numbers.length,
  places: numbers.map((n) => ({ n, i: n - 1, a: 1 })),
});

const types = (head: ReturnType<typeof newHead>): readonly string[] =>
  head.events.map((event) => unpack(event).type);

describe('the moves of a group', () => {
  test('end it as exhausted once the last experiment has ended, and not before', () => {
    const two = withPlaces(1, 2);

    const one = countEnding(
      two,
      { number: 1, index: null, end: 'succeeded', objective: 3, at: 1 },
      loss,
    );
    const none = countEnding(
      one,
      { number: 2, index: null, end: 'failed', objective: null, at: 2 },
      loss,
    );

    assert.equal(advance(one, unlimited, 1), one);
    const done = advance(none, unlimited, 2);
    assert.equal(done.status, 'done');
    assert.equal(done.reason?.code, 'exhausted');
    assert.deepEqual(done.counts, { succeeded: 1, failed: 1, infeasible: 0, stopped: 0 });
  });

  test('keep the lower number as best among equals, whoever reports first', () => {
    const ending = (number: number) =>
      ({ number, index: null, end: 'succeeded', objective: 5, at: 1 }) as const;

    const forwards = countEnding(countEnding(withPlaces(1, 2), ending(1), loss), ending(2), loss);
    const backwards = countEnding(countEnding(withPlaces(1, 2), ending(2), loss), ending(1), loss);

    assert.deepEqual(forwards.best, { number: 1, value: 5 });
    assert.deepEqual(backwards.best, { number: 1, value: 5 });
  });

  test('never take a failed, an infeasible or a non-finite experiment for the best', () => {
    const head = withPlaces(1, 2, 3);

    const after = [
      { number: 1, index: null, end: 'failed', objective: 1, at: 1 } as const,
      { number: 2, index: null, end: 'infeasible', objective: 1, at: 1 } as const,
      { number: 3, index: null, end: 'succeeded', objective: 'NaN', at: 1 } as const,
    ].reduce<GroupHead>((old, ending) => countEnding(old, ending, loss), head);

    assert.equal(after.best, null);
  });

  test('stop only when nothing runs any more, and ask each running one to stop', () => {
    const stopping = beginStop(withPlaces(1, 2), { code: 'requested', detail: 'asked' }, 1);

    assert.deepEqual(types(stopping).slice(1), [
      'group.stopping',
      'experiment.stop_requested',
      'experiment.stop_requested',
    ]);
    assert.equal(advance(stopping, unlimited, 1).status, 'stopping');
    const idle = {
      ...stopping,
      places: stopping.places.map((place) => ({ ...place, r: 1 as const })),
    };
    assert.equal(activePlaces(idle).length, 0);
    assert.equal(advance(idle, unlimited, 2).status, 'stopped');
  });

  test('count failures anew after a resume', () => {
    const limits = { maxFailures: 0, initial: null };
    const failed = countEnding(
      withPlaces(1, 2, 3),
      { number: 1, index: null, end: 'failed', objective: null, at: 1 },
      loss,
    );

    const stopping = advance(failed, limits, 1);
    const again = advance(resumed({ ...stopping, status: 'stopped' }, 2), limits, 2);

    assert.equal(stopping.reason?.code, 'too_many_failures');
    assert.equal(again.status, 'running');
  });
});
