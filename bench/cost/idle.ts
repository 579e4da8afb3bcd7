import type { Cloud } from './cloud.ts';
import type { SweepUse } from './dollars.ts';
import { gbSeconds } from './dollars.ts';
import type { Region } from './prices.ts';
import { usdFor } from './prices.ts';
import type { Standing } from './template.ts';
import { MINUTES_PER_MONTH } from './template.ts';

const SWEEPS = 50;
/** Lambda asks a queue with so many pollers, each of which waits so long where there is nothing. */
const POLLERS = 5;
const POLL_SECONDS = 20;
const GB = 1e9;
/** What an item costs beyond its attributes where it is stored, bytes. */
const STORED_OVERHEAD_BYTES = 100;
/** Experiments whose storage is given, and what a stack that is not used any more may keep. */
export const KEPT_EXPERIMENTS = 100_000;

/** Measures a sweep that finds nothing. */
export async function measureIdleSweep(cloud: Cloud): Promise<SweepUse> {
  for (let warm = 0; warm < SWEEPS; warm++) await cloud.sweep();
  cloud.forget();
  let cpuMs = 0;
  let tableRounds = 0;
  let queueRounds = 0;
  for (let swept = 0; swept < SWEEPS; swept++) {
    const used = await cloud.sweep();
    cpuMs += used.cpuMs / SWEEPS;
    tableRounds += used.tableRounds / SWEEPS;
    queueRounds += used.queueRounds / SWEEPS;
  }
  const readUnits = cloud.total().charges.reduce((sum, { units }) => sum + units, 0) / SWEEPS;
  return { cpuMs, tableRounds, queueRounds, readUnits };
}

/** What an idle stack costs a month in a region, US dollars by post. */
export function idleBill(
  { standing, sweep }: { readonly standing: Standing; readonly sweep: SweepUse },
  region: Region,
): Readonly<Record<string, number>> {
  const { sweeps, polledQueues } = standing;
  const polls = (polledQueues * POLLERS * MINUTES_PER_MONTH * 60) / POLL_SECONDS;
  return {
    [`${standing.alarms} alarms`]: usdFor(region, 'alarm', standing.alarms),
    [`${polledQueues} queues polled by Lambda, ${Math.round(polls / 1000)} k requests`]: usdFor(
      region,
      'sqsRequest',
      polls,
    ),
    [`${sweeps} scheduled events`]: usdFor(region, 'scheduledEvent', sweeps),
    'sweep: Lambda':
      usdFor(region, 'lambdaRequest', sweeps) +
      usdFor(region, 'lambdaGbSecond', sweeps * gbSeconds('sweep', sweep)),
    'sweep: reads of the index': usdFor(region, 'dynamoDbRead', sweeps * sweep.readUnits),
    [`${standing.budgets} budget that only notifies`]: 0,
    [`${standing.kmsKeys} keys, ${standing.secrets} secrets, ${standing.dashboards} dashboards`]:
      usdFor(region, 'kmsKey', standing.kmsKeys) +
      usdFor(region, 'secret', standing.secrets) +
      usdFor(region, 'dashboard', standing.dashboards),
  };
}

/** What storing experiments costs a month with point-in-time recovery, US dollars. */
export const storageUsd = (
  region: Region,
  stored: { readonly bytes: number; readonly items: number },
): number => {
  const gigabytes = (stored.bytes + stored.items * STORED_OVERHEAD_BYTES) / GB;
  return usdFor(region, 'dynamoDbStorage', gigabytes) + usdFor(region, 'dynamoDbBackup', gigabytes);
};
