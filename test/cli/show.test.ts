import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGone, workerName } from '../../cli/agent/names.ts';
import { csvRecord } from '../../cli/show/csv.ts';
import { cut, duration, printable, short } from '../../cli/show/format.ts';

test('a field of CSV is quoted where it must be', () => {
  assert.equal(
    csvRecord([1, null, 'a,b', 'say "hi"', 'two\nlines', [1, 2], true, 'NaN']),
    '1,,"a,b","say ""hi""","two\nlines","[1,2]",true,NaN\r\n',
  );
});

for (const [ms, text] of [
  [0, '0:00'],
  [59_600, '1:00'],
  [3_599_000, '59:59'],
  [3_723_000, '1:02:03'],
] as const) {
  test(`${ms} ms are shown as ${text}`, () => {
    assert.equal(duration(ms), text);
  });
}

for (const [value, text] of [
  [0.123456, '0.1235'],
  [1e-9, '1e-9'],
  [123456, '123456'],
  ['relu', 'relu'],
  [[1, 'a'], '[1,"a"]'],
  [undefined, '–'],
  ['NaN', 'NaN'],
] as const) {
  test(`${JSON.stringify(value) ?? 'nothing'} is shown as ${text}`, () => {
    assert.equal(short(value), text);
  });
}

test('text from elsewhere does nothing to a terminal', () => {
  assert.equal(printable('a\u001b[2Jb\r\nc'), 'a [2Jb  c');
});

test('text is cut to a width with an ellipsis', () => {
  assert.deepEqual([cut('abc', 3), cut('abcd', 3), cut('abc', 0)], ['abc', 'ab…', '']);
});

test('a worker of a process that is gone is known by its name, a living or a foreign one is not', () => {
  const own = workerName(3);
  const [, machine = ''] = /^(.*)-\d+-3$/.exec(own) ?? [];

  assert.ok(own.length <= 128);
  assert.ok(!isGone(own));
  assert.ok(isGone(`${machine}-99999999-1`));
  assert.ok(!isGone(`${machine}-${process.ppid}-1`));
  assert.ok(!isGone('elsewhere-abcdef-99999999-1'));
  assert.ok(!isGone(`${machine}-x-1`));
});
