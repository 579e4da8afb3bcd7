/**
 * Speed of a suggestion and of what it is made of, beside Optuna, BoTorch, torch, scikit-learn and LAPACK in one run.
 *
 *   npm run bench speed [-- suggestions factors likelihoods plain first]
 *
 * Everything on one core, six parameters, the least of some rounds; all of it together writes bench/results/speed.md. BoTorch is measured where
 * the Python environment of `bench search` has it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { readDocument } from '../lib/contract/document.ts';
import { cholesky } from '../lib/numerics/kernels.ts';
import { MATERN_5_2 } from '../lib/numerics/radial.ts';
import { createStream } from '../lib/numerics/stream.ts';
import {
  createPosterior,
  logMarginalLikelihood,
} from '../lib/optimizers/bayes/gaussian-process.ts';
import { propose } from '../lib/optimizers/bayes/propose.ts';
import type { Observation } from '../lib/optimizers/bayes/view.ts';
import { CACHE_FOLDER, ENVIRONMENT, ensureEnvironment, pythonOf } from './search/python.ts';

const D = 6;
const HERE = import.meta.dirname;
const RESULTS = join(HERE, 'results/speed.md');

const fail = (message: string): never => {
  throw new Error(message);
};

const { document } = readDocument(
  {
    version: 1,
    kind: 'group',
    hptuning: {
      bo: {
        n_initial_trials: 1,
        n_iterations: 100_000,
        metric: { name: 'loss', optimization: 'minimize' },
      },
      matrix: Object.fromEntries(
        Array.from({ length: D }, (_, c) => [`x${c}`, { uniform: [0, 1] }]),
      ),
    },
  },
  { seed: 1 },
);
const hptuning = (document ?? fail('the document of this benchmark has a mistake')).hptuning;

/** Points and values of a smooth function with two scales and a little noise. */
interface Sample {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

function sampleOf(n: number): Sample {
  const stream = createStream({ seed: 1, purpose: 100 });
  const x = Array.from({ length: n }, (_, i) =>
    Array.from({ length: D }, (_, c) => stream.uniform(i, c)),
  );
  const y = x.map((point, i) =>
    point.reduce(
      (sum, t, c) => sum + (t - 0.3 - 0.05 * c) ** 2 + 0.1 * Math.sin(9 * c * t),
      0.01 * stream.uniform(i, D),
    ),
  );
  return { x, y };
}

const observationsOf = ({ x, y }: Sample): readonly Observation[] =>
  x.map((point, i) => ({
    values: Object.fromEntries(point.map((t, c) => [`x${c}`, t])),
    objective: y[i] ?? Number.NaN,
  }));

function milliseconds(work: (round: number) => void, rounds: number): number {
  const times = Array.from({ length: rounds }, (_, round) => {
    const began = performance.now();
    work(round);
    return performance.now() - began;
  });
  return Math.min(...times);
}

/** What a peer takes, in ms; null where it is not installed. */
function peer(what: string, asked: object): number | null {
  const { status, stdout } = spawnSync(pythonOf('main'), [join(HERE, 'speed/peers.py')], {
    input: JSON.stringify({ what, ...asked }),
    encoding: 'utf8',
    env: ENVIRONMENT,
    maxBuffer: 2 ** 20,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return status === 0 ? Number(stdout) : null;
}

const lines: string[] = [];
const say = (line: string): void => {
  lines.push(line);
  console.log(line);
};
const ms = (time: number | null): string =>
  time === null ? '–' : time.toFixed(time < 10 ? 2 : 0).replace(/\B(?=(\d{3})+$)/g, ',');
const times = (ratio: number | null): string => (ratio === null ? '–' : `${ratio.toFixed(1)}×`);
const over = (a: number | null, b: number): number | null => (a === null ? null : a / b);
const verdict = (...holds: readonly boolean[]): string => (holds.every(Boolean) ? 'yes' : 'no');

function suggestions(): void {
  const limits = new Map([
    [100, 25],
    [500, 150],
    [1000, 500],
  ]);
  say('## One suggestion of a warm process, ms\n');
  say(
    '| n | ours | target | Optuna GPSampler | ratio, ≥ 4 | BoTorch as Ax sets it | ratio, ≥ 10 | met |',
  );
  say('|---:|---:|---:|---:|---:|---:|---:|---|');
  for (const [n, limit] of limits) {
    const sample = sampleOf(n);
    const observations = observationsOf(sample);
    const ours = milliseconds((round) => {
      propose(hptuning, { index: n + round, count: 1, observations, pending: [], failed: [] });
    }, 24);
    const optuna = peer('suggestion Optuna', { ...sample, rounds: n < 1000 ? 3 : 2 });
    const botorch = peer('suggestion BoTorch', { ...sample, rounds: n < 500 ? 2 : 1 });
    const ratios = [over(optuna, ours), over(botorch, ours)] as const;
    say(
      `| ${n} | ${ms(ours)} | ≤ ${limit} | ${ms(optuna)} | ${times(ratios[0])} | ${ms(botorch)} | ${times(ratios[1])} | ${verdict(ours <= limit, (ratios[0] ?? 0) >= 4, (ratios[1] ?? 0) >= 10)} |`,
    );
  }
  say('\nOf more than 512 observations ours is given the best 256 and the latest 256.\n');
}

function factors(): void {
  say('## Cholesky factor, ms\n');
  say('| n | ours | LAPACK dpotrf | ratio, ≤ 3 | met |');
  say('|---:|---:|---:|---:|---|');
  for (const n of [100, 200, 500, 1000, 2000]) {
    const rounds = n < 500 ? 300 : 12;
    const matrix = Float64Array.from({ length: n * n }, (_, at) => {
      const apart = Math.abs(Math.floor(at / n) - (at % n));
      return Math.exp(-apart / 30) + (apart === 0 ? 0.01 : 0);
    });
    const copies = matrix.slice();
    const ours = Math.min(
      ...Array.from({ length: rounds }, () => {
        copies.set(matrix);
        return milliseconds(() => cholesky(copies, n), 1);
      }),
    );
    const lapack = peer('cholesky', { n, rounds });
    const ratio = lapack === null ? null : ours / lapack;
    say(
      `| ${n} | ${ms(ours)} | ${ms(lapack)} | ${times(ratio)} | ${verdict((ratio ?? Number.POSITIVE_INFINITY) <= 3)} |`,
    );
  }
  say('');
}

function likelihoods(): void {
  say('## Log marginal likelihood and its gradient, Matérn 5/2 with a length scale each, ms\n');
  say('| n | ours | torch | ratio, ≥ 4 | scikit-learn | ratio, ≥ 4 | met |');
  say('|---:|---:|---:|---:|---:|---:|---|');
  for (const n of [100, 300, 1000]) {
    const rounds = n < 1000 ? 100 : 8;
    const sample = sampleOf(n);
    const data = { x: Float64Array.from(sample.x.flat()), y: Float64Array.from(sample.y), n, d: D };
    const { theta, model } = FIXED;
    const gradient = new Float64Array(D + 2);
    const ours = milliseconds(() => {
      logMarginalLikelihood(model, data, { theta, gradient });
    }, rounds);
    const torch = peer('likelihood torch', { ...sample, rounds: Math.ceil(rounds / 4) });
    const sklearn = peer('likelihood scikit-learn', { ...sample, rounds: Math.ceil(rounds / 4) });
    const ratios = [over(torch, ours), over(sklearn, ours)] as const;
    say(
      `| ${n} | ${ms(ours)} | ${ms(torch)} | ${times(ratios[0])} | ${ms(sklearn)} | ${times(ratios[1])} | ${verdict((ratios[0] ?? 0) >= 4, (ratios[1] ?? 0) >= 4)} |`,
    );
  }
  say('');
}

const FIXED = {
  theta: Float64Array.of(0, 0, 0, 0, 0, 0, 0, Math.log(1e-3)),
  model: {
    radial: MATERN_5_2,
    scaleOf: Int32Array.of(0, 1, 2, 3, 4, 5),
    scales: D,
    fitsVariances: true,
    noise: 0,
  },
};

/** What is plain at any n, without the bound on what the surrogate is given. */
function plain(): void {
  say('## All observations in one process, however many, ms\n');
  say('| n | factor and weights | 644 predictions | one with its gradient |');
  say('|---:|---:|---:|---:|');
  for (const n of [100, 500, 1000, 2000]) {
    const sample = sampleOf(n);
    const data = { x: Float64Array.from(sample.x.flat()), y: Float64Array.from(sample.y), n, d: D };
    const { theta, model } = FIXED;
    const posteriorOf = () => {
      const posterior = createPosterior(model, data, { theta, room: 1 });
      return 'kind' in posterior ? fail('there is no factor') : posterior;
    };
    const posterior = posteriorOf();
    const points = Float64Array.from(sampleOf(644).x.flat(), (t) => (t + 0.37) % 1);
    const gradients = { mean: new Float64Array(D), sd: new Float64Array(D) };
    const made = milliseconds(posteriorOf, 5);
    const many = milliseconds(() => posterior.predictMany(points), 5);
    const one = milliseconds((round) => {
      posterior.predictWithGradient(points.subarray(round * D, round * D + D), gradients);
    }, 50);
    say(`| ${n} | ${ms(made)} | ${ms(many)} | ${ms(one)} |`);
  }
  say('');
}

async function first(): Promise<void> {
  const outfile = join(CACHE_FOLDER, 'first.mjs');
  await build({
    entryPoints: [join(HERE, 'speed/first.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const observations = observationsOf(sampleOf(50));
  const view = { index: 50, count: 1, observations, pending: [], failed: [] };
  const cpu = (argv: readonly string[], input: string): number =>
    Math.min(
      ...Array.from({ length: 9 }, () =>
        Number(spawnSync(process.execPath, argv, { input, encoding: 'utf8' }).stdout),
      ),
    );
  const whole = cpu([outfile], JSON.stringify({ hptuning, view }));
  const empty = cpu(
    ['-e', 'const t = process.cpuUsage(); console.log((t.user + t.system) / 1000)'],
    '',
  );
  say('## First suggestion of a process, n = 50\n');
  say(
    `${ms(whole)} ms of processor time from the start of the process to the suggestion, imports included (target: ≤ 120): ${verdict(whole <= 120)}. An empty Node process takes ${ms(empty)} of them.\n`,
  );
}

const SECTIONS: Readonly<Record<string, () => void | Promise<void>>> = {
  suggestions,
  factors,
  likelihoods,
  plain,
  first,
};
const asked = process.argv.slice(2);

ensureEnvironment('main');
say('# Speed of a suggestion\n');
say(
  `Written by \`npm run bench speed\`: six parameters, one core, the least of some rounds, on a machine that had other work. Node ${process.versions.node}.\n`,
);
for (const [name, measure] of Object.entries(SECTIONS)) {
  if (asked.length === 0 || asked.includes(name)) await measure();
}
if (asked.length === 0) {
  mkdirSync(join(HERE, 'results'), { recursive: true });
  writeFileSync(RESULTS, lines.join('\n'));
}
