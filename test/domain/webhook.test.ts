import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../lib/domain/limits.ts';
import type { SealedSecret, Sent, WebhookHealth } from '../../lib/domain/webhook.ts';
import {
  afterDelivery,
  EVENT_PATTERNS,
  HEALTHY,
  isDelivered,
  liveSecrets,
  matches,
  retryAt,
  rotated,
  WEBHOOK_EVENT_TYPES,
} from '../../lib/domain/webhook.ts';

const START = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const answer = (status: number): Sent => ({ kind: 'answered', status, ms: 1, body: '' });
const FAILURES: readonly Sent[] = [
  answer(500),
  answer(302),
  answer(404),
  answer(199),
  answer(300),
  { kind: 'refused', reason: '10.0.0.1 is a private address' },
  { kind: 'failed', reason: 'nobody listens at the port (ECONNREFUSED)' },
];

describe('a delivery that failed', () => {
  test('is tried again after ever longer times, ten times in all', () => {
    const middle = 0.5;
    const seconds = Array.from({ length: 10 }, (_, index) => {
      const at = retryAt(index + 1, START, middle);
      return at === null ? null : (at - START) / 1_000;
    });

    assert.deepEqual(seconds, [
      5,
      5 * 60,
      30 * 60,
      2 * 3_600,
      5 * 3_600,
      10 * 3_600,
      14 * 3_600,
      20 * 3_600,
      24 * 3_600,
      null,
    ]);
  });

  test('comes again up to a tenth sooner or later', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), random, (attempt, draw) => {
        const at = retryAt(attempt, START, draw);
        const middle = retryAt(attempt, START, 0.5);

        assert.ok(at !== null && middle !== null && Number.isInteger(at));
        const share = (at - START) / (middle - START);
        assert.ok(share >= 0.9 && share <= 1.1);
      }),
    );
    assert.equal(retryAt(1, START, 0), START + 4_500);
  });
});

describe('a webhook', () => {
  for (const status of [200, 201, 204, 299]) {
    test(`has got what it answers with ${status}, and is healthy again`, () => {
      const failing = { failingSince: START, disabledBy: null };

      assert.ok(isDelivered(answer(status)));
      assert.deepEqual(afterDelivery(failing, answer(status), START + 6 * DAY_MS), HEALTHY);
    });
  }

  for (const sent of FAILURES) {
    test(`fails from its first ${JSON.stringify(sent)} on, and is disabled after five days of nothing else`, () => {
      const first = afterDelivery(HEALTHY, sent, START);
      const later = afterDelivery(first, sent, START + 5 * DAY_MS - 1);
      const last = afterDelivery(later, sent, START + 5 * DAY_MS);

      assert.equal(isDelivered(sent), false);
      assert.deepEqual(first, { failingSince: START, disabledBy: null });
      assert.deepEqual(later, first);
      assert.deepEqual(last, { failingSince: START, disabledBy: 'failing' });
    });
  }

  test('that answers 410 is disabled at once', () => {
    assert.deepEqual(afterDelivery(HEALTHY, answer(410), START), {
      failingSince: START,
      disabledBy: 'gone',
    });
  });

  test('that is disabled stays so, whatever comes in late', () => {
    const disabled: WebhookHealth = { failingSince: START, disabledBy: 'failing' };
    for (const sent of [answer(200), answer(410), ...FAILURES]) {
      assert.deepEqual(afterDelivery(disabled, sent, START + 9 * DAY_MS), disabled);
    }
  });

  test('is disabled by failures exactly where five days of them have no success among them', () => {
    const history = fc.array(fc.record({ gapMs: fc.nat(DAY_MS), arrived: fc.nat(9) }));
    fc.assert(
      fc.property(history, (attempts) => {
        let health = HEALTHY;
        let now = START;
        let failingSince: number | null = null;
        let expected = false;
        for (const { gapMs, arrived } of attempts) {
          now += gapMs;
          health = afterDelivery(health, answer(arrived === 0 ? 200 : 503), now);
          if (expected) continue;
          failingSince = arrived === 0 ? null : (failingSince ?? now);
          expected = failingSince !== null && now - failingSince >= 5 * DAY_MS;
        }

        assert.equal(health.disabledBy, expected ? 'failing' : null);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what a webhook is told of', () => {
  test('follows from names, from the beginnings of names, and from the star', () => {
    assert.ok(matches(['group.done'], 'group.done'));
    assert.ok(!matches(['group.done'], 'group.stopped'));
    assert.ok(matches(['experiment.failed', 'group.*'], 'group.stopped'));
    assert.ok(!matches(['group.*'], 'experiment.failed'));
    assert.ok(!matches([], 'group.done'));
    for (const type of WEBHOOK_EVENT_TYPES) assert.ok(matches(['*'], type));
  });

  test('can be asked for by every pattern there is, and each stands for something', () => {
    for (const pattern of EVENT_PATTERNS) {
      assert.ok(WEBHOOK_EVENT_TYPES.some((type) => matches([pattern], type)));
    }
    assert.deepEqual(EVENT_PATTERNS.slice(0, 4), ['*', 'group.*', 'experiment.*', 'webhook.*']);
  });

  test('never follows from a part of a group name', () => {
    assert.ok(!matches(['gro.*', 'group*', '.*', 'group.', ''], 'group.done'));
  });
});

describe('the secrets of a webhook', () => {
  const only: readonly SealedSecret[] = [{ sealed: 'a', until: null }];
  const names = (secrets: readonly SealedSecret[]): string =>
    secrets.map(({ sealed }) => sealed).join('');

  test('both sign for a day after a rotation', () => {
    const secrets = rotated(only, 'b', START);

    assert.equal(names(liveSecrets(secrets, START)), 'ba');
    assert.equal(names(liveSecrets(secrets, START + DAY_MS - 1)), 'ba');
    assert.equal(names(liveSecrets(secrets, START + DAY_MS)), 'b');
  });

  test('keep their own day when another rotation follows', () => {
    const secrets = rotated(rotated(only, 'b', START), 'c', START + HOUR_MS);

    assert.equal(names(liveSecrets(secrets, START + DAY_MS - 1)), 'cba');
    assert.equal(names(liveSecrets(secrets, START + DAY_MS)), 'cb');
    assert.equal(names(rotated(secrets, 'd', START + 2 * DAY_MS)), 'dc');
  });

  test('are never more than the limit, and the newest of them', () => {
    const letters = [...'bcdefg'];

    const secrets = letters.reduce((all, sealed) => rotated(all, sealed, START), only);

    assert.equal(secrets.length, LIMITS.webhookSecrets);
    assert.equal(names(secrets), 'gfed');
  });
});
