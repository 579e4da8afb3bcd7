import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLine } from '../../cli/agent/report-line.ts';

const read = (text: string): ReturnType<typeof readLine> => readLine({ text, isClipped: false });

const NOTHING = { metrics: {}, step: null, checkpoint: null, message: null };

for (const [line, update] of [
  ['rungwise {"loss": 0.31, "step": 4}', { metrics: { loss: 0.31 }, step: 4 }],
  ['  rungwise\t{"loss":1e-3}  ', { metrics: { loss: 0.001 } }],
  ['rungwise {"loss": NaN, "a": -Infinity}', { metrics: { loss: 'NaN', a: '-Infinity' } }],
  ['rungwise {"loss": "Infinity"}', { metrics: { loss: 'Infinity' } }],
  ['rungwise {"loss": 1e999, "a": -1e999}', { metrics: { loss: 'Infinity', a: '-Infinity' } }],
  ['rungwise {"checkpoint": "s3://a/b"}', { checkpoint: 's3://a/b' }],
  [
    'rungwise {"message": "Grüße", "loss": 1, "step": 0}',
    { message: 'Grüße', metrics: { loss: 1 }, step: 0 },
  ],
  ['rungwise {}', {}],
  ['rungwise {"step": null, "checkpoint": null}', {}],
] as const) {
  test(`${line} reports ${JSON.stringify(update)}`, () => {
    assert.deepEqual(read(line), { update: { ...NOTHING, ...update }, mistakes: [] });
  });
}

for (const line of [
  '',
  'epoch 1',
  'rungwise is fine',
  'rungwise',
  'rungwise{"loss": 1}',
  'a rungwise {"loss": 1}',
]) {
  test(`"${line}" is ordinary output`, () => {
    assert.deepEqual(read(line), { update: null, mistakes: [] });
  });
}

for (const line of [
  'rungwise {',
  'rungwise {"loss": 1} // done',
  "rungwise {'loss': 1}",
  'rungwise {"loss": True}',
]) {
  test(`${line} is a mistake and reports nothing`, () => {
    const { update, mistakes } = read(line);

    assert.equal(update, null);
    assert.equal(mistakes.length, 1);
  });
}

test('what is wrong with a report is left out, the rest counts', () => {
  const { update, mistakes } = read(
    'rungwise {"loss": 1, "accuracy": "0.9", "ok": true, "": 2, "step": -1, "checkpoint": 3}',
  );

  assert.deepEqual(update, { ...NOTHING, metrics: { loss: 1 } });
  assert.equal(mistakes.length, 5);
});

test('a metric called __proto__ is a metric like any other', () => {
  const { update } = read('rungwise {"__proto__": 1}');

  assert.deepEqual(Object.entries(update?.metrics ?? {}), [['__proto__', 1]]);
});

test('a report takes 100 metrics, and the 101st is left out', () => {
  const line = (count: number): string =>
    `rungwise ${JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i])))}`;

  assert.deepEqual(read(line(100)).mistakes, []);
  assert.equal(read(line(101)).mistakes.length, 1);
  assert.equal(Object.keys(read(line(101)).update?.metrics ?? {}).length, 100);
});

test('a clipped line is a mistake only where it reports', () => {
  assert.equal(readLine({ text: 'rungwise {"loss": 1', isClipped: true }).mistakes.length, 1);
  assert.deepEqual(readLine({ text: 'xxxx', isClipped: true }).mistakes, []);
});

test('any metrics that JSON can write are read as they are', () => {
  const name = fc
    .stringMatching(/^[a-z]{1,20}$/)
    .filter((text) => !['step', 'checkpoint', 'message'].includes(text));
  const metrics = fc.dictionary(name, fc.double({ noNaN: true, noDefaultInfinity: true }), {
    maxKeys: 20,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(metrics, (sent) => {
      assert.deepEqual(
        read(`rungwise ${JSON.stringify(sent)}`).update?.metrics,
        JSON.parse(JSON.stringify(sent)),
      );
    }),
  );
});

test('no line makes the reader throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      assert.ok(Array.isArray(read(`rungwise {${text}`).mistakes));
    }),
  );
});
