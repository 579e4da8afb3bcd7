import type { ExperimentStatus, RungPlace, Source } from '../domain/experiment.ts';
import { EXPERIMENT_STATUSES, SOURCES } from '../domain/experiment.ts';
import type { Hptuning } from '../domain/hptuning.ts';
import type { MetricValue } from '../domain/measurement.ts';
import type { Warning } from '../domain/problem.ts';
import type { Value, Values } from '../domain/values.ts';

/*
 * What plots are drawn from, as the contract shows it.
 */

/** The metric that a search goes by. */
const metricToWire = ({ algorithm }: Hptuning) => ({
  metric: algorithm.metric?.name ?? null,
  optimization: algorithm.metric?.optimization ?? null,
});

/** A column of few different words. */
const wordsToWire = <W extends string>(names: readonly W[], column: readonly W[]) => ({
  names,
  codes: column.map((word) => names.indexOf(word)),
});

interface Row {
  readonly number: number;
  readonly status: ExperimentStatus;
  readonly source: Source;
  readonly objective: MetricValue | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly values: Values;
  readonly rung: RungPlace | null;
  readonly parent: number | null;
}

/** Experiments in columns. */
export function columnsToWire(
  hptuning: Hptuning,
  page: { readonly rows: readonly Row[]; readonly count: number; readonly cursor: string | null },
) {
  const { rows } = page;
  const parameters = hptuning.matrix.map(({ name }) => name);
  return {
    ...metricToWire(hptuning),
    parameters,
    count: page.count,
    numbers: rows.map(({ number }) => number),
    status: wordsToWire(
      EXPERIMENT_STATUSES,
      rows.map(({ status }) => status),
    ),
    source: wordsToWire(
      SOURCES,
      rows.map(({ source }) => source),
    ),
    objective: rows.map(({ objective }) => objective),
    created_at_ms: rows.map(({ createdAt }) => createdAt),
    started_at_ms: rows.map(({ startedAt }) => startedAt),
    finished_at_ms: rows.map(({ finishedAt }) => finishedAt),
    values: Object.fromEntries(
      parameters.map((name) => [name, rows.map(({ values }) => values[name] ?? null)]),
    ),
    bracket: rows.map(({ rung }) => rung?.bracket ?? null),
    rung: rows.map(({ rung }) => rung?.rung ?? null),
    resource: rows.map(({ rung }) => rung?.resource ?? null),
    parent: rows.map(({ parent }) => parent),
    next_cursor: page.cursor,
  };
}

/** Who is on which rung. */
export function rungsToWire(
  hptuning: Hptuning,
  picture: {
    readonly brackets: readonly {
      readonly bracket: number;
      readonly rungs: readonly {
        readonly rung: number;
        readonly resource: number;
        readonly capacity: number | null;
        readonly status: string;
        readonly count: number;
        readonly experiments: readonly {
          readonly number: number;
          readonly objective: MetricValue | null;
          readonly status: ExperimentStatus;
          readonly promoted: boolean;
          readonly parent: number | null;
        }[];
      }[];
    }[];
    readonly truncated: boolean;
  } | null,
) {
  return {
    ...metricToWire(hptuning),
    brackets:
      picture?.brackets.map(({ bracket, rungs }) => ({
        bracket,
        rungs: rungs.map((view) => ({
          ...view,
          experiments: view.experiments.map(({ number, objective, status, promoted, parent }) => ({
            ...{ number, objective, status, promoted, parent },
          })),
        })),
      })) ?? null,
    truncated: picture?.truncated ?? false,
  };
}

/** How much each parameter matters. */
export function importanceToWire(
  { algorithm }: Hptuning,
  view: {
    readonly observations: number;
    readonly importances: {
      readonly parameters: readonly {
        readonly name: string;
        readonly importance: number;
        readonly standardError: number;
      }[];
      readonly pairs:
        | readonly { readonly names: readonly [string, string]; readonly importance: number }[]
        | null;
    };
    readonly warnings: readonly Warning[];
  },
) {
  const { parameters, pairs } = view.importances;
  return {
    metric: algorithm.metric?.name ?? null,
    observations: view.observations,
    method: 'fanova',
    parameters: parameters.map(({ name, importance, standardError }) => ({
      ...{ name, importance },
      standard_error: standardError,
    })),
    pairs: pairs?.map(({ names, importance }) => ({ names, importance })) ?? null,
    warnings: view.warnings,
  };
}

interface Side {
  readonly name: string;
  readonly scale: string;
  readonly values: readonly Value[];
}

/** What a surrogate expects over two parameters. */
export function contourToWire(
  { algorithm }: Hptuning,
  view: {
    readonly x: Side;
    readonly y: Side;
    readonly contour: {
      readonly mean: readonly (readonly number[])[];
      readonly standardDeviation: readonly (readonly number[])[];
    } | null;
    readonly at: Values;
    readonly observations: number;
    readonly warnings: readonly Warning[];
  },
) {
  const { x, y, contour, at, observations, warnings } = view;
  return {
    metric: algorithm.metric?.name ?? null,
    ...{ x, y },
    mean: contour?.mean ?? null,
    standard_deviation: contour?.standardDeviation ?? null,
    ...{ at, observations, warnings },
  };
}
