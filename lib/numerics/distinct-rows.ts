import assert from 'node:assert/strict';

/**
 * Rows of numbers, numbered from 0, of which only those are counted that differ from all before.
 */
export interface DistinctRows {
  /**
   * The number of the k-th distinct row, or null where too many repeats in a row ended the search
   * for it.
   */
  readonly at: (k: number) => number | null;
}

const FIRST_CAPACITY = 64;

/** Murmur3's mixing of 32-bit words, whose quality is that of a hash table, not of a cipher. */
function hashWords(words: Uint32Array): number {
  let hash = words.length;
  for (let i = 0; i < words.length; i++) {
    let word = Math.imul(words[i]!, 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Returns the distinct rows of an endless numbered sequence in order of their numbers. Rows are
 * computed as far as they are asked for; of each distinct one its number and a hash are kept, and
 * where hashes agree the older row is computed again and compared, so that the answer is exact and
 * 10^6 rows take about 16 MB, however wide they are.
 *
 * @param width - numbers in a row
 * @param fill - writes row number n; a pure function of n that writes neither NaN nor −0
 * @param repeats - how many rows in a row may be repeats before the search ends for good
 * *Range* row numbers below 2^32: more than 10^6 distinct rows with 1,000 repeats before each.
 */
export function createDistinctRows({
  width,
  fill,
  repeats,
}: {
  width: number;
  fill: (n: number, out: Float64Array) => void;
  repeats: number;
}): DistinctRows {
  const row = new Float64Array(width);
  const words = new Uint32Array(row.buffer);
  const other = new Float64Array(width);
  let accepted = new Uint32Array(FIRST_CAPACITY);
  let hashes = new Uint32Array(FIRST_CAPACITY);
  let slots = new Uint32Array(2 * FIRST_CAPACITY);
  let count = 0;
  let next = 0;
  let ended = false;

  const isRow = (n: number): boolean => {
    fill(n, other);
    for (let i = 0; i < width; i++) if (row[i] !== other[i]) return false;
    return true;
  };

  /**
   * The slot that holds the row, or the free one where it belongs. Slots hold 1 + the rank of a
   * row.
   */
  const findSlot = (hash: number): number => {
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let rank = slots[slot]!; rank !== 0; rank = slots[slot]!) {
      if (hashes[rank - 1] === hash && isRow(accepted[rank - 1]!)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  };

  const grow = (): void => {
    const wider = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const copy = new Uint32Array(2 * count);
      copy.set(old);
      return copy;
    };
    accepted = wider(accepted);
    hashes = wider(hashes);
    slots = new Uint32Array(4 * count);
    const mask = slots.length - 1;
    for (let rank = 1; rank <= count; rank++) {
      let slot = hashes[rank - 1]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = rank;
    }
  };

  /** Accepts the next row that differs from all before, or ends the search. */
  const advance = (): void => {
    for (let repeat = 0; repeat <= repeats; repeat++) {
      const n = next++;
      fill(n, row);
      const hash = hashWords(words);
      const slot = findSlot(hash);
      if (slots[slot] !== 0) continue;
      accepted[count] = n;
      hashes[count] = hash;
      slots[slot] = ++count;
      if (count === accepted.length) grow();
      return;
    }
    ended = true;
  };

  return {
    at: (k) => {
      assert(Number.isSafeInteger(k) && k >= 0, 'a rank is an integer from 0');
      while (count <= k && !ended) advance();
      return k < count ? accepted[k]! : null;
    },
  };
}
