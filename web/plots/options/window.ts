/*
 * Trainings diverge: a few values of 10^9 would press all others into one line. Where the worst values are far from
 * the rest the axis ends before them, and they are drawn on its edge.
 */

import type { Optimization } from '../data.ts';

/** How many times the spread of the better three quarters an axis goes on beyond them. */
const SPREADS = 3;
const QUARTILES = 0.75;

/** Returns where an axis of objectives ends on the side of the worse values; null where it shows them all. */
export function edgeOf(objectives: readonly number[], optimization: Optimization): number | null {
  const sign = optimization === 'minimize' ? 1 : -1;
  const sorted = objectives.map((value) => sign * value).sort((a, b) => a - b);
  const best = sorted[0];
  const quartile = sorted[Math.floor(QUARTILES * (sorted.length - 1))];
  const worst = sorted.at(-1);
  if (best === undefined || quartile === undefined || worst === undefined) return null;
  const edge = quartile + SPREADS * (quartile - best);
  return quartile > best && worst > edge ? roundUp(sign * edge, sign) : null;
}

/** Returns a number with two digits that is no better. */
function roundUp(edge: number, sign: number): number {
  if (edge === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(edge))) - 1);
  return Number((sign * Math.ceil((sign * edge) / unit) * unit).toPrecision(3));
}
