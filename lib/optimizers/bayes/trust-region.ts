import type { Encoding } from '../../matrix/encoding.ts';
import type { Box } from './box.ts';

/*
 * The part of a matrix in which every second suggestion is looked for: a box around the incumbent that grows while the
 * search gets ahead and shrinks while it does not. Far from it a surrogate of few observations knows nothing, and of many
 * parameters nearly everything is far from it.
 *
 * The region is a function of the outcomes in their order, whoever suggested what: it is replayed, never stored.
 *
 * Source: D. Eriksson, M. Pearce, J. Gardner, R. Turner, M. Poloczek, "Scalable global optimization via local Bayesian
 * optimization", NeurIPS 2019, section 2.
 */

/** How wide the region is, and how the search has fared since it last changed. */
export interface Region {
  /** Width of the box in the unit cube, on average over the parameters. */
  readonly side: number;
  /** Outcomes in a row that were better than all before them. */
  readonly successes: number;
  /** Outcomes in a row that were not. */
  readonly failures: number;
}

const SIDE = { first: 0.4, most: 1.6, least: 2 ** -7 } as const;
/** So many successes in a row double the side, so many failures in a row halve it. */
const SUCCESSES = 2;
const FAILURES = 4;

/** The region before anything was looked for in it. */
export const FIRST_REGION: Region = { side: SIDE.first, successes: 0, failures: 0 };

/** Returns the region after one more outcome. One that has become too small begins anew. */
export function regionAfter({ side, successes, failures }: Region, isBetter: boolean): Region {
  if (isBetter) {
    return successes + 1 < SUCCESSES
      ? { side, successes: successes + 1, failures: 0 }
      : { side: Math.min(2 * side, SIDE.most), successes: 0, failures: 0 };
  }
  if (failures + 1 < FAILURES) return { side, successes: 0, failures: failures + 1 };
  return side / 2 < SIDE.least ? FIRST_REGION : { side: side / 2, successes: 0, failures: 0 };
}

/**
 * Returns the region after all outcomes.
 *
 * @param outcomes - in order of completion, larger is better
 * @param initial - how many of them belong to the initial design, which says nothing of the region
 */
export function replayed(outcomes: Float64Array, initial: number): Region {
  let region = FIRST_REGION;
  let best = Number.NEGATIVE_INFINITY;
  for (const [i, outcome] of outcomes.entries()) {
    if (i >= initial) region = regionAfter(region, outcome > best);
    best = Math.max(best, outcome);
  }
  return region;
}

/**
 * Returns the box of a region: its sides are proportional to the length scales, so that the objective changes about as much
 * along each. Only numbers are bounded: from a choice to another one there is no way in between.
 *
 * @param centre - a point, [width]
 * @param lengthScales - their logarithms by coordinate, [width]
 */
export function boxOf(
  { side }: Region,
  {
    encoding,
    centre,
    lengthScales,
  }: {
    readonly encoding: Encoding;
    readonly centre: Float64Array;
    readonly lengthScales: Float64Array;
  },
): Box {
  const lower = new Float64Array(encoding.width);
  const upper = new Float64Array(encoding.width).fill(1);
  const numbers = encoding.axes.filter(({ kind }) => kind === 'number');
  const mean =
    numbers.reduce((sum, { first }) => sum + (lengthScales[first] ?? 0), 0) / numbers.length;
  for (const { first } of numbers) {
    const half = (side / 2) * Math.exp((lengthScales[first] ?? 0) - mean);
    const middle = Math.min(Math.max(centre[first] ?? 0, 0), 1);
    lower[first] = Math.max(0, middle - half);
    upper[first] = Math.min(1, middle + half);
  }
  return { lower, upper };
}
