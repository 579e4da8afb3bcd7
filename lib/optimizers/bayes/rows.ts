import type { Encoding } from '../../matrix/encoding.ts';
import type { Data } from './gaussian-process.ts';
import type { Outcomes } from './outcomes.ts';
import type { Observation } from './view.ts';

/** Observations that a process is given at most: its time grows with their cube. */
const OBSERVATIONS_MAX = 512;

/** Returns places of values, the largest first, equal ones in their order. */
export const bestFirst = (z: Float64Array): Int32Array =>
  Int32Array.from(z.keys()).sort((a, b) => z[b]! - z[a]! || a - b);

/** Returns the observations that a process is given: all, or the best and the latest. */
export function trained(order: Int32Array, most = OBSERVATIONS_MAX): Int32Array {
  const n = order.length;
  if (n <= most) return Int32Array.from({ length: n }, (_, i) => i);
  const half = Math.floor(most / 2);
  const chosen = new Set(order.subarray(0, half));
  for (let i = n - 1; chosen.size < most; i--) chosen.add(i);
  return Int32Array.from(chosen).sort();
}

/** Returns observations as a process takes them. */
export function dataOf(
  encoding: Encoding,
  observations: readonly Observation[],
  { z }: Outcomes,
): Data {
  const d = encoding.width;
  const x = new Float64Array(observations.length * d);
  for (const [i, { values }] of observations.entries()) x.set(encoding.pointOf(values), i * d);
  return { x, y: z, n: observations.length, d };
}

/** Returns some of the observations. */
export function selected({ x, y, d }: Data, rows: Int32Array): Data {
  const part = new Float64Array(rows.length * d);
  for (const [to, from] of rows.entries()) part.set(x.subarray(from * d, from * d + d), to * d);
  return { x: part, y: Float64Array.from(rows, (row) => y[row]!), n: rows.length, d };
}
