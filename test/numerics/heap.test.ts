import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHeap } from '../../lib/numerics/heap.ts';

const numeric = (a: number, b: number): number => a - b;

test('a heap gives back in order what was put in, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (items) => {
      const heap = createHeap(numeric);
      for (const item of items) heap.push(item);

      assert.equal(heap.size(), items.length);
      assert.equal(heap.peek(), items.toSorted(numeric)[0]);
      assert.deepEqual(
        items.map(() => heap.pop()),
        items.toSorted(numeric),
      );
      assert.equal(heap.pop(), undefined);
    }),
  );
});

test('what happens to a copy of a heap leaves the heap as it is', () => {
  const heap = createHeap(numeric);
  heap.push(2);
  heap.push(1);
  const copy = heap.copy();

  copy.pop();
  copy.push(0);

  assert.deepEqual([heap.pop(), heap.pop(), heap.pop()], [1, 2, undefined]);
  assert.deepEqual([copy.pop(), copy.pop(), copy.pop()], [0, 2, undefined]);
});
