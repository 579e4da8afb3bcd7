import type { ExperimentState, MeasurementBlob, TailEntry } from '../domain/experiment.ts';
import type { MeasurementEntry, MetricSummary, MetricValue } from '../domain/measurement.ts';
import { addToSummary, isFreshStep, numbersIn, summarise } from '../domain/measurement.ts';
import { blobKey, END, measurementsKey, padded } from '../store/keys.ts';
import type { Item, Key } from '../store/store.ts';
import type { Ports } from './ports.ts';

/*
 * Where the numbers of an experiment lie: the latest entries in the `tail` of its own item, older ones in chunks that
 * are written once, and those of a report too large for an item in blobs that an entry points to. Only what a stored
 * experiment carries moves into a chunk, so an interrupted move loses and doubles nothing.
 */

/** Entries that wait in the experiment's item before they move into a chunk. */
const TAIL_ENTRIES = 16;
/** Entries of one report that together exceed this many characters of JSON go into blobs. */
const INLINE_CHARACTERS = 8_192;
/** Numbers per blob: with names of 128 characters about 300 KB, below DynamoDB's 400 KB an item. */
const BLOB_NUMBERS = 1_500;
const CHUNKS_PER_READ = 100;

const isBlob = (entry: TailEntry): entry is MeasurementBlob => 'blob' in entry;

const numbersOf = (entry: TailEntry): number => (isBlob(entry) ? entry.numbers : numbersIn(entry));

/** Position of the first number that still lies in the experiment's own item. */
const tailStart = (experiment: ExperimentState): number =>
  experiment.measured - experiment.tail.reduce((sum, entry) => sum + numbersOf(entry), 0);

/** A run of entries, the position of its first number, and the item it can be changed in (null: the tail itself). */
interface Run {
  readonly first: number;
  readonly entries: readonly MeasurementEntry[];
  readonly source: { readonly key: Key<readonly MeasurementEntry[]>; readonly rev: number } | null;
}

interface Place {
  readonly ports: Ports;
  readonly group: string;
  readonly number: number;
}

/** Which numbers are wanted, by position. */
interface Wanted {
  readonly position: number;
  readonly numbers: number;
}

/** Entries as they are stored, with the position of their first number. */
interface Stored {
  readonly entries: readonly TailEntry[];
  readonly first: number;
  readonly chunk: Item<readonly TailEntry[]> | null;
}

/** Splits stored entries into runs. A blob without any wanted number is not read. */
async function runsOf(place: Place, stored: Stored, wanted: Wanted): Promise<readonly Run[]> {
  const { entries, first, chunk } = stored;
  const runs: Run[] = [];
  let position = first;
  for (const entry of entries) {
    const isWanted =
      position < wanted.position + wanted.numbers && position + numbersOf(entry) > wanted.position;
    if (isBlob(entry) && isWanted) {
      const key = blobKey(place.group, place.number, entry.blob);
      const item = await place.ports.store.get(key);
      runs.push({
        first: position,
        entries: item?.body ?? [],
        source: item === null ? null : { key, rev: item.rev },
      });
    } else if (!isBlob(entry)) {
      runs.push({
        first: position,
        entries: [entry],
        source: chunk === null ? null : { key: { pk: chunk.pk, sk: chunk.sk }, rev: chunk.rev },
      });
    }
    position += numbersOf(entry);
  }
  return runs;
}

/** Runs from the one that holds the number at `position` on, at least `numbers` of them where there are so many. */
async function readRuns(
  place: Place,
  experiment: ExperimentState,
  from: Wanted,
): Promise<readonly Run[]> {
  const { store } = place.ports;
  const key = measurementsKey(place.group, place.number, 0);
  const end = tailStart(experiment);
  const runs: Run[] = [];
  let reached = from.position;
  if (from.position < end) {
    const [holder] = await store.list(key, {
      from: key.sk,
      to: measurementsKey(place.group, place.number, from.position).sk,
      limit: 1,
      reverse: true,
    });
    let sk = holder?.sk ?? key.sk;
    while (reached < end && reached < from.position + from.numbers) {
      const chunks = await store.list(key, {
        from: sk,
        to: `measurements#${padded(end - 1)}`,
        limit: Math.min(CHUNKS_PER_READ, Math.ceil(from.numbers / TAIL_ENTRIES) + 1),
      });
      for (const chunk of chunks) {
        const first = Number(chunk.sk.slice('measurements#'.length));
        runs.push(...(await runsOf(place, { entries: chunk.body, first, chunk }, from)));
        reached = first + chunk.body.reduce((sum, entry) => sum + numbersOf(entry), 0);
      }
      if (chunks.length === 0) break;
      sk = `${chunks.at(-1)?.sk ?? sk}${END}`;
    }
  }
  if (reached < from.position + from.numbers) {
    runs.push(
      ...(await runsOf(place, { entries: experiment.tail, first: end, chunk: null }, from)),
    );
  }
  return runs;
}

/** One reported number with its position in order of arrival. */
export interface Measurement {
  readonly position: number;
  readonly attempt: number;
  readonly metric: string;
  readonly value: MetricValue;
  readonly step: number | null;
  readonly at: number;
}

/** Up to `limit` numbers of an experiment by arrival, from `position` on. */
export async function readMeasurements(
  place: Place,
  experiment: ExperimentState,
  page: { readonly position: number; readonly limit: number },
): Promise<readonly Measurement[]> {
  const runs = await readRuns(place, experiment, {
    position: page.position,
    numbers: page.limit,
  });
  const flat = runs.flatMap((run) => {
    let position = run.first;
    return run.entries.flatMap((entry) =>
      Object.entries(entry.m).map(
        ([metric, value]): Measurement => ({
          position: position++,
          attempt: entry.a,
          metric,
          value,
          step: entry.s,
          at: entry.t,
        }),
      ),
    );
  });
  return flat.filter(({ position }) => position >= page.position).slice(0, page.limit);
}

/** The numbers of one step, as a report brings them. */
export interface ReportedStep {
  readonly step: number | null;
  readonly metrics: Readonly<Record<string, MetricValue>>;
}

/** True where every number of the steps is on record with the same value for the current attempt. */
export async function areOnRecord(
  place: Place,
  experiment: ExperimentState,
  steps: readonly ReportedStep[],
): Promise<boolean> {
  const runs = await readRuns(place, experiment, { position: 0, numbers: experiment.measured });
  const entries = runs.flatMap((run) => run.entries);
  return steps.every(({ step, metrics }) =>
    Object.entries(metrics).every(([name, value]) =>
      step === null
        ? experiment.metrics[name]?.last === value
        : entries.some(
            (entry) =>
              entry.a === experiment.attempt && entry.s === step && entry.m[name] === value,
          ),
    ),
  );
}

const pick = (
  metrics: Readonly<Record<string, MetricValue>>,
  keep: (name: string) => boolean,
): Record<string, MetricValue> =>
  Object.fromEntries(Object.entries(metrics).filter(([name]) => keep(name)));

/**
 * Moves what the stored experiment carries into a chunk and returns the entries that stay. An interrupted move has
 * left a chunk with the first of them: entries never change while they are in the tail, so it is as good as ours.
 */
export async function moveTail(
  place: Place,
  experiment: ExperimentState,
): Promise<readonly TailEntry[]> {
  const { tail } = experiment;
  if (tail.length === 0) return tail;
  const key = measurementsKey(place.group, place.number, tailStart(experiment));
  const outcome = await place.ports.store.put({ key, body: tail, expect: 0 });
  return tail.slice(outcome.kind === 'stored' ? tail.length : (outcome.current?.body.length ?? 0));
}

/** The steps with each number once: of one metric at one step the later value counts, in the place of the first. */
function mergeSteps(steps: readonly ReportedStep[]): readonly ReportedStep[] {
  const owners = new Map<string, Record<string, MetricValue>>();
  return steps.map(({ step, metrics }) => {
    const own: Record<string, MetricValue> = {};
    for (const [name, value] of Object.entries(metrics)) {
      const id = JSON.stringify([step, name]);
      const owner = (step === null ? undefined : owners.get(id)) ?? own;
      owner[name] = value;
      owners.set(id, owner);
    }
    return { step, metrics: own };
  });
}

const isLong = (tail: readonly TailEntry[]): boolean =>
  tail.length >= TAIL_ENTRIES || tail.some(isBlob);

/** The entries as they go into the tail: as they are, or as pointers to blobs that are written here. */
async function asTail(
  place: Place,
  entries: readonly MeasurementEntry[],
  nonce: string,
): Promise<readonly TailEntry[]> {
  if (JSON.stringify(entries).length <= INLINE_CHARACTERS) return entries;
  const blobs: MeasurementEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const current = blobs.at(-1);
    if (current === undefined || room < numbersIn(entry)) {
      blobs.push([entry]);
      room = BLOB_NUMBERS;
    } else {
      current.push(entry);
    }
    room -= numbersIn(entry);
  }
  // The nonce keeps two reports apart that race for the same experiment; the one that loses leaves an unused item.
  return Promise.all(
    blobs.map(async (body, part) => {
      const name = `blob#${nonce}#${padded(part)}`;
      const key = blobKey(place.group, place.number, name);
      await place.ports.store.put({ key, body, expect: 0 });
      const numbers = body.reduce((sum, entry) => sum + numbersIn(entry), 0);
      return { blob: name, entries: body.length, numbers };
    }),
  );
}

/** Writes replaced values into the stored items that hold them, and returns all entries as they are then. */
async function replaceNumbers(
  place: Place,
  experiment: ExperimentState,
  steps: readonly ReportedStep[],
): Promise<{ entries: readonly MeasurementEntry[]; known: Set<string> }> {
  const runs = await readRuns(place, experiment, { position: 0, numbers: experiment.measured });
  const wanted = new Map<string, MetricValue>();
  for (const { step, metrics } of steps) {
    for (const [name, value] of Object.entries(metrics)) {
      wanted.set(JSON.stringify([step, name]), value);
    }
  }
  const known = new Set<string>();
  const replace = (entry: MeasurementEntry): MeasurementEntry => {
    if (entry.a !== experiment.attempt || entry.s === null) return entry;
    let changed = entry;
    for (const name of Object.keys(entry.m)) {
      const id = JSON.stringify([entry.s, name]);
      const value = wanted.get(id);
      if (value === undefined) continue;
      known.add(id);
      if (value !== entry.m[name]) changed = { ...changed, m: { ...changed.m, [name]: value } };
    }
    return changed;
  };
  const { store } = place.ports;
  for (const run of runs) {
    if (run.source === null || run.entries.every((entry) => replace(entry) === entry)) continue;
    // Others may change the same chunk: read it again until our values are in.
    for (;;) {
      const item = await store.get(run.source.key);
      if (item === null) break;
      const body = item.body.map((entry) => (isBlob(entry) ? entry : replace(entry)));
      if (body.every((entry, position) => entry === item.body[position])) break;
      const outcome = await store.put({ key: run.source.key, body, expect: item.rev });
      if (outcome.kind === 'stored') break;
    }
  }
  return {
    entries: runs.flatMap((run) => run.entries.map(replace)),
    known,
  };
}

/**
 * The experiment with reported numbers added. A number with a step that its attempt has reported before replaces the old
 * one, or changes nothing where it is the same; for that the tail must be empty, and null is returned where it is not.
 */
export async function withMeasurements(
  place: Place,
  experiment: ExperimentState,
  report: { readonly steps: readonly ReportedStep[]; readonly at: number; readonly nonce: string },
): Promise<ExperimentState | null> {
  const { attempt } = experiment;
  const summaries: Record<string, MetricSummary> = { ...experiment.metrics };
  // A metric can be called like something that every object has.
  const summaryOf = (name: string): MetricSummary | undefined =>
    Object.hasOwn(summaries, name) ? summaries[name] : undefined;
  const steps = mergeSteps(report.steps);
  const again = steps
    .map(({ step, metrics }) => ({
      step,
      metrics: pick(metrics, (name) => !isFreshStep(summaryOf(name), attempt, step)),
    }))
    .filter(({ metrics }) => Object.keys(metrics).length > 0);
  if (again.length > 0 && experiment.tail.length > 0) return null;
  const replaced = again.length > 0 ? await replaceNumbers(place, experiment, again) : null;
  const fresh: MeasurementEntry[] = [];
  for (const { step, metrics } of steps) {
    // A step below the greatest one that was never reported is new after all.
    const m = pick(metrics, (name) => replaced?.known.has(JSON.stringify([step, name])) !== true);
    if (Object.keys(m).length === 0) continue;
    fresh.push({ a: attempt, t: report.at, s: step, m });
    for (const [name, value] of Object.entries(m)) {
      summaries[name] = addToSummary(summaryOf(name), { attempt, step, value });
    }
  }
  for (const name of new Set(again.flatMap(({ metrics }) => Object.keys(metrics)))) {
    const all = [...(replaced?.entries ?? []), ...fresh].filter(({ m }) => Object.hasOwn(m, name));
    const summary = summarise(all, attempt, name);
    if (summary !== undefined) summaries[name] = summary;
  }
  const { tail } = experiment;
  const moved = isLong(tail) ? await moveTail(place, experiment) : tail;
  const added = await asTail(place, fresh, report.nonce);
  return {
    ...experiment,
    metrics: summaries,
    tail: [...moved, ...added],
    measured: experiment.measured + fresh.reduce((sum, entry) => sum + numbersIn(entry), 0),
  };
}
