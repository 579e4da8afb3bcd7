/** A collection of which the first by an order is at hand. */
export interface Heap<T> {
  readonly size: () => number;
  /** The first one; undefined where there is none. */
  readonly peek: () => T | undefined;
  readonly push: (item: T) => void;
  /** Takes the first one out. */
  readonly pop: () => T | undefined;
  readonly copy: () => Heap<T>;
}

/**
 * Returns an empty binary heap.
 *
 * @param compare - below 0 where `a` comes before `b`; equal ones come in any order
 * *Cost* O(log n) for push and pop, O(n) for a copy
 */
export const createHeap = <T>(compare: (a: T, b: T) => number): Heap<T> => heapOf([], compare);

function heapOf<T>(items: T[], compare: (a: T, b: T) => number): Heap<T> {
  /** Puts an item where it belongs on the way up from a hole. */
  const rise = (item: T, from: number): void => {
    let hole = from;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = items[parent];
      if (above === undefined || compare(item, above) >= 0) break;
      items[hole] = above;
      hole = parent;
    }
    items[hole] = item;
  };
  /** Puts an item where it belongs on the way down from the top. */
  const sink = (item: T): void => {
    let hole = 0;
    for (;;) {
      const left = items[2 * hole + 1];
      const right = items[2 * hole + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && compare(right, left) < 0;
      const below = isRight ? right : left;
      if (compare(item, below) <= 0) break;
      items[hole] = below;
      hole = 2 * hole + (isRight ? 2 : 1);
    }
    items[hole] = item;
  };
  return {
    size: () => items.length,
    peek: () => items[0],
    push: (item) => rise(item, items.length),
    pop() {
      const [first] = items;
      const last = items.pop();
      if (last !== undefined && items.length > 0) sink(last);
      return first;
    },
    copy: () => heapOf([...items], compare),
  };
}
