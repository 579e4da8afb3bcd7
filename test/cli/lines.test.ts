import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Line } from '../../cli/agent/lines.ts';
import { createLineSplitter } from '../../cli/agent/lines.ts';

/** Splits bytes that come in chunks of the given sizes, over and over. */
function split(bytes: Uint8Array, sizes: readonly number[], charactersMax?: number): Line[] {
  const splitter = createLineSplitter(charactersMax);
  const lines: Line[] = [];
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    lines.push(...splitter.push(bytes.subarray(start, start + size)));
    start += size;
  }
  return [...lines, ...splitter.end()];
}

const textsOf = (text: string): readonly string[] =>
  split(Buffer.from(text), [1]).map((line) => line.text);

const piece = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('\n', '\r\n', '\r', '\r\r\n', 'é', '😀', '{"loss": 1}', 'rungwise '),
);
const output = fc
  .oneof(
    fc.array(piece).map((pieces) => Buffer.from(pieces.join(''))),
    fc.uint8Array({ maxLength: 200 }),
  )
  .map((bytes) => Uint8Array.from(bytes));
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });

test('however bytes are cut into chunks, the lines are the same', () => {
  fc.assert(
    fc.property(output, sizes, (bytes, cuts) => {
      assert.deepEqual(split(bytes, cuts), split(bytes, [bytes.length + 1]));
    }),
  );
});

test('however bytes are cut into chunks, clipped lines are the same and never too long', () => {
  fc.assert(
    fc.property(output, sizes, fc.integer({ min: 1, max: 6 }), (bytes, cuts, max) => {
      const lines = split(bytes, cuts, max);

      assert.deepEqual(lines, split(bytes, [bytes.length + 1], max));
      assert.ok(lines.every(({ text }) => text.length <= max && text.isWellFormed()));
    }),
  );
});

test('lines joined by line feeds come out as they went in', () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text));
  fc.assert(
    fc.property(fc.array(line.filter((text) => !text.includes('\uFEFF'))), sizes, (lines, cuts) => {
      const text = lines.map((each) => `${each}\n`).join('');
      assert.deepEqual(
        split(Buffer.from(text), cuts).map((each) => each.text),
        lines,
      );
    }),
  );
});

for (const [text, lines] of [
  ['', []],
  ['a', ['a']],
  ['a\n', ['a']],
  ['a\n\nb', ['a', '', 'b']],
  ['a\r\nb\r\n', ['a', 'b']],
  ['50%\r100%\rdone\n', ['50%', '100%', 'done']],
  ['a\r\n\r\nb', ['a', '', 'b']],
  ['a\r\n\nb', ['a', '', 'b']],
] as const) {
  test(`${JSON.stringify(text)} has the lines ${JSON.stringify(lines)}`, () => {
    assert.deepEqual(textsOf(text), lines);
  });
}

test('bytes that are no UTF-8 become replacement characters', () => {
  assert.deepEqual(split(Uint8Array.of(0x61, 0xff, 0x0a), [1]), [
    { text: 'a\uFFFD', isClipped: false },
  ]);
});

test('a line without an end is clipped, the next one is not', () => {
  assert.deepEqual(split(Buffer.from(`${'x'.repeat(100)}\nab`), [7], 10), [
    { text: 'x'.repeat(10), isClipped: true },
    { text: 'ab', isClipped: false },
  ]);
});
