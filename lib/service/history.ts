import type { ExperimentState } from '../domain/experiment.ts';
import type { GroupHead, ResultRow } from '../domain/group.ts';
import { toNumber } from '../domain/measurement.ts';
import type { Values } from '../domain/values.ts';
import type { Observation } from '../optimizers/bayes/view.ts';
import { experimentKey } from '../store/keys.ts';
import type { Definition } from './definition.ts';
import type { Ports } from './ports.ts';
import { readResults } from './results.ts';

/** Experiments read at once. */
const READ_STEP = 500;

/** An experiment that has ended. */
interface Ended {
  readonly row: ResultRow;
  readonly values: Values;
}

interface Known {
  readonly ended: readonly Ended[];
  /** Position where a chunk begins, of which all before is known. */
  readonly flushed: number;
}

/** What has been read of each group: results never change, so that only later ones are read again. */
const histories = new WeakMap<Definition, Known>();

/** Every experiment that has ended, in order of completion. */
async function readEnded(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
): Promise<readonly Ended[]> {
  const { ended: before, flushed } = histories.get(definition) ?? { ended: [], flushed: 0 };
  const total = resultCount(head);
  if (before.length >= total) return before.slice(0, total);
  const group = definition.config.id;
  const ended = [...before];
  const rows = (await readResults(ports, group, head, flushed)).slice(before.length - flushed);
  for (let start = 0; start < rows.length; start += READ_STEP) {
    const step = rows.slice(start, start + READ_STEP);
    const items = await ports.store.getMany(step.map(([number]) => experimentKey(group, number)));
    for (const [position, row] of step.entries()) {
      const item = items[position] ?? null;
      if (item === null) throw new Error(`experiment ${row[0]} of ${group} has no item`);
      ended.push({ row, values: item.body.values });
    }
  }
  if (ended.length > (histories.get(definition)?.ended.length ?? 0)) {
    histories.set(definition, { ended, flushed: head.resultsFlushed });
  }
  return ended;
}

/** How many experiments of the group have ended. */
export const resultCount = (head: GroupHead): number => head.resultsFlushed + head.results.length;

export interface History {
  readonly observations: readonly Observation[];
  readonly failed: readonly Values[];
}

/** What the search has learnt. */
export async function readHistory(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
): Promise<History> {
  const observations: Observation[] = [];
  const failed: Values[] = [];
  for (const { row, values } of await readEnded(ports, definition, head)) {
    const [, end, objective] = row;
    const isKnown = (end === 'succeeded' || end === 'stopped') && objective !== null;
    if (isKnown) observations.push({ values, objective: finiteOrNaN(toNumber(objective)) });
    else if (end === 'infeasible') observations.push({ values, objective: Number.NaN });
    else failed.push(values);
  }
  return { observations, failed };
}

const finiteOrNaN = (x: number): number => (Number.isFinite(x) ? x : Number.NaN);

/** Values of experiments that have an item, by number. */
export async function readValues(
  ports: Ports,
  group: string,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, Values>> {
  const items = await ports.store.getMany(numbers.map((number) => experimentKey(group, number)));
  const bodies: readonly ExperimentState[] = items.flatMap((item) => item?.body ?? []);
  return new Map(bodies.map(({ number, values }) => [number, values]));
}
