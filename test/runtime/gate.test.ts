import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createGate } from '../../lib/runtime/gate.ts';

describe('the gate', () => {
  test('lets four attempts of an endpoint begin, the next one when one of them has ended', async () => {
    const gate = createGate();
    for (let n = 0; n < 4; n++) assert.equal(await gate.enter('a'), true);

    const fifth = gate.enter('a');
    gate.leave('a', false);

    assert.equal(await fifth, true);
  });

  test('keeps nobody from one endpoint because of another', async () => {
    const gate = createGate();
    for (let n = 0; n < 4; n++) await gate.enter('a');

    assert.equal(await gate.enter('b'), true);
  });

  test('sends back who has waited for long, and at once who would be one too many', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const gate = createGate();
    for (let n = 0; n < 4; n++) await gate.enter('a');
    const waiting = Array.from({ length: 32 }, () => gate.enter('a'));

    assert.equal(await gate.enter('a'), false);
    t.mock.timers.tick(2_000);

    assert.deepEqual(new Set(await Promise.all(waiting)), new Set([false]));
  });

  test('lets one attempt at a time of an endpoint that fails, until one has arrived', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const gate = createGate();
    await gate.enter('a');
    gate.leave('a', true);
    assert.equal(await gate.enter('a'), true);
    const second = gate.enter('a');
    t.mock.timers.tick(2_000);
    assert.equal(await second, false);

    gate.leave('a', false);

    assert.deepEqual([await gate.enter('a'), await gate.enter('a')], [true, true]);
  });
});
