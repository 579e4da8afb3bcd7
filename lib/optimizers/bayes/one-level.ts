import type { Matrix } from '../../domain/hptuning.ts';
import { createValuesKey } from '../../matrix/values-key.ts';
import type { Observation, View } from './view.ts';

/*
 * What a surrogate learns from experiments that were trained for longer or shorter: y(x, r) = f(x, r) + c(r). Every result
 * is shifted to the level of the largest resource by what others have changed on that way, so that f varies as little as it
 * can along r; how much it does all the same, the surrogate finds out (`levels.ts`).
 */

type Learnt = Pick<View, 'observations' | 'failed'>;

/** What tells configurations and resources apart. */
interface Levels {
  /** The parameter that carries the resource. */
  readonly resource: string;
  readonly matrix: Matrix;
}

/** The results of one configuration by resource. */
type Curve = Map<number, number>;

/**
 * Returns every observation with its resource, in their order, at the level of the largest resource. Failures are those of
 * configurations without a result.
 *
 * @param observations - with the resource among their values
 */
export function onOneLevel({ observations, failed }: Learnt, { resource, matrix }: Levels): Learnt {
  const keyOf = createValuesKey(matrix);
  const curves = new Map<string, Curve>();
  const told = observations.map(({ values, objective }) => {
    const key = keyOf(values);
    const spent = Number(values[resource]);
    const curve: Curve = curves.get(key) ?? new Map();
    curves.set(key, curve.set(spent, objective));
    return { values, objective, spent };
  });
  const shifts = shiftsOf([...curves.values()]);
  return {
    observations: told.map(
      ({ values, objective, spent }): Observation => ({
        ...{ values, spent },
        objective: objective + (shifts.get(spent) ?? 0),
      }),
    ),
    failed: failed.filter((values) => !curves.has(keyOf(values))),
  };
}

/** What to add to a result with each resource: the median of what configurations changed that went on from there. */
function shiftsOf(curves: readonly Curve[]): ReadonlyMap<number, number> {
  const steps = new Map<number, { readonly to: number; readonly change: number }[]>();
  for (const curve of curves) {
    const levels = [...curve.entries()].toSorted(([a], [b]) => a - b);
    for (const [i, [spent, objective]] of levels.entries()) {
      const from = steps.get(spent) ?? [];
      steps.set(spent, from);
      const [to, later] = levels[i + 1] ?? [spent, Number.NaN];
      if (Number.isFinite(later - objective)) from.push({ to, change: later - objective });
    }
  }
  const shifts = new Map<number, number>();
  const downwards = [...steps.entries()].toSorted(([a], [b]) => b - a);
  for (const [spent, from] of downwards) {
    shifts.set(spent, median(from.map(({ to, change }) => change + (shifts.get(to) ?? 0))));
  }
  return shifts;
}

/** The median, 0 of nothing. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}
