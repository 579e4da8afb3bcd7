import type { Matrix } from '../../domain/hptuning.ts';
import { LIMITS } from '../../domain/limits.ts';
import type { Values } from '../../domain/values.ts';
import { createAxis } from '../../matrix/sample.ts';
import { createValuesKey } from '../../matrix/values-key.ts';
import { createDistinctRows } from '../../numerics/distinct-rows.ts';
import { createSobol } from '../../numerics/sobol.ts';
import type { Draw } from '../distinct-draws.ts';
import { createDistinctDraws } from '../distinct-draws.ts';
import { PURPOSES } from '../purposes.ts';

/** From so many parameters on a design that starts in the middle stays within the middle half of each. */
const MANY_PARAMETERS = 8;
const MIDDLE_SHARE = 0.5;

/** What an initial design is made of. */
export interface InitialDesign {
  readonly matrix: Matrix;
  readonly seed: number;
  /** What `distinctPoints` says of the matrix. */
  readonly points: number;
  /**
   * Whether the first point is the middle of the matrix, the median of each parameter. With many parameters the others lie
   * around it: most of a cube of many dimensions is in its corners, where the best seldom is.
   */
  readonly startsInMiddle?: boolean;
}

/**
 * Returns a sequence of points that fills the matrix evenly: a scrambled Sobol sequence through the
 * distributions of the parameters, each point once. It goes on for as long as anybody asks; a small
 * finite matrix is listed to its last point. Nothing is drawn before it is asked for.
 */
export function createInitialDesign({
  matrix,
  seed,
  points,
  startsInMiddle = false,
}: InitialDesign): Draw {
  const parameters = matrix.map(({ name, option }) => ({ name, axis: createAxis(option) }));
  const sobol = createSobol({
    dimensions: parameters.length,
    seed,
    purpose: PURPOSES.design,
  });
  // Values that are listed have no middle.
  const isDrawn = matrix.map(({ option }) => option.kind !== 'values' && option.kind !== 'pvalues');
  const staysInMiddle = startsInMiddle && parameters.length >= MANY_PARAMETERS;
  const keyOf = createValuesKey(matrix);
  const uniforms = new Float64Array(parameters.length);
  const codes = new Float64Array(parameters.length);
  const fill = (index: number, out: Float64Array): void => {
    if (startsInMiddle && index === 0) uniforms.fill(0.5);
    else sobol.fill(startsInMiddle ? index - 1 : index, uniforms);
    if (staysInMiddle) {
      for (const [i, u] of uniforms.entries()) {
        if (isDrawn[i] === true) uniforms[i] = 0.5 + MIDDLE_SHARE * (u - 0.5);
      }
    }
    for (const [i, { axis }] of parameters.entries()) out[i] = axis.draw(uniforms[i] ?? 0);
  };
  const rows = createDistinctRows({ width: parameters.length, fill, repeats: LIMITS.redraws });

  const valuesOf = (row: number): Values => {
    fill(row, codes);
    return Object.fromEntries(
      parameters.map(({ name, axis }, i) => [name, axis.valueOf(codes[i] ?? 0)]),
    );
  };

  /** The points that the sequence does not reach, in a random order, after so many that it does. */
  const listRest = (): { readonly from: number; readonly points: readonly Values[] } => {
    const reached = new Set<string>();
    for (let k = 0, row = rows.at(0); row !== null; row = rows.at(++k)) {
      reached.add(keyOf(valuesOf(row)));
    }
    const purposes = { draw: PURPOSES.designRest, order: PURPOSES.designRest };
    const isListed = points <= LIMITS.orderedSpacePoints;
    const draw = createDistinctDraws({
      matrix,
      seed,
      points,
      take: isListed ? points : 0,
      purposes,
    });
    const all = Array.from({ length: isListed ? points : 0 }, (_, k) => draw(k));
    return {
      from: reached.size,
      points: all.filter((values) => values !== null).filter((one) => !reached.has(keyOf(one))),
    };
  };
  let rest: ReturnType<typeof listRest> | undefined;

  return (k) => {
    const row = rows.at(k);
    if (row !== null) return valuesOf(row);
    rest ??= listRest();
    return rest.points[k - rest.from] ?? null;
  };
}
