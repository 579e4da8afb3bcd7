/**
 * What `auto` makes of a long history: its next suggestions against as many random points, the wait for them, the memory.
 *
 *     npm run bench long-history [-- --lengths 1000,10000,100000 --seeds 3]
 *
 * Tells the local service a history of random points over HTTP, as known results, then works on the group one experiment
 * at a time. Writes results/long-history.md. Of 100,000 results one seed is told, which takes minutes; memory is read
 * from /proc, so that it stands in the table on Linux only.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStream } from '../lib/numerics/stream.ts';
import { markdownTable } from './cost/table.ts';
import { fail, positive } from './search/options.ts';
import { startService } from './search/service.ts';

const RESULTS = join(import.meta.dirname, 'results/long-history.md');
const D = 6;
const SUGGESTIONS = 50;
const TELLERS = 16;
/** Of longer histories only one seed is told. */
const LENGTH_OF_ONE_SEED = 50_000;
const PURPOSE = 200;

interface Task {
  readonly low: number;
  readonly high: number;
  readonly valueOf: (x: readonly number[]) => number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, a) => total + a, 0);

/** Functions of six parameters that nothing was tuned on; their minima are 0. */
const TASKS: Readonly<Record<string, Task>> = {
  zakharov: {
    low: -5,
    high: 10,
    valueOf(x) {
      const tilt = sum(x.map((a, i) => 0.5 * (i + 1) * a));
      return sum(x.map((a) => a * a)) + tilt ** 2 + tilt ** 4;
    },
  },
  'dixon-price': {
    low: -10,
    high: 10,
    valueOf: (x) =>
      sum(x.map((a, i) => (i === 0 ? (a - 1) ** 2 : (i + 1) * (2 * a * a - (x[i - 1] ?? 0)) ** 2))),
  },
  rastrigin: {
    low: -4,
    high: 5.12,
    valueOf: (x) => sum(x.map((a) => a * a - 10 * Math.cos(2 * Math.PI * a) + 10)),
  },
};

interface Outcome {
  readonly task: string;
  readonly length: number;
  readonly seed: number;
  /** Lowest values of the history, after as many random points more, after the suggestions. */
  readonly told: number;
  readonly random: number;
  readonly suggested: number;
  /** The first wait and the median of the others, ms. */
  readonly firstWait: number;
  readonly wait: number;
  /** Most memory that the process of the service had so far, MiB; null where it is not known. */
  readonly memory: number | null;
}

type Values = Readonly<Record<string, number>>;

interface Suggestion {
  readonly experiments: readonly {
    readonly number: number;
    readonly values: Values;
    readonly lease_token: string;
  }[];
}

/** The `index`th random point, by the seed. */
function randomPoint({ low, high }: Task, seed: number, index: number): Values {
  const { uniform } = createStream({ seed, purpose: PURPOSE });
  return Object.fromEntries(
    Array.from({ length: D }, (_, c) => [`x${c}`, low + (high - low) * uniform(index, c)]),
  );
}

const objectiveOf = (task: Task, values: Values): number =>
  task.valueOf(Array.from({ length: D }, (_, c) => values[`x${c}`] ?? Number.NaN));

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

function memoryOf(pid: number): number | null {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return null;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1]) / 1024;
}

async function run(name: string, length: number, seed: number): Promise<Outcome> {
  const task = TASKS[name] ?? fail(`there is no ${name}`);
  const service = await startService(join(import.meta.dirname, '..'));
  const post = async <T>(path: string, body: unknown): Promise<T> => {
    const answer = await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${text}`);
    return JSON.parse(text);
  };
  const { id } = await post<{ readonly id: string }>('/v1/groups', {
    version: 1,
    kind: 'group',
    hptuning: {
      concurrency: 1,
      seed,
      auto: { n_experiments: 100_000, metric: { name: 'loss', optimization: 'minimize' } },
      matrix: Object.fromEntries(
        Array.from({ length: D }, (_, c) => [`x${c}`, { uniform: [task.low, task.high] }]),
      ),
    },
  });
  const group = `/v1/groups/${id}`;

  let told = Number.POSITIVE_INFINITY;
  let next = 0;
  const tell = async (): Promise<void> => {
    for (let index = next++; index < length; index = next++) {
      const values = randomPoint(task, seed, index);
      const loss = objectiveOf(task, values);
      told = Math.min(told, loss);
      await post(`${group}/experiments`, { values, metrics: { loss }, status: 'succeeded' });
      if ((index + 1) % 10_000 === 0) console.error(`  ${index + 1} told`);
    }
  };
  await Promise.all(Array.from({ length: TELLERS }, tell));

  let suggested = told;
  const waits: number[] = [];
  for (let i = 0; i < SUGGESTIONS; i++) {
    const asked = performance.now();
    const { experiments } = await post<Suggestion>(`${group}/suggest`, { wait_seconds: 20 });
    waits.push(performance.now() - asked);
    const [experiment] = experiments;
    if (experiment === undefined) throw new Error('no suggestion within 20 seconds');
    const { number, values, lease_token } = experiment;
    const loss = objectiveOf(task, values);
    suggested = Math.min(suggested, loss);
    await post(`${group}/experiments/${number}/report`, {
      metrics: { loss },
      status: 'succeeded',
      lease_token,
    });
  }
  const memory = memoryOf(service.pid);
  service.stop();

  const more = Array.from({ length: SUGGESTIONS }, (_, i) =>
    objectiveOf(task, randomPoint(task, seed, length + i)),
  );
  const [firstWait = 0, ...others] = waits;
  return {
    task: name,
    length,
    seed,
    told,
    random: Math.min(told, ...more),
    suggested,
    firstWait,
    wait: median(others),
    memory,
  };
}

const { values: options } = parseArgs({
  options: {
    lengths: { type: 'string', default: '1000,10000,100000' },
    seeds: { type: 'string', default: '3' },
  },
});
const lengths = options.lengths.split(',').map((length) => positive('lengths', length));
const seeds = positive('seeds', options.seeds);

const figure = (value: number): string => value.toPrecision(3);
const whole = (value: number): string => Math.round(value).toLocaleString('en');

const rows: (readonly (string | number)[])[] = [];
for (const length of lengths) {
  for (const task of Object.keys(TASKS)) {
    const count = length >= LENGTH_OF_ONE_SEED ? 1 : seeds;
    const outcomes: Outcome[] = [];
    for (let seed = 1; seed <= count; seed++) outcomes.push(await run(task, length, seed));
    const of = (key: 'told' | 'random' | 'suggested' | 'firstWait' | 'wait'): number =>
      median(outcomes.map((outcome) => outcome[key]));
    const ahead = outcomes.filter(({ suggested, random }) => suggested < random).length;
    const memory = Math.max(...outcomes.map((outcome) => outcome.memory ?? Number.NaN));
    const row = [
      whole(length),
      task,
      figure(of('told')),
      figure(of('random')),
      figure(of('suggested')),
      `${ahead} of ${count}`,
      whole(of('firstWait')),
      whole(of('wait')),
      Number.isNaN(memory) ? '–' : whole(memory),
    ];
    console.error(row.join(' | '));
    rows.push(row);
  }
}

const report = `# Long histories

Written by \`npm run bench long-history\`: a history of random points in six parameters, told as known results, then ${SUGGESTIONS}
suggestions of \`auto\` or as many random points more. Medians of the seeds; the minimum is 0. Memory is the most that
the process of the service held, telling included; the limit is 1,024 MiB.

${markdownTable(
  [
    'results told',
    'function',
    'best told',
    'and random',
    'and auto',
    'auto ahead on',
    'first wait, ms',
    'other waits, ms',
    'memory, MiB',
  ],
  rows,
)}
`;
console.log(report);
writeFileSync(RESULTS, report);
