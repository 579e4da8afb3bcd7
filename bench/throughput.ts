/**
 * Suggest + report pairs per second of the local service: durable, random search, several callers at once, each a
 * worker's loop over HTTP from a process of its own. `--history N` first fills the group with N ended experiments.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLocalServer } from '../cli/local-server.ts';
import { createLocalRuntime } from '../lib/runtime/local.ts';

const { values: options } = parseArgs({
  options: {
    callers: { type: 'string', default: '1,16,64' },
    seconds: { type: 'string', default: '5' },
    history: { type: 'string', default: '0' },
    url: { type: 'string' },
    group: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

interface Suggested {
  readonly experiments: readonly {
    readonly number: number;
    readonly lease: { readonly token: string };
  }[];
}

const post = (url: string, body: unknown): Promise<string> =>
  new Promise((resolve, reject) => {
    const call = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if ((answer.statusCode ?? 500) < 300) resolve(text);
          else reject(new Error(`${answer.statusCode} ${text}`));
        });
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });

async function pair(base: string): Promise<void> {
  const suggested: Suggested = JSON.parse(await post(`${base}/suggest`, {}));
  await Promise.all(
    suggested.experiments.map(({ number, lease }) =>
      post(`${base}/experiments/${number}/report`, {
        metrics: { loss: number % 97 },
        status: 'succeeded',
        lease_token: lease.token,
      }),
    ),
  );
}

interface Figures {
  readonly pairs: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

/** Lets `callers` loops run for a while, or until `pairs` are done. */
async function load(
  base: string,
  limits: { readonly callers: number; readonly milliseconds: number; readonly pairs: number },
): Promise<Figures> {
  const times: number[] = [];
  const start = performance.now();
  const loop = async (): Promise<void> => {
    while (performance.now() - start < limits.milliseconds && times.length < limits.pairs) {
      const before = performance.now();
      await pair(base);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: limits.callers }, loop));
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0;
  return { pairs: times.length, seconds, p50: at(0.5), p99: at(0.99) };
}

/** Runs the load in a process of its own, so that it does not share the service's thread. */
const loadApart = (base: string, callers: number, milliseconds: number): Promise<Figures> =>
  new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [
      '--url',
      base,
      '--callers',
      String(callers),
      '--seconds',
      String(milliseconds / 1000),
    ]);
    child.on('message', (figures: Figures) => resolve(figures));
    child.on('error', reject);
    child.on('exit', (code) => code !== 0 && reject(new Error(`the load ended with ${code}`)));
  });

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-bench-'));
  const logger = { error: console.error, warn: console.warn, info() {} };
  const runtime = createLocalRuntime({ folder, logger });
  const server = await startLocalServer({ runtime, host: '127.0.0.1', port: 0 });
  const spec = {
    version: 1,
    kind: 'group',
    hptuning: {
      concurrency: 1000,
      seed: 1,
      random_search: {
        n_experiments: 1_000_000,
        metric: { name: 'loss', optimization: 'minimize' },
      },
      matrix: {
        a: { uniform: [0, 1] },
        b: { loguniform: [-9, 0] },
        c: { values: [1, 2, 3] },
        d: { normal: [0, 1] },
        e: { quniform: [0, 10, 0.5] },
        f: {
          pvalues: [
            ['x', 0.5],
            ['y', 0.5],
          ],
        },
      },
    },
  };
  const group: { readonly id: string } = JSON.parse(await post(`${server.url}/v1/groups`, spec));
  const base = `${server.url}/v1/groups/${group.id}`;
  const history = Number(options.history);
  if (history > 0) {
    console.log(`filling the group with ${history} experiments …`);
    const filled = await load(base, { callers: 32, milliseconds: 3_600_000, pairs: history });
    console.log(
      `  ${(filled.pairs / filled.seconds).toFixed(0)} pairs/s while filling, in one process with the service`,
    );
  }
  await loadApart(base, 16, 1000);
  console.log('callers   pairs/s   p50 ms   p99 ms   (a pair is one suggest and one final report)');
  for (const callers of options.callers.split(',').map(Number)) {
    const { pairs, seconds, p50, p99 } = await loadApart(
      base,
      callers,
      Number(options.seconds) * 1000,
    );
    console.log(
      `${String(callers).padStart(7)} ${(pairs / seconds).toFixed(0).padStart(9)} ${p50.toFixed(2).padStart(8)} ${p99.toFixed(2).padStart(8)}`,
    );
  }
  await server.close();
  rmSync(folder, { recursive: true });
}

if (options.url !== undefined) {
  const figures = await load(options.url, {
    callers: Number(options.callers),
    milliseconds: Number(options.seconds) * 1000,
    pairs: Number.POSITIVE_INFINITY,
  });
  process.send?.(figures);
  agent.destroy();
} else {
  await main();
  agent.destroy();
}
