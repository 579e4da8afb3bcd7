import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkEventPatterns } from '../../lib/contract/event-patterns.ts';
import { EVENT_PATTERNS } from '../../lib/domain/webhook.ts';

test('every pattern that an event can match is right', () => {
  assert.deepEqual(checkEventPatterns(EVENT_PATTERNS, 'events'), []);
});

for (const [pattern, suggestion] of [
  ['group.best', 'group.*'],
  ['groups.done', 'group.done'],
  ['experiment.success', 'experiment.succeeded'],
  ['experiments.*', 'experiment.*'],
  ['GROUP.DONE', 'group.done'],
  ['webhook.tset', 'webhook.test'],
] as const) {
  test(`"${pattern}" is a mistake near to "${suggestion}"`, () => {
    const [mistake, ...more] = checkEventPatterns(['group.done', pattern], 'events');

    assert.deepEqual(more, []);
    assert.equal(mistake?.path, 'events[1]');
    assert.equal(mistake?.suggestion, suggestion);
    assert.ok(mistake?.message.includes(`"${pattern}"; did you mean "${suggestion}"?`));
  });
}

for (const pattern of ['', 'cat', 'x'.repeat(10_000)]) {
  test(`a pattern of ${pattern.length} characters that is near to none is a short mistake`, () => {
    const [mistake] = checkEventPatterns([pattern], 'events');

    assert.ok(mistake !== undefined && !('suggestion' in mistake));
    assert.ok(mistake.message.length < 1_000);
    assert.match(mistake.message, /^There is no event .+\. Allowed here: \*, group\.\*, /);
  });
}
