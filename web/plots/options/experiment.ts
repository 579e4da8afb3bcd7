import type { Drawn, Observed, Plotted } from '../data.ts';
import { isBetter, observedOf } from '../data.ts';
import { fact, short } from './text.ts';

/** Parameters that fit beside a pointer. */
const PARAMETERS_MAX = 12;

/** Returns what is known of an experiment, line by line. */
export function describeExperiment(
  { objective, parameters }: Drawn,
  record: Plotted | undefined,
): readonly string[] {
  if (record === undefined) return [];
  const more = parameters.length - PARAMETERS_MAX;
  return [
    `#${record.number}  ${record.status}`,
    ...(objective === null || record.objective === null
      ? []
      : [fact(objective.name, record.objective)]),
    ...parameters.slice(0, PARAMETERS_MAX).map((name, i) => fact(name, record.values[i])),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

/** Returns the incumbent, or null where there is none. */
export function incumbentOf(drawn: Drawn): Observed | null {
  const { objective } = drawn;
  if (objective === null) return null;
  return observedOf(drawn).reduce<Observed | null>(
    (best, record) =>
      best === null || isBetter(record.objective, best.objective, objective.optimization)
        ? record
        : best,
    null,
  );
}

/** Returns a sentence about the incumbent. */
export const sayBest = (name: string, { number, objective }: Observed): string =>
  `The best ${name} is ${short(objective)}, of experiment ${number}.`;

/** Why there may be nothing to draw. */
export const NO_METRIC = 'The document names no metric to compare by.';
export const NO_OBSERVATION = 'No experiment has ended with a finite value yet.';
