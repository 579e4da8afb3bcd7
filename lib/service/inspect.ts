import { isDeepStrictEqual } from 'node:util';
import { eventsIn } from '../domain/event-log.ts';
import type { ExperimentState } from '../domain/experiment.ts';
import type { GroupHead, Place, Queued } from '../domain/group.ts';
import {
  END,
  eventsKey,
  experimentKey,
  headKey,
  historyKey,
  listingKey,
  promotedKey,
  resultsKey,
  START,
} from '../store/keys.ts';
import type { Item, Key } from '../store/store.ts';
import type { Definition } from './definition.ts';
import { definitionOf } from './definitions.ts';
import { givenAt } from './given.ts';
import type { Ports } from './ports.ts';
import { readResults } from './results.ts';

/*
 * Tells whether the items of a group fit together: as they do after a crash at any moment, and need not in a copy of a
 * table whose items are not all of the same moment. Nothing is written.
 */

/** Experiments read at once. */
const STEP = 500;
/** Chunks read at once. */
const CHUNKS_STEP = 500;
/** Groups listed at once. */
const GROUPS_STEP = 100;
/** Experiments looked for that the head knows nothing of: as many as can have been handed out in a moment. */
const BEYOND = 100;

interface Inspected {
  readonly ports: Ports;
  readonly definition: Definition;
  readonly head: GroupHead;
}

const groupOf = ({ definition }: Inspected): string => definition.config.id;

/** The experiments of these numbers; null where there is no item. */
async function readExperiments(
  inspected: Inspected,
  numbers: readonly number[],
): Promise<readonly (ExperimentState | null)[]> {
  const found: (ExperimentState | null)[] = [];
  for (let start = 0; start < numbers.length; start += STEP) {
    const keys = numbers
      .slice(start, start + STEP)
      .map((number) => experimentKey(groupOf(inspected), number));
    for (const item of await inspected.ports.store.getMany(keys)) found.push(item?.body ?? null);
  }
  return found;
}

const range = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, offset) => first + offset);

/** Experiments that are on their way, by number, each with its suggestion: those with a place and those that wait. */
function openOf({
  places,
  queued,
}: GroupHead): ReadonlyMap<number, Queued & Pick<Place, 'b' | 'f'>> {
  const waiting = queued.flatMap(({ n, i, a, count = 1 }) =>
    range(0, count).map((offset) => ({
      n: n + offset,
      a,
      ...(i === undefined ? {} : { i: i + offset }),
    })),
  );
  return new Map([...places, ...waiting].map((one) => [one.n, one]));
}

/** What is wrong with the experiments and with what the group says of them. */
async function inspectExperiments(inspected: Inspected): Promise<readonly string[]> {
  const { ports, head } = inspected;
  const wrong: string[] = [];
  const rows = await readResults(ports, groupOf(inspected), head, 0);
  const ended = new Map(rows.map((row) => [row[0], row]));
  const counted = Object.values(head.counts).reduce((sum, count) => sum + count, 0);
  const total = head.resultsFlushed + head.results.length;
  if (ended.size !== total || counted !== total) {
    wrong.push(`${counted} experiments are counted, and results are there of ${ended.size}`);
  }
  const open = openOf(head);
  const numbers = range(1, head.nextNumber - 1);
  const experiments = await readExperiments(inspected, numbers);
  for (const number of numbers) {
    const experiment = experiments[number - 1] ?? null;
    const row = ended.get(number);
    const waiting = open.get(number);
    if (row === undefined && waiting === undefined && head.adding?.number !== number) {
      wrong.push(`experiment ${number} has neither a place nor a result`);
    }
    if (row !== undefined && (waiting !== undefined || row[1] !== experiment?.status)) {
      wrong.push(
        `experiment ${number} is ${experiment?.status ?? 'missing'}, and its result says ${row[1]}`,
      );
    }
    const index = row?.[3] ?? waiting?.i ?? null;
    if (experiment !== null && experiment.index !== index && head.adding?.number !== number) {
      wrong.push(`experiment ${number} is another suggestion than the group says`);
    }
  }
  const beyond = await readExperiments(inspected, range(head.nextNumber, BEYOND));
  if (beyond.some((experiment) => experiment !== null)) {
    wrong.push(
      `there are experiments after ${head.nextNumber - 1}, the last one that was given out`,
    );
  }
  for (const { n, i: index, b: batch, f: parent } of open.values()) {
    if (index === undefined) continue;
    const experiment = experiments[n - 1] ?? null;
    try {
      const given = await givenAt(ports, inspected.definition, { index, batch, parent });
      if (experiment !== null && !isDeepStrictEqual(given?.values, experiment.values)) {
        wrong.push(`experiment ${n} has other values than were suggested`);
      }
    } catch {
      wrong.push(`the values that were suggested for experiment ${n} are gone`);
    }
  }
  return wrong;
}

/** Chunks of one kind in their order. */
async function readChunks<T>(
  { ports }: Inspected,
  first: Key<readonly T[]>,
): Promise<readonly Item<readonly T[]>[]> {
  const prefix = first.sk.slice(0, first.sk.indexOf('#') + 1);
  const chunks: Item<readonly T[]>[] = [];
  let from = first.sk;
  for (;;) {
    const page = await ports.store.list(first, { from, to: prefix + END, limit: CHUNKS_STEP });
    chunks.push(...page);
    if (page.length < CHUNKS_STEP) return chunks;
    from = `${page.at(-1)?.sk ?? from}${END}`;
  }
}

const startOf = ({ sk }: { readonly sk: string }): number => Number(sk.slice(sk.indexOf('#') + 1));

/** What is wrong with a log of chunks of which the head carries the rest. */
function inspectLog<T>(
  chunks: readonly Item<readonly T[]>[],
  log: {
    readonly name: string;
    readonly flushed: number;
    readonly rest: readonly T[];
    readonly sizeOf: (entry: T) => number;
  },
): readonly string[] {
  const { name, flushed, rest, sizeOf } = log;
  let reached = 0;
  for (const chunk of chunks) {
    if (startOf(chunk) !== reached) return [`the ${name} have a gap at ${reached}`];
    if (reached >= flushed) {
      // An interrupted move has written what the head still carries.
      const isMove =
        reached === flushed && isDeepStrictEqual(chunk.body, rest.slice(0, chunk.body.length));
      return isMove && chunk === chunks.at(-1)
        ? []
        : [`there are ${name} that the group does not know`];
    }
    reached += chunk.body.reduce((sum, entry) => sum + sizeOf(entry), 0);
  }
  return reached === flushed ? [] : [`the ${name} have a gap at ${reached}`];
}

/** What is there of rungs, suggestions and history that the head is not as far as. */
async function inspectAhead(inspected: Inspected): Promise<readonly string[]> {
  const { ports, definition, head } = inspected;
  const { promotion } = definition.optimizer;
  const group = groupOf(inspected);
  const wrong: string[] = [];
  const total = head.resultsFlushed + head.results.length;
  const history = await readChunks(inspected, historyKey(group, 0));
  if (history.some((chunk) => startOf(chunk) + chunk.body.length > total)) {
    wrong.push(`the history tells of more than ${total} results`);
  }
  const isSpent = head.nextFresh >= head.fresh;
  const current = isSpent ? -1 : (promotion?.plan.freshAt(head.nextFresh).bracket ?? -1);
  for (const { bracket } of promotion?.plan.brackets ?? []) {
    const open = head.rungs.find((one) => one.bracket === bracket);
    const isToCome = open === undefined && bracket <= current;
    if (!isToCome && (open === undefined || head.ripe === true)) continue;
    const next = promotedKey(group, { bracket, rung: (open?.rung ?? 0) + 1 }, 0);
    if ((await ports.store.get(next)) !== null) {
      wrong.push(`bracket ${bracket} has promoted experiments of a rung that is not over`);
    }
  }
  return wrong;
}

/**
 * What does not fit together in a group, in sentences; none for a group that is whole, is deleted or is not there.
 *
 * *Cost* reads every experiment and every chunk of the group
 */
export async function inspectGroup(ports: Ports, group: string): Promise<readonly string[]> {
  const definition = await definitionOf(ports, group);
  const item = await ports.store.get(headKey(group));
  if (item === null || item.body.deletedAt !== null) return [];
  if (definition === null) return ['the document is missing'];
  const head = item.body;
  const inspected = { ports, definition, head };
  const events = await readChunks(inspected, eventsKey(group, 0));
  const results = await readChunks(inspected, resultsKey(group, 0));
  return [
    ...(await inspectExperiments(inspected)),
    ...inspectLog(events, {
      name: 'events',
      flushed: head.eventsFlushed,
      rest: head.events,
      sizeOf: eventsIn,
    }),
    ...inspectLog(results, {
      name: 'results',
      flushed: head.resultsFlushed,
      rest: head.results,
      sizeOf: () => 1,
    }),
    ...(await inspectAhead(inspected)),
  ];
}

/** Every group of the team, newest last, with what does not fit together in it. */
export async function* inspectGroups(
  ports: Ports,
): AsyncGenerator<{ readonly group: string; readonly findings: readonly string[] }> {
  let from = START;
  for (;;) {
    const page = await ports.store.list(listingKey(START), { from, to: END, limit: GROUPS_STEP });
    for (const { sk: group } of page) yield { group, findings: await inspectGroup(ports, group) };
    if (page.length < GROUPS_STEP) return;
    from = `${page.at(-1)?.sk ?? from}${START}`;
  }
}
