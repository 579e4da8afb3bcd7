import { compareObjectives } from '../../domain/experiment.ts';
import type { ResultRow } from '../../domain/group.ts';
import type { Matrix, Metric } from '../../domain/hptuning.ts';
import { createValuesKey } from '../../matrix/values-key.ts';
import type { Observation } from '../../optimizers/bayes/view.ts';
import type { CurrentGroup } from '../current.ts';
import { learntFrom, readValues } from '../history.ts';
import type { Ports } from '../ports.ts';
import { readResults } from '../results.ts';

/** Experiments whose values are read at once. */
const READ_STEP = 500;

/** Of many results the best and the newest, in order of completion. */
function chosen(
  rows: readonly ResultRow[],
  metric: Metric | null,
  most: number,
): readonly ResultRow[] {
  if (rows.length <= most) return rows;
  const best = rows
    .toSorted(([, , a], [, , b]) => compareObjectives(a, b, metric))
    .slice(0, Math.floor(most / 2));
  const kept = new Set(best);
  for (let i = rows.length - 1; kept.size < most; i--) {
    const row = rows[i];
    if (row !== undefined) kept.add(row);
  }
  return rows.filter((row) => kept.has(row));
}

/** What was observed in a group, as a surrogate learns from it. */
export interface Observed {
  readonly observations: readonly Observation[];
  /** Experiments that were observed as well and are left out. */
  readonly leftOut: number;
}

/** Observations of a group, from so many experiments at most. */
export async function readObserved(
  ports: Ports,
  { definition, head }: CurrentGroup,
  most: number,
): Promise<Observed> {
  const group = definition.config.id;
  const { metric } = definition.document.hptuning.algorithm;
  const rows = (await readResults(ports, group, head, 0)).filter(
    ([, end, objective]) =>
      ((end === 'succeeded' || end === 'stopped') && objective !== null) || end === 'infeasible',
  );
  const kept = chosen(rows, metric, most);
  const ended = [];
  for (let start = 0; start < kept.length; start += READ_STEP) {
    const step = kept.slice(start, start + READ_STEP);
    const values = await readValues(
      ports,
      group,
      step.map(([number]) => number),
    );
    for (const row of step) {
      const own = values.get(row[0]);
      if (own !== undefined) ended.push({ row, values: own });
    }
  }
  const { observations } = learntFrom(definition, ended);
  const { matrix } = definition.document.hptuning;
  return { observations: furthest(observations, matrix), leftOut: rows.length - kept.length };
}

/** What was tried with several resources counts once, with the most of them: plots are of values, whatever they were given. */
function furthest(observations: readonly Observation[], matrix: Matrix): readonly Observation[] {
  if (observations.every(({ spent }) => spent === undefined)) return observations;
  const keyOf = createValuesKey(matrix);
  const kept = new Map<string, Observation>();
  for (const observation of observations) {
    const key = keyOf(observation.values);
    const before = kept.get(key);
    if ((observation.spent ?? 0) >= (before?.spent ?? 0)) kept.set(key, observation);
  }
  return [...kept.values()];
}

/** How many observations have a value that counts. */
export const finiteOnly = (observations: readonly Observation[]): readonly Observation[] =>
  observations.filter(({ objective }) => Number.isFinite(objective));
