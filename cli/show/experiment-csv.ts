import type { Experiment } from '../answers.ts';

/*
 * One record for each experiment. Parameters and metrics get prefixes, so that none can be taken for something else:
 * number, status, attempt, source, objective, created_at, started_at, finished_at, message, values.lr …, metrics.loss …
 */

/** Names of the parameters and of the metrics that a file has columns for. */
export interface Columns {
  readonly parameters: readonly string[];
  readonly metrics: readonly string[];
}

const FIELDS: Readonly<Record<string, (experiment: Experiment) => unknown>> = {
  number: ({ number }) => number,
  status: ({ status }) => status,
  attempt: ({ attempt }) => attempt,
  source: ({ source }) => source,
  objective: ({ objective }) => objective,
  created_at: (experiment) => experiment.created_at,
  started_at: (experiment) => experiment.started_at,
  finished_at: (experiment) => experiment.finished_at,
  message: ({ message }) => message,
};

/** Collects the names that occur in experiments, in the order of their first occurrence. */
export function collectColumns(): {
  readonly add: (experiment: Experiment) => void;
  readonly columns: () => Columns;
} {
  const parameters = new Set<string>();
  const metrics = new Set<string>();
  return {
    add(experiment) {
      for (const name of Object.keys(experiment.values)) parameters.add(name);
      for (const name of Object.keys(experiment.metrics)) metrics.add(name);
    },
    columns: () => ({ parameters: [...parameters], metrics: [...metrics] }),
  };
}

/** Returns the names that occur in some experiments. */
export function columnsOf(experiments: readonly Experiment[]): Columns {
  const { add, columns } = collectColumns();
  experiments.forEach(add);
  return columns();
}

/** Returns the titles of the columns. */
export const experimentTitles = ({ parameters, metrics }: Columns): readonly string[] => [
  ...Object.keys(FIELDS),
  ...parameters.map((name) => `values.${name}`),
  ...metrics.map((name) => `metrics.${name}`),
];

/** Returns the fields of one experiment, of each metric its last value. */
export const experimentFields = (
  { parameters, metrics }: Columns,
  experiment: Experiment,
): readonly unknown[] => [
  ...Object.values(FIELDS).map((field) => field(experiment)),
  ...parameters.map((name) => experiment.values[name]),
  ...metrics.map((name) => experiment.metrics[name]?.last),
];
