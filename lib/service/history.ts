import type { ExperimentState } from '../domain/experiment.ts';
import type { GroupHead } from '../domain/group.ts';
import { toNumber } from '../domain/measurement.ts';
import type { Values } from '../domain/values.ts';
import { onOneLevel } from '../optimizers/bayes/one-level.ts';
import type { Observation, View } from '../optimizers/bayes/view.ts';
import type { Ended } from '../store/keys.ts';
import { experimentKey, historyKey } from '../store/keys.ts';
import type { Definition } from './definition.ts';
import type { Ports } from './ports.ts';
import { readResults, resultCount } from './results.ts';

/** Experiments read at once. */
const READ_STEP = 500;
/** Experiments in a chunk of history: some 30 KB for six parameters. */
const CHUNK = 256;
/** Chunks read at once. */
const CHUNKS_STEP = 100;

/** What has been read of each group: results never change, so that only later ones are read again. */
const histories = new WeakMap<Definition, readonly Ended[]>();

/** What others have put together: the values of every experiment that has ended, chunk by chunk. */
async function readChunks(ports: Ports, group: string, total: number): Promise<readonly Ended[]> {
  const ended: Ended[] = [];
  while (ended.length + CHUNK <= total) {
    const chunks = await ports.store.list(historyKey(group, 0), {
      from: historyKey(group, ended.length).sk,
      to: historyKey(group, total - CHUNK).sk,
      limit: CHUNKS_STEP,
    });
    // A chunk that is missing ends what can be used: its experiments are read one by one.
    const next = chunks.filter(
      ({ sk }, i) => sk === historyKey(group, ended.length + i * CHUNK).sk,
    );
    for (const { body } of next) ended.push(...body);
    if (next.length < CHUNKS_STEP) break;
  }
  return ended;
}

/** Puts what is complete into chunks, which whoever else does so writes alike. */
async function writeChunks(
  ports: Ports,
  group: string,
  { ended, known }: { readonly ended: readonly Ended[]; readonly known: number },
): Promise<void> {
  const complete = ended.length - (ended.length % CHUNK);
  for (let first = known - (known % CHUNK); first < complete; first += CHUNK) {
    const body = ended.slice(first, first + CHUNK);
    await ports.store.put({ key: historyKey(group, first), body, expect: 0 });
  }
}

/** Every experiment that has ended, in order of completion. */
async function readEnded(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
): Promise<readonly Ended[]> {
  const group = definition.config.id;
  const total = resultCount(head);
  const before = histories.get(definition) ?? (await readChunks(ports, group, total));
  if (before.length >= total) return before.slice(0, total);
  const ended = [...before];
  const rows = await readResults(ports, group, head, before.length);
  for (let start = 0; start < rows.length; start += READ_STEP) {
    const step = rows.slice(start, start + READ_STEP);
    const items = await ports.store.getMany(step.map(([number]) => experimentKey(group, number)));
    for (const [position, row] of step.entries()) {
      const item = items[position] ?? null;
      if (item === null) throw new Error(`experiment ${row[0]} of ${group} has no item`);
      ended.push({ row, values: item.body.values });
    }
  }
  await writeChunks(ports, group, { ended, known: before.length });
  if (ended.length > (histories.get(definition)?.length ?? 0)) histories.set(definition, ended);
  return ended;
}

/** What the search has learnt. */
export type Learnt = Pick<View, 'observations' | 'failed'>;

/** Every experiment that has ended, in order of completion, and what the search has learnt from them. */
export async function readHistory(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
): Promise<{ readonly ended: readonly Ended[]; readonly learnt: Learnt }> {
  const ended = await readEnded(ports, definition, head);
  return { ended, learnt: learntFrom(definition, ended) };
}

/** What a search learns from experiments that have ended. */
export function learntFrom(definition: Definition, ended: readonly Ended[]): Learnt {
  const observations: Observation[] = [];
  const failed: Values[] = [];
  for (const { row, values } of ended) {
    const [, end, objective] = row;
    const isKnown = (end === 'succeeded' || end === 'stopped') && objective !== null;
    if (isKnown) observations.push({ values, objective: finiteOrNaN(toNumber(objective)) });
    else if (end === 'infeasible') observations.push({ values, objective: Number.NaN });
    else failed.push(values);
  }
  const { halving, promotion } = definition.optimizer;
  const { matrix } = definition.document.hptuning;
  const resource = (halving ?? promotion)?.resource.name;
  return resource === undefined
    ? { observations, failed }
    : onOneLevel({ observations, failed }, { resource, matrix });
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
