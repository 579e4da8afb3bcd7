import type { Value } from '../../domain/values.ts';
import type { EncodedAxis, NumberAxis } from '../../matrix/encoding.ts';
import { normalFromUniform } from '../../numerics/normal.ts';

/** Between which coordinates of the unit cube numbers are looked for: [width] each. */
export interface Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Steps are shortened in boxes narrower than half of the cube. */
const STEP_SHARE = 2;

/** Returns the bounds of a number's coordinate: those of the cube where there is no box. */
export const boundsOf = (
  { first }: NumberAxis,
  box: Box | null,
): { readonly lower: number; readonly upper: number } => ({
  lower: box?.lower[first] ?? 0,
  upper: box?.upper[first] ?? 1,
});

/** Returns the coordinate within the bounds that is nearest to one. */
export function bounded(axis: NumberAxis, box: Box | null, t: number): number {
  const { lower, upper } = boundsOf(axis, box);
  return Math.min(Math.max(t, lower), upper);
}

/** Returns the number that lies a share of the way through a box; null for choices, and where there is no box. */
export function between(
  axis: EncodedAxis | undefined,
  box: Box | null,
  share: number,
): Value | null {
  if (axis?.kind !== 'number' || box === null) return null;
  const { lower, upper } = boundsOf(axis, box);
  return axis.valueAt(lower + share * (upper - lower));
}

/** Returns a value as it is where it lies in the box, or is a choice; else the nearest in the box. */
export function within(axis: EncodedAxis, box: Box | null, value: Value): Value {
  if (axis.kind !== 'number' || box === null || typeof value !== 'number') return value;
  const t = axis.coordinateOf(value);
  const inside = bounded(axis, box, t);
  return inside === t ? value : axis.valueAt(inside);
}

/**
 * Returns a value near another one, of choices that are no numbers any one.
 *
 * @param step - standard deviation of the step of a number, as a share of the box where that is small
 */
export function moved(
  axis: EncodedAxis,
  value: Value,
  {
    step,
    box,
    random,
  }: { readonly step: number; readonly box: Box | null; readonly random: () => number },
): Value {
  if (axis.kind === 'number') {
    const t = typeof value === 'number' ? axis.coordinateOf(value) : 0.5;
    const { lower, upper } = boundsOf(axis, box);
    const width = Math.min(1, STEP_SHARE * (upper - lower));
    return axis.valueAt(bounded(axis, box, t + width * step * normalFromUniform(random())));
  }
  const place = Math.floor(random() * axis.values.length);
  if (axis.width !== 1) return axis.values[place] ?? value;
  // Of listed numbers a neighbour.
  const at = axis.values.indexOf(value);
  const next = at < 0 ? place : at + (random() < 0.5 ? -1 : 1);
  return axis.values[Math.min(Math.max(next, 0), axis.values.length - 1)] ?? value;
}
