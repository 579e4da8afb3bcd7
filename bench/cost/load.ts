import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from './cloud.ts';
import { createGroup, suggestedIn } from './group.ts';
import { unitsBy } from './pairs.ts';
import { startFunction } from './process.ts';
import { randomSearch } from './workloads.ts';

/** How one group did under so many callers at once. */
export interface LoadFigures {
  readonly callers: number;
  readonly pairs: number;
  readonly pairsPerSecond: number;
  /** Conditional writes of items of their own that as many callers get done on the same emulator, a second. */
  readonly putsPerSecond: number;
  /** Writes of a pair whose condition was not met. */
  readonly conflicts: number;
  /** Answers other than 200, by status; the caller tries again. */
  readonly errors: Readonly<Record<string, number>>;
  /** Experiments handed out: distinct ones, and those that came twice. */
  readonly distinct: number;
  readonly twice: number;
  readonly budget: number;
  /** Write units of a pair in the partition of the group. */
  readonly hottest: number;
  /** Write units of a pair in all. */
  readonly writeUnits: number;
}

/** Conditional writes per measurement, and before it. */
const PUTS = 1_000;
const WARM_PUTS = 400;
/** Who has not used the budget up by then stops asking, ms. */
const LOAD_MS = 30_000;
const RETRY_MS = 50;

/** Runs `work` in so many loops until it says that there is no more. */
const inLoops = (callers: number, work: () => Promise<boolean>): Promise<unknown> =>
  Promise.all(
    Array.from({ length: callers }, async () => {
      while (await work());
    }),
  );

async function measurePuts(cloud: Cloud, callers: number): Promise<number> {
  const bare = await startFunction(join(import.meta.dirname, 'bare-put.ts'), cloud.environment);
  const put = async (count: number): Promise<void> => {
    let left = count;
    await inLoops(callers, async () => {
      if (left-- <= 0) return false;
      await bare.invoke({});
      return true;
    });
  };
  await put(WARM_PUTS);
  const start = performance.now();
  await put(PUTS);
  const seconds = (performance.now() - start) / 1000;
  bare.stop();
  return PUTS / seconds;
}

/** Lets so many callers work on one group until its budget is used up. */
export async function measureLoad(
  cloud: Cloud,
  { callers, budget }: { readonly callers: number; readonly budget: number },
): Promise<LoadFigures> {
  const putsPerSecond = await measurePuts(cloud, callers);
  const group = await createGroup(cloud, randomSearch(callers, budget), false);
  const errors: Record<string, number> = {};
  const refused = async (status: number): Promise<void> => {
    errors[status] = (errors[status] ?? 0) + 1;
    await sleep(RETRY_MS);
  };
  const numbers = new Map<number, number>();
  let pairs = 0;
  const pair = async (): Promise<boolean> => {
    const asked = await group.suggest(1);
    if (asked.status !== 200) {
      await refused(asked.status);
      return performance.now() - start < LOAD_MS;
    }
    const { experiments, group_status: status } = suggestedIn(asked);
    for (const held of experiments) {
      numbers.set(held.number, (numbers.get(held.number) ?? 0) + 1);
      for (;;) {
        const reported = await group.report(held, 1, 'succeeded');
        if (reported.status === 200) break;
        await refused(reported.status);
      }
      pairs++;
    }
    if (experiments.length === 0 && status !== 'done') await sleep(RETRY_MS);
    const isLate = performance.now() - start > LOAD_MS;
    return status !== 'done' && numbers.size < budget && !isLate;
  };
  cloud.forget();
  const before = cloud.total().table;
  const start = performance.now();
  await inLoops(callers, pair);
  const seconds = (performance.now() - start) / 1000;
  const { table, charges } = cloud.total();
  const writes = charges.filter(({ isWrite }) => isWrite);
  const units = unitsBy(
    writes,
    ({ partition }) => (partition === group.id ? 'group' : 'other'),
    (charge) => charge.units,
  );
  return {
    callers,
    pairs,
    pairsPerSecond: pairs / seconds,
    putsPerSecond,
    conflicts: (table.conflicts - before.conflicts) / pairs,
    errors,
    distinct: numbers.size,
    twice: [...numbers.values()].filter((count) => count > 1).length,
    budget,
    hottest: (units['group'] ?? 0) / pairs,
    writeUnits: ((units['group'] ?? 0) + (units['other'] ?? 0)) / pairs,
  };
}
