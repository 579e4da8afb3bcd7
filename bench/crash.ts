/**
 * Kills the local service with SIGKILL under load, again and again, restarts it on the same folder, and counts what was
 * acknowledged and is not there: experiments handed out, metrics reported, ends, idempotent answers.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const CLI = join(import.meta.dirname, '../cli/main.ts');

export interface CrashFigures {
  readonly kills: number;
  /** Answers that were received in full. */
  readonly acknowledged: number;
  /** Acknowledged things that a restart did not find. */
  readonly lost: readonly string[];
}

interface Service {
  readonly url: string;
  readonly child: ChildProcess;
}

/** Starts `rungwise serve` on the folder and waits for its line. */
async function serve(folder: string): Promise<Service> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CLI, 'serve', '--port', '0', '--data', folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening on (http:\S+)/.exec(line)?.[1];
    if (url !== undefined) return { url, child };
  }
  throw new Error('the service ended before it listened');
}

interface Experiment {
  readonly number: number;
  readonly status: string;
  readonly lease: { readonly token: string } | null;
  readonly metrics: Readonly<Record<string, { readonly last: number; readonly count: number }>>;
}

/** What callers were told, to be found again after the crash. */
interface Told {
  readonly running: Map<number, { readonly count: number; readonly last: number }>;
  readonly ended: Map<number, { readonly count: number; readonly last: number }>;
  readonly answers: Map<
    string,
    { readonly path: string; readonly body: string; readonly text: string }
  >;
  acknowledged: number;
}

async function post(url: string, body: unknown, key?: string): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return text;
}

/** One caller's loop, until the service is gone. */
async function caller(base: string, told: Told, name: string): Promise<void> {
  for (let round = 0; ; round++) {
    const key = `${name}-${round}`;
    const text = await post(`${base}/suggest`, {}, key);
    told.acknowledged++;
    told.answers.set(key, { path: '/suggest', body: '{}', text });
    const { experiments }: { readonly experiments: readonly Experiment[] } = JSON.parse(text);
    for (const { number, lease } of experiments) {
      told.running.set(number, { count: 0, last: Number.NaN });
      for (let step = 1; step <= 3; step++) {
        const last = number * 10 + step;
        const status = step === 3 ? 'succeeded' : 'running';
        const report = { metrics: { loss: last }, step, status, lease_token: lease?.token };
        await post(`${base}/experiments/${number}/report`, report);
        told.acknowledged++;
        if (step < 3) told.running.set(number, { count: step, last });
        else {
          told.running.delete(number);
          told.ended.set(number, { count: step, last });
        }
      }
    }
  }
}

/** Compares what callers were told with what the restarted service says. */
async function verify(base: string, told: Told): Promise<readonly string[]> {
  const lost: string[] = [];
  const check = async (
    number: number,
    known: { readonly count: number; readonly last: number },
    end: boolean,
  ): Promise<void> => {
    const answer = await fetch(`${base}/experiments/${number}`);
    if (answer.status !== 200) {
      lost.push(`experiment ${number} is gone`);
      return;
    }
    const { status, metrics }: Experiment = JSON.parse(await answer.text());
    if (end && status !== 'succeeded') lost.push(`experiment ${number} had ended, is ${status}`);
    if ((metrics['loss']?.count ?? 0) < known.count) lost.push(`experiment ${number} lost metrics`);
    if (end && metrics['loss']?.last !== known.last)
      lost.push(`experiment ${number} has another value`);
  };
  for (const [number, known] of told.running) await check(number, known, false);
  for (const [number, known] of told.ended) await check(number, known, true);
  for (const [key, { path, body, text }] of told.answers) {
    if ((await post(base + path, JSON.parse(body), key)) !== text) {
      lost.push(`the answer to ${key} differs`);
    }
  }
  return lost;
}

/** Runs the load and kills the service `kills` times. */
export async function crash(options: {
  readonly kills: number;
  readonly callers: number;
  readonly progress: (kill: number) => void;
}): Promise<CrashFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-crash-'));
  const lost: string[] = [];
  let acknowledged = 0;
  let group: string | null = null;
  try {
    for (let kill = 1; kill <= options.kills; kill++) {
      const { url, child } = await serve(folder);
      if (group === null) {
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
            matrix: { x: { uniform: [0, 1] } },
          },
        };
        const created: { readonly id: string } = JSON.parse(await post(`${url}/v1/groups`, spec));
        group = created.id;
      }
      const told: Told = {
        running: new Map(),
        ended: new Map(),
        answers: new Map(),
        acknowledged: 0,
      };
      const loops = Array.from({ length: options.callers }, (_, i) =>
        caller(`${url}/v1/groups/${group}`, told, `kill-${kill}-caller-${i}`),
      );
      // A different moment every time, without any pattern that the service could share.
      await sleep(100 + Math.random() * 250);
      child.kill('SIGKILL');
      await Promise.allSettled(loops);
      const again = await serve(folder);
      lost.push(...(await verify(`${again.url}/v1/groups/${group}`, told)));
      acknowledged += told.acknowledged;
      again.child.kill('SIGKILL');
      options.progress(kill);
    }
  } finally {
    await sleep(50);
    rmSync(folder, { recursive: true, force: true });
  }
  return { kills: options.kills, acknowledged, lost };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      callers: { type: 'string', default: '16' },
    },
  });
  const figures = await crash({
    kills: Number(values.kills),
    callers: Number(values.callers),
    progress: (kill) => process.stderr.write(`\rkilled ${kill} times`),
  });
  console.log(
    `\n${figures.kills} kills under load, ${figures.acknowledged} acknowledged answers, ${figures.lost.length} of them lost`,
  );
  for (const line of figures.lost) console.log(`  ${line}`);
  process.exitCode = figures.lost.length === 0 ? 0 : 1;
}
