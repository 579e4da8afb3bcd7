import assert from 'node:assert/strict';
import type { Matrix } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Values } from '../domain/values.ts';
import { cellAt } from '../matrix/cells.ts';
import { listSupport } from '../matrix/distinct.ts';
import { createAxis } from '../matrix/sample.ts';
import { createDistinctRows } from '../numerics/distinct-rows.ts';
import { createStream } from '../numerics/stream.ts';
import { weightedOrder } from '../numerics/weighted-order.ts';

/** What a sequence of draws is made of. */
export interface DistinctDraws {
  readonly matrix: Matrix;
  readonly seed: number;
  /** What `distinctPoints` says of the matrix. */
  readonly points: number;
  /** The most draws that are asked for; at most `points`. */
  readonly take: number;
  /** Purposes of the streams, of which the size of the matrix decides which one is used. */
  readonly purposes: { readonly draw: number; readonly order: number };
}

/**
 * Returns the values of draw k, from 0 to `take` − 1, or null where nothing new can be found any
 * more.
 */
export type Draw = (k: number) => Values | null;

/**
 * Returns draws from the distributions of the matrix, each point at most once. A draw does not
 * depend on `take`. Nothing is drawn before it is asked for.
 *
 * A matrix of up to 2^20 distinct points is put into a random order, which is drawing without
 * replacement. In a larger one points are drawn until one is new; when too many in a row are not,
 * the matrix counts as exhausted.
 */
export const createDistinctDraws = (draws: DistinctDraws): Draw =>
  draws.points <= LIMITS.orderedSpacePoints ? createOrderedDraws(draws) : createNewDraws(draws);

/** Draws without replacement from the listed points, which are put into order at the first call. */
function createOrderedDraws({ matrix, seed, take, purposes }: DistinctDraws): Draw {
  const putInOrder = () => {
    const parameters = matrix.map(({ name, option }) => {
      const support = listSupport(option);
      assert(support !== null, 'no parameter has more values than the matrix has points');
      return { name, ...support };
    });
    const stream = createStream({ seed, purpose: purposes.order });
    const order = weightedOrder({
      weights: parameters.map(({ weights }) => weights),
      uniform: (point) => stream.uniform(point, 0),
      take,
    });
    return { parameters, order };
  };
  let ordered: ReturnType<typeof putInOrder> | undefined;

  return (k) => {
    ordered ??= putInOrder();
    const point = ordered.order[k];
    return point === undefined ? null : cellAt(ordered.parameters, point);
  };
}

/** Draws with replacement from which repeats are left out. */
function createNewDraws({ matrix, seed, purposes }: DistinctDraws): Draw {
  const stream = createStream({ seed, purpose: purposes.draw });
  const parameters = matrix.map(({ name, option }) => ({ name, axis: createAxis(option) }));
  const uniforms = new Float64Array(parameters.length);
  const codes = new Float64Array(parameters.length);

  const fill = (candidate: number, out: Float64Array): void => {
    stream.fill(candidate, uniforms);
    for (const [i, { axis }] of parameters.entries()) out[i] = axis.draw(uniforms[i] ?? 0);
  };
  const rows = createDistinctRows({ width: parameters.length, fill, repeats: LIMITS.redraws });

  return (k) => {
    const row = rows.at(k);
    if (row === null) return null;
    fill(row, codes);
    return Object.fromEntries(
      parameters.map(({ name, axis }, i) => [name, axis.valueOf(codes[i] ?? 0)]),
    );
  };
}
