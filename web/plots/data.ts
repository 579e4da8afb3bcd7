/*
 * What the plots are drawn from: the answers of the service as they come, and one record for each experiment.
 */

/** Words that repeat, as codes. */
export interface Coded {
  readonly names: readonly string[];
  readonly codes: readonly number[];
}

/** A number as the wire has it. */
export type WireNumber = number | string | null;

/** Experiments by number, in columns. */
export interface Columns {
  readonly metric: string | null;
  readonly optimization: Optimization | null;
  readonly parameters: readonly string[];
  readonly count: number;
  readonly numbers: readonly number[];
  readonly status: Coded;
  readonly source: Coded;
  readonly objective: readonly WireNumber[];
  readonly created_at_ms: readonly (number | null)[];
  readonly started_at_ms: readonly (number | null)[];
  readonly finished_at_ms: readonly (number | null)[];
  readonly values: Readonly<Record<string, readonly unknown[]>>;
  readonly bracket: readonly (number | null)[];
  readonly rung: readonly (number | null)[];
  readonly resource: readonly (number | null)[];
  readonly parent: readonly (number | null)[];
  readonly next_cursor: string | null;
}

/** Which parameters matter. */
export interface Importance {
  readonly metric: string | null;
  readonly observations: number;
  readonly parameters: readonly {
    readonly name: string;
    readonly importance: number;
    readonly standard_error: number;
  }[];
  readonly pairs:
    | readonly { readonly names: readonly string[]; readonly importance: number }[]
    | null;
}

interface ContourAxis {
  readonly name: string;
  readonly scale: 'linear' | 'log' | 'category';
  readonly values: readonly unknown[];
}

/** What the surrogate thinks of two parameters; rows are along y. */
export interface Contour {
  readonly metric: string | null;
  readonly x: ContourAxis;
  readonly y: ContourAxis;
  readonly mean: readonly (readonly number[])[] | null;
  readonly standard_deviation: readonly (readonly number[])[] | null;
  readonly at: Readonly<Record<string, unknown>>;
  readonly observations: number;
}

/** Learning curves. */
export interface Curves {
  readonly metric: string | null;
  readonly items: readonly {
    readonly number: number;
    readonly status: string;
    readonly steps: readonly number[];
    readonly values: readonly WireNumber[];
  }[];
}

/** Brackets and rungs with their experiments; `brackets` is null for a search without rungs. */
export interface Rungs {
  readonly optimization: Optimization | null;
  readonly brackets:
    | readonly {
        readonly bracket: number;
        readonly rungs: readonly {
          readonly rung: number;
          readonly resource: number;
          readonly capacity: number | null;
          readonly status: string;
          readonly experiments: readonly {
            readonly number: number;
            readonly objective: WireNumber;
            readonly status: string;
            readonly promoted: boolean;
            readonly parent: number | null;
          }[];
        }[];
      }[]
    | null;
  readonly truncated: boolean;
}

export type Optimization = 'minimize' | 'maximize';

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
export const finite = (value: WireNumber | undefined): number | null =>
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
