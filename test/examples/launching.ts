import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Experiment, Group } from '../helpers/contract.ts';
import type { Received } from '../helpers/endpoint.ts';
import { eventIn, startEndpoint } from '../helpers/endpoint.ts';
import { freePort } from '../helpers/free-port.ts';
import type { GroupClient, Service } from '../helpers/service.ts';
import { startService } from '../helpers/service.ts';
import { ROOT } from './training.ts';

/*
 * Whole searches by a launcher that runs as a process of its own, behind a webhook over which requests get lost and come
 * twice.
 */

const LOOK_MS = 50;
/** Looks at a group in which nothing moves before what runs counts as lost: more than a training of an epoch takes. */
const QUIET_LOOKS = 60;
/** Longer than the lease of what is pushed here, and shorter than signatures stay valid. */
const LAPSE_SECONDS = 11;

/** A launcher's process. */
interface Launcher {
  readonly start: () => Promise<void>;
  readonly kill: () => void;
  /** What it has printed. */
  readonly lines: readonly string[];
  readonly url: string;
}

/** A command that starts a launcher, with the port to come. */
export type Command = readonly [program: string, ...args: readonly string[]];

function createLauncher(
  t: TestContext,
  { command: [program, ...args], port }: { readonly command: Command; readonly port: number },
  env: () => Readonly<Record<string, string>>,
): Launcher {
  const lines: string[] = [];
  let child: ChildProcess | null = null;
  const kill = (): void => {
    child?.kill('SIGKILL');
  };
  t.after(kill);
  return {
    lines,
    kill,
    url: `http://127.0.0.1:${port}/`,
    async start() {
      const started = spawn(program, [...args, String(port)], {
        cwd: ROOT,
        env: { ...process.env, ...env() },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child = started;
      const printed = createInterface(started.stdout);
      printed.on('line', (line) => lines.push(line));
      await once(printed, 'line');
    },
  };
}

/** Hands a request on to the launcher; returns its status, 502 where it does not answer. */
async function pass({ headers, body }: Received, url: string): Promise<number> {
  const sent = Object.entries(headers).filter(([name]) => /^(webhook-|content-type)/.test(name));
  const request = { method: 'POST', headers: sent.map(([k, v]): [string, string] => [k, `${v}`]) };
  try {
    return (await fetch(url, { ...request, body })).status;
  } catch {
    return 502;
  }
}

/** What came of a search. */
export interface Launched {
  readonly group: Group;
  readonly experiments: readonly Experiment[];
  /** What the launcher has printed. */
  readonly lines: readonly string[];
  /** Requests of the service, more than one where it has to try again. */
  readonly requests: readonly Received[];
}

/** Lets a group come to its end; where nothing moves any more, the time passes after which leases lapse. */
async function untilDone(service: Service, group: GroupClient): Promise<Group> {
  let seen = '';
  let quiet = 0;
  for (;;) {
    const now = await group.read();
    if (now.status === 'done') return now;
    const shown = JSON.stringify([now.updated_at, await group.experiments()]);
    quiet = shown === seen ? quiet + 1 : 0;
    seen = shown;
    if (quiet === QUIET_LOOKS) service.pass(LAPSE_SECONDS);
    if (quiet >= QUIET_LOOKS) quiet = 0;
    await sleep(LOOK_MS);
  }
}

/**
 * Runs a search with a launcher that never asks for experiments. The first request about experiment 1 is answered with
 * 500, one about the first attempt of experiment 2 is taken and lost, the launcher is killed once with what it runs and
 * comes back, and every other request comes twice.
 */
export async function launch(
  t: TestContext,
  command: Command,
  { hptuning, cmd }: { readonly hptuning: object; readonly cmd: string },
): Promise<Launched> {
  const service = await startService(null, { allowPrivateWebhooks: true });
  t.after(service.close);
  const endpoint = await startEndpoint(t);
  const json = { url: endpoint.url, events: ['experiment.dispatched'] };
  const { secret } = await service.done('createWebhook', { json });
  const launcher = createLauncher(t, { command, port: await freePort() }, () => ({
    RUNGWISE_URL: service.url,
    RUNGWISE_WEBHOOK_SECRET: secret ?? '',
  }));
  await launcher.start();
  const done = new Set<string>();
  const isFirst = (what: string): boolean => !done.has(what) && done.add(what).size > 0;
  const answerTo = async (received: Received): Promise<number> => {
    const { number, attempt } = eventIn(received).data;
    if (number === 1 && isFirst('refused')) return 500;
    if (number === 2 && attempt === 1) return 204;
    const status = await pass(received, launcher.url);
    await pass(received, launcher.url);
    if (number === 3 && isFirst('killed')) {
      launcher.kill();
      await launcher.start();
    }
    return status;
  };
  endpoint.answer((response, received) => {
    void answerTo(received).then((status) => response.writeHead(status).end());
  });

  const document = { dispatch: 'push', lease_seconds: 10, max_attempts: 20, seed: 7, ...hptuning };
  const group = await service.open(document, { run: { cmd } });
  const ended = await untilDone(service, group);
  const experiments = await group.experiments();

  return { group: ended, experiments, lines: launcher.lines, requests: endpoint.received };
}

const LOSS = { name: 'loss', optimization: 'minimize' } as const;

/** Searches in miniature over the rate of a training. */
export const SEARCHES = {
  'a random search': { random_search: { n_experiments: 5, metric: LOSS } },
  Hyperband: {
    hyperband: {
      ...{ max_iter: 3, eta: 3, metric: LOSS, resume: true },
      resource: { name: 'epochs', type: 'int' },
    },
  },
} as const;

/** Asserts that a search has come to its end by the launcher's work alone, in spite of what was lost. */
export function assertLaunched({ group, experiments, lines, requests }: Launched): void {
  const { planned, succeeded } = group.progress;
  assert.deepEqual([succeeded, group.status_reason?.code], [planned, 'exhausted']);
  assert.ok(experiments.every(({ metrics }) => (metrics['loss']?.count ?? 0) > 0));
  const ids = requests.map(({ headers }) => headers['webhook-id']);
  assert.ok(new Set(ids).size < ids.length, 'the request that was refused came again');
  const attempts = new Map(experiments.map(({ number, attempt }) => [number, attempt]));
  assert.ok((attempts.get(2) ?? 0) > 1, 'what was lost was handed out again');
  const ends = lines.filter((line) => line.endsWith(' succeeded'));
  assert.equal(new Set(ends).size, ends.length, 'no attempt was run twice');
}
