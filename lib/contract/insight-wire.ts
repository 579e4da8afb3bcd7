import type { ExperimentStatus, RungPlace, Source } from '../domain/experiment.ts';
import { EXPERIMENT_STATUSES, SOURCES } from '../domain/experiment.ts';
import type { Hptuning } from '../domain/hptuning.ts';
import type { MetricValue } from '../domain/measurement.ts';
import type { Values } from '../domain/values.ts';

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
