/**
 * What a pair of suggest and report costs, what an idle stack costs, and what one group carries.
 *
 *     npm run bench cost
 *
 * Runs the functions of the cloud, each in a process of its own, with emulators of DynamoDB and SQS behind meters; what
 * that means for the bill is worked out from prices.json and from the template of a stack. Writes results/cost.md. Takes
 * about five minutes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud } from './cost/cloud.ts';
import { startCloud } from './cost/cloud.ts';
import { measureIdleSweep } from './cost/idle.ts';
import type { LoadFigures } from './cost/load.ts';
import { measureLoad } from './cost/load.ts';
import type { PairUse } from './cost/pairs.ts';
import { measurePairs } from './cost/pairs.ts';
import { reportOf } from './cost/report.ts';
import { readStanding } from './cost/template.ts';
import { WARM_UP, WORKLOADS } from './cost/workloads.ts';

const RESULTS = join(import.meta.dirname, 'results/cost.md');

const LOADS = [
  { callers: 4, budget: 200 },
  { callers: 16, budget: 300 },
  { callers: 64, budget: 400 },
  { callers: 200, budget: 600 },
] as const;

/** Says what was done and how long it took, since a run is long. */
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const done = await work();
  console.error(`${what}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return done;
}

async function measureWorkloads(cloud: Cloud): Promise<readonly PairUse[]> {
  const uses: PairUse[] = [];
  for (const workload of WORKLOADS) {
    for (const concurrency of workload.concurrencies) {
      const what = `${workload.name}, ${concurrency} at once`;
      uses.push(await timed(what, () => measurePairs(cloud, workload, concurrency)));
    }
  }
  return uses;
}

async function measureLoads(cloud: Cloud): Promise<readonly LoadFigures[]> {
  const loads: LoadFigures[] = [];
  for (const load of LOADS) {
    loads.push(await timed(`${load.callers} callers`, () => measureLoad(cloud, load)));
  }
  return loads;
}

const standing = readStanding();
const cloud = await startCloud();
await timed('warming up', () => measurePairs(cloud, WARM_UP, WARM_UP.concurrencies[0] ?? 1));
const report = reportOf({
  emulator: cloud.emulator,
  uses: await measureWorkloads(cloud),
  loads: await measureLoads(cloud),
  standing,
  sweep: await timed('idle sweeps', () => measureIdleSweep(cloud)),
});
await cloud.stop();
console.log(report);
writeFileSync(RESULTS, report);
