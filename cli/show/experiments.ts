import type { Experiment } from '../answers.ts';
import { duration, printable, short } from './format.ts';
import type { Screen } from './screen.ts';
import type { Column } from './table.ts';
import { cellsOf, tableOf, widthOf } from './table.ts';

/** Metrics that a table shows where the group names none by which to compare. */
const METRICS_MAX = 3;

const namesIn = (
  experiments: readonly Experiment[],
  map: (experiment: Experiment) => Readonly<Record<string, unknown>>,
): readonly string[] => [
  ...new Set(experiments.flatMap((experiment) => Object.keys(map(experiment)))),
];

/** How long the last attempt took, or has been taking; empty before there was one. */
function took({ status, started_at: started, finished_at: finished }: Experiment): string {
  if (started === null || status === 'queued') return '';
  return duration((finished === null ? Date.now() : Date.parse(finished)) - Date.parse(started));
}

const firstLine = ({ message, status_reason: reason }: Experiment): string =>
  printable((message ?? reason?.detail ?? '').split('\n', 1)[0] ?? '');

type ExperimentColumn = Column<Experiment>;

const metricColumn = (name: string): ExperimentColumn => ({
  title: printable(name),
  cell: ({ metrics }) => short(metrics[name]?.last),
  align: 'right',
});

const valueColumn = (name: string): ExperimentColumn => ({
  title: printable(name),
  cell: ({ values }) => short(values[name]),
  align: 'right',
});

const VALUES: ExperimentColumn = {
  title: 'values',
  cell: ({ values }) =>
    Object.entries(values)
      .map(([name, value]) => `${printable(name)}=${short(value)}`)
      .join(' '),
};

/**
 * Returns experiments as a table: a column for each parameter where the screen is wide enough, else all in one.
 *
 * @param metric - the metric to compare by; null shows what was reported
 */
export function experimentTable(
  experiments: readonly Experiment[],
  metric: string | null,
  screen: Screen,
): string {
  const reported = namesIn(experiments, ({ metrics }) => metrics).slice(0, METRICS_MAX);
  const first: readonly ExperimentColumn[] = [
    { title: '#', cell: ({ number }) => String(number), align: 'right' },
    { title: 'status', cell: ({ status }) => status },
    ...(metric === null ? reported : [metric]).map(metricColumn),
    { title: 'took', cell: took, align: 'right' },
  ];
  const messages: readonly ExperimentColumn[] = experiments.some(
    (experiment) => firstLine(experiment) !== '',
  )
    ? [{ title: 'message', cell: firstLine }]
    : [];
  const wide = [
    ...first,
    ...namesIn(experiments, ({ values }) => values).map(valueColumn),
    ...messages,
  ];
  const room = screen.columns() ?? Number.POSITIVE_INFINITY;
  const fits = widthOf(cellsOf(wide, experiments)) <= room;
  return tableOf(fits ? wide : [...first, ...messages, VALUES], experiments, screen);
}
