import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventsIn, pack, unpack } from '../../lib/domain/event-log.ts';
import { EVENT_TYPES } from '../../lib/domain/group.ts';

test('an event comes out of its stored form as it went in', () => {
  const optional = fc.option(fc.nat(), { nil: undefined });
  fc.assert(
    fc.property(
      fc.constantFrom(...EVENT_TYPES),
      fc.nat(),
      fc.tuple(optional, optional, optional),
      fc.option(fc.record({ value: fc.integer() }, { noNullPrototype: true }), { nil: undefined }),
      (type, at, [n, attempt, count], data) => {
        const event = {
          type,
          at,
          ...(n === undefined ? {} : { n }),
          ...(attempt === undefined ? {} : { attempt }),
          ...(count === undefined ? {} : { count }),
          ...(data === undefined ? {} : { data }),
        };

        const stored = pack(event);

        assert.deepEqual(unpack(JSON.parse(JSON.stringify(stored))), event);
        assert.equal(eventsIn(stored), count ?? 1);
      },
    ),
  );
});

test('stored events name their types by places that never change', () => {
  assert.deepEqual(EVENT_TYPES, [
    'group.created',
    'group.stopping',
    'group.stopped',
    'group.resumed',
    'group.done',
    'group.deleted',
    'group.best_changed',
    'group.rung_completed',
    'experiment.queued',
    'experiment.dispatched',
    'experiment.started',
    'experiment.succeeded',
    'experiment.failed',
    'experiment.infeasible',
    'experiment.stop_requested',
    'experiment.stopped',
    'experiment.lease_lost',
    'group.iteration_completed',
    'group.planned_changed',
  ]);
});
