import type { Matrix } from '../../domain/hptuning.ts';
import type { Values } from '../../domain/values.ts';
import { createValuesKey } from '../../matrix/values-key.ts';
import type { Observation, View } from './view.ts';

/*
 * What a surrogate learns from experiments that were trained for longer or shorter: y(x, r) = f(x) + c(r). Of each
 * configuration it sees the result with the largest resource, shifted to the level of the largest resource of all by what
 * others have changed on that way. So nothing that was tried is forgotten, however early it was left behind.
 */

type Learnt = Pick<View, 'observations' | 'failed'>;

/** What tells configurations and resources apart. */
interface Levels {
  /** The parameter that carries the resource. */
  readonly resource: string;
  readonly matrix: Matrix;
}

/** The results of one configuration by resource, the smallest one first. */
type Curve = readonly { readonly spent: number; readonly objective: number }[];

/**
 * Returns one observation for each configuration, in the order of their first results, at the level of the largest
 * resource. Failures are those of configurations without a result.
 *
 * @param observations - with the resource among their values; of equal resources the later one counts
 */
export function onOneLevel({ observations, failed }: Learnt, { resource, matrix }: Levels): Learnt {
  const keyOf = createValuesKey(matrix);
  const found = new Map<string, { readonly values: Values; readonly at: Map<number, number> }>();
  for (const { values, objective } of observations) {
    const known = found.get(keyOf(values)) ?? { values, at: new Map() };
    known.at.set(Number(values[resource]), objective);
    found.set(keyOf(values), known);
  }
  const configurations = [...found.values()].map(({ values, at }) => ({
    values,
    curve: [...at.entries()]
      .toSorted(([a], [b]) => a - b)
      .map(([spent, objective]) => ({ spent, objective })),
  }));
  const shifts = shiftsOf(configurations.map(({ curve }) => curve));
  return {
    observations: configurations.map(({ values, curve }): Observation => {
      const last = curve.at(-1);
      const objective = (last?.objective ?? Number.NaN) + (shifts.get(last?.spent ?? 0) ?? 0);
      return { values, objective, spent: last?.spent ?? 0 };
    }),
    failed: failed.filter((values) => !found.has(keyOf(values))),
  };
}

/** What to add to a result with each resource: the median of what configurations changed that went on from there. */
function shiftsOf(curves: readonly Curve[]): ReadonlyMap<number, number> {
  const steps = new Map<number, { readonly to: number; readonly change: number }[]>();
  for (const curve of curves) {
    for (const [i, { spent, objective }] of curve.entries()) {
      const from = steps.get(spent) ?? [];
      steps.set(spent, from);
      const next = curve[i + 1];
      const change = (next?.objective ?? Number.NaN) - objective;
      if (next !== undefined && Number.isFinite(change)) from.push({ to: next.spent, change });
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
