import type { Algorithm } from '../../domain/hptuning.ts';
import { resourceOf } from '../../domain/hptuning.ts';
import type { Values } from '../../domain/values.ts';
import type { Encoding, NumberAxis } from '../../matrix/encoding.ts';

/** How a surrogate sees values that were tried with a resource, and those that are to be tried with the largest. */
export interface Levelled {
  /** With the resource as a further parameter; values without it stand at the largest. */
  readonly observed: Encoding;
  /** The same points, of which only what the matrix has can be chosen. */
  readonly chosen: Encoding;
}

/**
 * Returns the encoding of a matrix with the resource of a search as one coordinate more: the logarithm of the resource,
 * from 1 at 0 to the largest at 1. How far apart levels are is a length scale like others, fitted with them, so that
 * results with little resource tell of those with much as far as they have done so. The encoding itself where the search
 * gives no resource.
 *
 * *Source* A. Klein, L. Tiao, T. Lienart, C. Archambeau, M. Seeger, "Model-based asynchronous hyperparameter and neural
 * architecture search", 2020, section 4: a kernel over values and resource; there it is for the resource another one.
 */
export function levelled(encoding: Encoding, algorithm: Algorithm): Levelled {
  const given = resourceOf(algorithm);
  if (given === null) return { observed: encoding, chosen: encoding };
  const { resource, maxIter } = given;
  const first = encoding.width;
  const width = first + 1;
  const axis: NumberAxis = {
    ...{ kind: 'number', name: resource.name, first, width: 1 },
    valueAt: (t) => maxIter ** t,
    // Experiments of the caller's own may have had less.
    coordinateOf: (spent) => (maxIter > 1 ? Math.log(Math.max(spent, 1)) / Math.log(maxIter) : 1),
    nearest: (value) => value,
  };
  const pointOf = (values: Values): Float64Array => {
    const point = new Float64Array(width);
    point.set(encoding.pointOf(values));
    const spent = values[resource.name];
    point[first] = axis.coordinateOf(typeof spent === 'number' ? spent : maxIter);
    return point;
  };
  const chosen: Encoding = { axes: encoding.axes, width, pointOf };
  return { observed: { ...chosen, axes: [...encoding.axes, axis] }, chosen };
}
