import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from './cloud.ts';
import type { ApiAnswer, Measured, Used } from './gateway.ts';
import type { GroupCalls, Held } from './group.ts';
import { createGroup, suggestedIn } from './group.ts';
import type { Charge } from './ledger.ts';
import { kindOf } from './ledger.ts';
import { itemSize } from './units.ts';
import type { Workload } from './workloads.ts';

/** What a function has used for one pair. */
export interface FunctionShare {
  readonly calls: number;
  readonly cpuMs: number;
  readonly tableRounds: number;
  readonly queueRounds: number;
  readonly logBytes: number;
}

/** What one pair of suggest and report uses, on average, with what follows from it. */
export interface PairUse {
  readonly workload: string;
  readonly concurrency: number;
  /** Pairs that were measured. */
  readonly pairs: number;
  /** Experiments out at once, at most. */
  readonly places: number;
  /** Calls of the API, those apart that had nothing to hand out. */
  readonly calls: number;
  /** Suggests that had nothing to hand out. */
  readonly empty: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** The same as the emulator tells them. */
  readonly writeUnitsTold: number;
  readonly readUnitsTold: number;
  readonly tableRequests: number;
  readonly queueRequests: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly bytesSent: number;
  readonly functions: Readonly<Record<Measured, FunctionShare>>;
  /** Processor time of a suggest, ms: the median and the 99th percentile. */
  readonly suggestMs: readonly [median: number, p99: number];
  /** Write units by the kind of item. */
  readonly writesByKind: Readonly<Record<string, number>>;
  /** Write units and writes in the partition that has most of them; write units in the index. */
  readonly hottest: { readonly units: number; readonly writes: number };
  readonly index: number;
  /** Bytes of the largest item of each kind that was written. */
  readonly sizes: Readonly<Record<string, number>>;
  /** What the group's items take per experiment. */
  readonly stored: { readonly bytes: number; readonly items: number };
}

/** Places filled by one call before the measurement. */
const FILL_COUNT = 100;
/** Pairs before the measurement. */
const WARM_PAIRS = 32;
/** What a function has logged arrives a little after its answer. */
const LOGS_MS = 50;

interface Run {
  readonly answers: ApiAnswer[];
  readonly advances: Used[];
  pairs: number;
  places: number;
  empty: number;
}

function done(answer: ApiAnswer): ApiAnswer {
  if (answer.status === 200) return answer;
  throw new Error(`a call was answered ${answer.status}: ${answer.body}`);
}

/** Hands so many experiments out. */
export async function fill(group: GroupCalls, concurrency: number): Promise<Held[]> {
  const held: Held[] = [];
  while (held.length < concurrency) {
    const count = Math.min(FILL_COUNT, concurrency - held.length);
    held.push(...suggestedIn(await group.suggest(count)).experiments);
  }
  return held;
}

/** Ends the experiment that was handed out first. */
async function endFirst(
  cloud: Cloud,
  group: GroupCalls,
  work: { readonly held: Held[]; readonly run: Run; readonly intermediateReports: number },
): Promise<void> {
  const { held, run, intermediateReports } = work;
  const [first] = held.splice(0, 1);
  if (first === undefined) return;
  for (let step = 1; step <= intermediateReports; step++) {
    run.answers.push(done(await group.report(first, step, 'running')));
  }
  run.answers.push(done(await group.report(first, intermediateReports + 1, 'succeeded')));
  run.pairs++;
  run.advances.push(...(await cloud.deliver()));
}

/** Ends an experiment and asks for another, as many times, or until the group has no more. */
async function work(
  cloud: Cloud,
  group: GroupCalls,
  held: Held[],
  { pairs, concurrency, intermediateReports }: Workload & { readonly concurrency: number },
): Promise<Run> {
  const run: Run = { answers: [], advances: [], pairs: 0, places: held.length, empty: 0 };
  while (pairs === null || run.pairs < pairs) {
    if (held.length === concurrency) {
      await endFirst(cloud, group, { held, run, intermediateReports });
      continue;
    }
    const asked = done(await group.suggest(1));
    const { experiments, group_status } = suggestedIn(asked);
    if (group_status === 'done') break;
    run.answers.push(asked);
    held.push(...experiments);
    run.places = Math.max(run.places, held.length);
    if (experiments.length > 0) continue;
    run.empty++;
    // Whoever has nothing to do waits for somebody's report.
    await endFirst(cloud, group, { held, run, intermediateReports });
  }
  return run;
}

const totalOf = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((total, one) => total + of(one), 0);

/** The value below which that share of them lies. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.round(share * (values.length - 1))] ?? 0;

/** Adds units up by a name. */
export function unitsBy<T>(
  list: readonly T[],
  name: (one: T) => string,
  units: (one: T) => number,
): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of list) sums[name(one)] = (sums[name(one)] ?? 0) + units(one);
  return sums;
}

/** What the group's items take per experiment. */
function measureStored(cloud: Cloud, group: string): PairUse['stored'] {
  let bytes = 0;
  let items = 0;
  let experiments = 0;
  for (const item of cloud.items()) {
    if (item['pk']?.S?.startsWith(group) !== true) continue;
    bytes += itemSize(item);
    items++;
    if (kindOf(item) === 'experiment') experiments++;
  }
  return { bytes: bytes / experiments, items: items / experiments };
}

/** The largest item of each kind that was written. */
function sizesOf(writes: readonly Charge[]): PairUse['sizes'] {
  const sizes: Record<string, number> = {};
  for (const { kind, bytes } of writes) sizes[kind] = Math.max(sizes[kind] ?? 0, bytes);
  return sizes;
}

/** The partition of the table with most write units. */
function hottestOf(writes: readonly Charge[]): PairUse['hottest'] {
  const inTable = writes.filter(({ kind }) => kind !== 'index');
  const units = unitsBy(
    inTable,
    ({ partition }) => partition,
    (charge) => charge.units,
  );
  const [hottest] = Object.keys(units).sort((a, b) => (units[b] ?? 0) - (units[a] ?? 0));
  return {
    units: units[hottest ?? ''] ?? 0,
    writes: inTable.filter(({ partition }) => partition === hottest).length,
  };
}

/** Measures what a pair of the workload uses with so many experiments out at once. */
export async function measurePairs(
  cloud: Cloud,
  workload: Workload,
  concurrency: number,
): Promise<PairUse> {
  const { name, hptuning, hasIdempotencyKeys, pairs: wanted } = workload;
  const group = await createGroup(cloud, hptuning(concurrency), hasIdempotencyKeys);
  const held = wanted === null ? [] : await fill(group, concurrency);
  if (wanted !== null)
    await work(cloud, group, held, { ...workload, concurrency, pairs: WARM_PAIRS });
  await sleep(LOGS_MS);
  cloud.forget();
  const before = cloud.total();
  const run = await work(cloud, group, held, { ...workload, concurrency });
  await sleep(LOGS_MS);
  const after = cloud.total();

  const { pairs, answers, advances } = run;
  const writes = after.charges.filter(({ isWrite }) => isWrite);
  const reads = after.charges.filter(({ isWrite }) => !isWrite);
  const per = (count: number): number => count / pairs;
  const unitsOf = ({ units }: { readonly units: number }): number => units;
  const perName = (sums: Record<string, number>): Record<string, number> =>
    Object.fromEntries(Object.entries(sums).map(([key, units]) => [key, per(units)]));
  const hottest = hottestOf(writes);
  const used = [...answers.map((answer) => answer.used), ...advances];
  const shareOf = (one: Measured): FunctionShare => {
    const own = used.filter((use) => use.name === one);
    return {
      calls: per(own.length),
      cpuMs: per(totalOf(own, ({ cpuMs }) => cpuMs)),
      tableRounds: per(totalOf(own, ({ tableRounds }) => tableRounds)),
      queueRounds: per(totalOf(own, ({ queueRounds }) => queueRounds)),
      logBytes: per((after.logBytes[one] ?? 0) - (before.logBytes[one] ?? 0)),
    };
  };
  const suggests = used.filter((use) => use.name === 'suggest').map(({ cpuMs }) => cpuMs);
  return {
    workload: name,
    concurrency,
    pairs,
    places: run.places,
    calls: per(answers.length - run.empty),
    empty: per(run.empty),
    writeUnits: per(totalOf(writes, unitsOf)),
    readUnits: per(totalOf(reads, unitsOf)),
    writeUnitsTold: per(after.table.writesTold - before.table.writesTold),
    readUnitsTold: per(after.table.readsTold - before.table.readsTold),
    tableRequests: per(after.table.requests - before.table.requests),
    queueRequests: per(after.queueRequests - before.queueRequests),
    bytesIn: per(totalOf(answers, (answer) => answer.bytesIn)),
    bytesOut: per(totalOf(answers, (answer) => answer.bytesOut)),
    bytesSent: per(totalOf(answers, (answer) => answer.bytesSent)),
    functions: {
      'create-group': shareOf('create-group'),
      suggest: shareOf('suggest'),
      'report-metric': shareOf('report-metric'),
      advance: shareOf('advance'),
      sweep: shareOf('sweep'),
    },
    suggestMs: [quantile(suggests, 0.5), quantile(suggests, 0.99)],
    writesByKind: perName(unitsBy(writes, ({ kind }) => kind, unitsOf)),
    hottest: { units: per(hottest.units), writes: per(hottest.writes) },
    index: per(totalOf(writes, (charge) => (charge.kind === 'index' ? charge.units : 0))),
    sizes: sizesOf(writes),
    stored: measureStored(cloud, group.id),
  };
}
