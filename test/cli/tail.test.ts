import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTail, lastBytes } from '../../cli/agent/tail.ts';

test('the last bytes of a text are valid UTF-8, at most as many as asked for, and its end', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 40 }), (text, max) => {
      const last = lastBytes(text, max);

      assert.ok(Buffer.byteLength(last) <= max);
      assert.ok(text.endsWith(last));
      assert.ok(Buffer.byteLength(last) > max - 4 || last === text);
    }),
  );
});

test('a tail keeps the end of all lines, whatever their number', () => {
  const line = fc.stringMatching(/^[a-zé ]{0,30}$/);
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 50 }),
      fc.integer({ min: 1, max: 64 }),
      (lines, max) => {
        const tail = createTail(max);
        for (const each of lines) tail.push(each);

        assert.equal(tail.text(), lastBytes(lines.join('\n'), max));
      },
    ),
  );
});

test('colours and control characters are left out of a tail', () => {
  const tail = createTail(100);
  tail.push('\u001b[31mError\u001b[0m:\u0007 no\tdata');

  assert.equal(tail.text(), 'Error: no\tdata');
});
