import type { Experiment } from '../answers.ts';
import { short } from './format.ts';
import type { Screen } from './screen.ts';
import type { Column } from './table.ts';
import { tableOf } from './table.ts';

/** Numbers of experiments that a cell names one by one. */
const NAMED_MAX = 9;

interface RungLine {
  readonly bracket: number;
  readonly rung: number;
  readonly resource: number;
  readonly experiments: readonly Experiment[];
  /** Experiments of this rung that go on in the next one. */
  readonly promoted: readonly Experiment[];
}

/** What an experiment and the one that continues it have in common: the values without the resource. */
const identity = ({ values }: Experiment, resource: string): string =>
  JSON.stringify(Object.entries(values).filter(([name]) => name !== resource));

function linesOf(experiments: readonly Experiment[], resource: string): readonly RungLine[] {
  const rungs = new Map<string, Experiment[]>();
  const keyOf = (bracket: number, rung: number): string => `${bracket}/${rung}`;
  for (const experiment of experiments) {
    if (experiment.rung === null) continue;
    const key = keyOf(experiment.rung.bracket, experiment.rung.rung);
    rungs.set(key, [...(rungs.get(key) ?? []), experiment]);
  }
  return [...rungs.values()]
    .flatMap((own): readonly RungLine[] => {
      const at = own[0]?.rung ?? null;
      if (at === null) return [];
      const next = rungs.get(keyOf(at.bracket, at.rung + 1)) ?? [];
      const going = new Set(next.map((experiment) => identity(experiment, resource)));
      const promoted = own.filter((experiment) => going.has(identity(experiment, resource)));
      return [{ ...at, experiments: own, promoted }];
    })
    .toSorted((a, b) => b.bracket - a.bracket || a.rung - b.rung);
}

function named(experiments: readonly Experiment[]): string {
  const numbers = experiments.slice(0, NAMED_MAX).map(({ number }) => `#${number}`);
  const more = experiments.length - numbers.length;
  return [...numbers, ...(more > 0 ? [`and ${more} more`] : [])].join(' ');
}

const withStatus =
  (...statuses: readonly Experiment['status'][]) =>
  ({ experiments }: RungLine): readonly Experiment[] =>
    experiments.filter(({ status }) => statuses.includes(status));

const COLUMNS: readonly Column<RungLine>[] = [
  { title: 'bracket', cell: ({ bracket }) => String(bracket), align: 'right' },
  { title: 'rung', cell: ({ rung }) => String(rung), align: 'right' },
  { title: 'resource', cell: ({ resource }) => short(resource), align: 'right' },
  { title: 'experiments', cell: ({ experiments }) => String(experiments.length), align: 'right' },
  {
    title: 'ended',
    cell: (line) => String(withStatus('succeeded', 'failed', 'infeasible', 'stopped')(line).length),
    align: 'right',
  },
  { title: 'running', cell: (line) => named(withStatus('running')(line)) },
  { title: 'waiting', cell: (line) => named(withStatus('queued')(line)) },
  { title: 'promoted', cell: ({ promoted }) => named(promoted) },
];

/** Returns the rungs of a Hyperband search as a table: who runs, who waits, who goes on. */
export const rungTable = (
  experiments: readonly Experiment[],
  resource: string,
  screen: Screen,
): string => tableOf(COLUMNS, linesOf(experiments, resource), screen);
