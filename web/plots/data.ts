import type { Answer } from '../../cli/answers.ts';

/*
 * What the plots are drawn from: the answers of the service as they come, and one record for each experiment.
 */

export type Columns = Answer<'columns'>;
export type Importance = Answer<'importance'>;
export type Contour = Answer<'contour'>;
export type Curves = Pick<Answer<'curves'>, 'metric' | 'items'>;
export type Rungs = Answer<'rungs'>;

export type Optimization = NonNullable<Columns['optimization']>;

/** What is compared, and which way; null where the document names no metric. */
export interface Objective {
  readonly name: string;
  readonly optimization: Optimization;
}

/** One experiment as the plots see it. */
export interface Plotted {
  readonly number: number;
  readonly status: string;
  readonly source: string;
  /** Null where there is none, or none that is finite. */
  readonly objective: number | null;
  readonly startedMs: number | null;
  readonly finishedMs: number | null;
  /** In the order of the parameters. */
  readonly values: readonly unknown[];
}

/** Everything that a group's experiments are drawn from. */
export interface Drawn {
  readonly objective: Objective | null;
  readonly parameters: readonly string[];
  readonly records: readonly Plotted[];
}

/** Returns a number of the wire where it is finite. */
export const finite = (value: number | string | null | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** Returns one record for each experiment of some pages of columns. */
export function recordsOf(pages: readonly Columns[]): Drawn {
  const [first] = pages;
  const parameters = first?.parameters ?? [];
  const records: Plotted[] = [];
  for (const page of pages) {
    const columns = parameters.map((name) => page.values[name] ?? []);
    page.numbers.forEach((number, i) => {
      records.push({
        number,
        status: page.status.names[page.status.codes[i] ?? -1] ?? '',
        source: page.source.names[page.source.codes[i] ?? -1] ?? '',
        objective: finite(page.objective[i]),
        startedMs: page.started_at_ms[i] ?? null,
        finishedMs: page.finished_at_ms[i] ?? null,
        values: columns.map((column) => column[i]),
      });
    });
  }
  const metric = first?.metric ?? null;
  const optimization = first?.optimization ?? null;
  const objective =
    metric === null || optimization === null ? null : { name: metric, optimization };
  return { objective, parameters, records };
}

/** Ends that say something about the values, so that an experiment can be the incumbent. */
const COUNTS = new Set(['succeeded', 'stopped']);

/** An experiment that can be compared. */
export interface Observed extends Plotted {
  readonly objective: number;
}

const isObserved = (record: Plotted): record is Observed =>
  record.objective !== null && COUNTS.has(record.status);

/** Returns the experiments that can be compared. */
export const observedOf = ({ records }: Drawn): readonly Observed[] => records.filter(isObserved);

/** Tells whether one objective is better than another. */
export const isBetter = (a: number, b: number, optimization: Optimization): boolean =>
  optimization === 'minimize' ? a < b : a > b;

/** Returns experiments, best first; equal ones by number. */
export const ranked = (
  records: readonly Observed[],
  optimization: Optimization,
): readonly Observed[] => {
  const sign = optimization === 'minimize' ? 1 : -1;
  return records.toSorted((a, b) => sign * (a.objective - b.objective) || a.number - b.number);
};

/** Of many experiments so many are the best ones, the others every so many-th by rank. */
export const BEST_MAX = 500;

/** Returns, of experiments from the best on, the best and evenly some of the others. */
export function thinned<T>(best: readonly T[], max: number): readonly T[] {
  if (best.length <= max) return best;
  const first = Math.min(BEST_MAX, max);
  const rest = best.slice(first);
  const every = rest.length / (max - first);
  return [
    ...best.slice(0, first),
    ...rest.filter((_, i) => Math.floor(i / every) !== Math.floor((i - 1) / every)),
  ];
}
