import type { Hptuning } from '../domain/hptuning.ts';
import type { Values } from '../domain/values.ts';
import { valueKey } from '../domain/values.ts';
import type { EncodedAxis } from '../matrix/encoding.ts';
import { createEncoding } from '../matrix/encoding.ts';
import type { Decomposition, Spread } from '../numerics/fanova.ts';
import { decompose } from '../numerics/fanova.ts';
import type { Column } from '../numerics/forest.ts';
import { growForest } from '../numerics/forest.ts';
import { normalQuantile } from '../numerics/normal.ts';
import { createStream } from '../numerics/stream.ts';
import type { Observation } from './bayes/view.ts';
import { PURPOSES } from './purposes.ts';

/** Trees of a forest: with more of them shares change in the third digit. */
const TREES = 32;
/** Fewer observations than this say nothing of any parameter. */
export const OBSERVATIONS_MIN = 10;
/** Pairs are looked for among so many of the parameters that matter most. */
const PAIRED = 8;
const PAIRS_MAX = 5;
/** Experiments with a category at least, where it is to be told from others. */
const CATEGORY_MIN = 3;

/** How much one parameter matters by itself. */
export interface Importance {
  readonly name: string;
  /** The share of the variance that it explains alone, averaged over the trees. */
  readonly importance: number;
  /** Standard error of that average. */
  readonly standardError: number;
}

/** How much two parameters matter together, beyond what each does by itself. */
export interface PairImportance {
  readonly names: readonly [string, string];
  readonly importance: number;
}

export interface Importances {
  /** The one that matters most first. */
  readonly parameters: readonly Importance[];
  /** Null where there are fewer than two parameters. */
  readonly pairs: readonly PairImportance[] | null;
  /** True where all objectives are alike: nothing matters then. */
  readonly isFlat: boolean;
}

/** One parameter as a forest and the analysis see it. */
interface Seen extends Column {
  readonly name: string;
  readonly spread: Spread;
}

/**
 * Returns how much each parameter matters to the objective over the whole matrix: the shares of the variance of a random
 * forest. It is fitted to normal scores of the ranks, so that a few diverged experiments do not stand for everything.
 *
 * @param observations - objectives that are finite
 * *Source* Hutter et al. 2014, see `decompose`; W. Conover, R. Iman, "Rank transformations as a bridge between parametric
 * and nonparametric statistics", The American Statistician 35 (1981), for the scores.
 * *Cost* some seconds for 2,000 observations of 100 parameters
 */
export function importanceOf(
  { matrix, seed }: Pick<Hptuning, 'matrix' | 'seed'>,
  observations: readonly Observation[],
): Importances {
  const y = normalScores(Float64Array.from(observations, ({ objective }) => objective));
  const values = observations.map((one) => one.values);
  // What always has the same value says nothing.
  const seen = createEncoding(matrix)
    .axes.filter(({ width }) => width > 0)
    .map((axis) => see(axis, values));
  const spreads = seen.map(({ spread }) => spread);
  const stream = createStream({ seed, purpose: PURPOSES.forest });
  const trees = growForest({ columns: seen, y, trees: TREES, stream })
    .map((tree) => decompose(tree, spreads))
    .filter(({ total }) => total > 0);

  const single = seen.map(({ name }, j): Importance & { readonly axis: number } => {
    const { mean, error } = averageOf(trees.map((tree) => (tree.single[j] ?? 0) / tree.total));
    return { name, axis: j, importance: Math.min(mean, 1), standardError: error };
  });
  const constant = matrix
    .filter(({ name }) => seen.every((one) => one.name !== name))
    .map(({ name }): Importance => ({ name, importance: 0, standardError: 0 }));
  const ranked = single.toSorted((a, b) => b.importance - a.importance || a.axis - b.axis);
  return {
    parameters: [...ranked, ...constant].map(({ name, importance, standardError }) => ({
      name,
      importance,
      standardError,
    })),
    pairs: matrix.length < 2 ? null : pairsOf(ranked.slice(0, PAIRED), trees),
    isFlat: trees.length === 0,
  };
}

function pairsOf(
  ranked: readonly { readonly name: string; readonly axis: number }[],
  trees: readonly Decomposition[],
): readonly PairImportance[] {
  return ranked
    .flatMap((one, i) =>
      ranked.slice(i + 1).map((other): PairImportance => {
        const shares = trees.map((tree) => tree.pair(one.axis, other.axis) / tree.total);
        return { names: [one.name, other.name], importance: Math.min(averageOf(shares).mean, 1) };
      }),
    )
    .toSorted((a, b) => b.importance - a.importance)
    .slice(0, PAIRS_MAX);
}

/** The mean with its standard error; 0 of nothing. */
function averageOf(shares: readonly number[]): { readonly mean: number; readonly error: number } {
  const n = shares.length;
  if (n === 0) return { mean: 0, error: 0 };
  const mean = shares.reduce((sum, one) => sum + one, 0) / n;
  const squares = shares.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { mean, error: n === 1 ? 0 : Math.sqrt(squares / (n - 1) / n) };
}

/** A parameter's column: coordinates, or codes of what can be told apart. */
function see(axis: EncodedAxis, values: readonly Values[]): Seen {
  const { name } = axis;
  const own = values.map((one) => one[name] ?? 0);
  if (axis.kind === 'number') {
    const x = Float64Array.from(own, (value) =>
      typeof value === 'number' ? Math.min(Math.max(axis.coordinateOf(value), 0), 1) : 0,
    );
    return { name, x, axis: { kind: 'ordered' }, spread: { kind: 'even' } };
  }
  const listed = new Map(axis.values.map((value, code) => [valueKey(value), code]));
  const codes = own.map((value) => listed.get(valueKey(axis.nearest(value))) ?? 0);
  if (axis.width === 1) {
    const spread: Spread = { kind: 'codes', count: axis.values.length };
    return { name, x: Float64Array.from(codes), axis: { kind: 'ordered' }, spread };
  }
  // What was hardly ever tried stands together for one category, the last one: else a tree would make a category of each
  // experiment, and explain all by it.
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  const tried = [...counts.keys()]
    .filter((code) => (counts.get(code) ?? 0) >= CATEGORY_MIN)
    .sort((a, b) => a - b);
  const places = new Map(tried.map((code, place) => [code, place]));
  const share = 1 / axis.values.length;
  const rest = axis.values.length - tried.length;
  const shares = [...tried.map(() => share), ...(rest === 0 ? [] : [rest * share])];
  return {
    name,
    x: Float64Array.from(codes, (code) => places.get(code) ?? tried.length),
    axis: { kind: 'category', levels: shares.length },
    spread: { kind: 'categories', shares },
  };
}

/** Normal quantiles of the ranks, equal ones in the middle of their ranks. */
export function normalScores(objectives: Float64Array): Float64Array {
  const n = objectives.length;
  const sorted = objectives.slice().sort();
  const middles = new Map<number, number>();
  for (let first = 0; first < n; ) {
    let end = first + 1;
    while (end < n && sorted[end] === sorted[first]) end++;
    middles.set(sorted[first] ?? 0, (first + end) / 2);
    first = end;
  }
  return objectives.map((one) => normalQuantile((middles.get(one) ?? n / 2) / n));
}
