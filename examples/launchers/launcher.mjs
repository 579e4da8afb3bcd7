/*
 * A launcher: runs every experiment that a group with `dispatch: push` hands out.
 *
 *     RUNGWISE_WEBHOOK_SECRET=whsec_… node examples/launchers/launcher.mjs 8090
 *
 * The secret is that of a webhook for experiment.dispatched with this address; RUNGWISE_URL says where the service is.
 * A launcher on a cluster would submit a job instead of starting a process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const URL = process.env.RUNGWISE_URL ?? 'http://127.0.0.1:8080';
const WEBHOOK = new Webhook(process.env.RUNGWISE_WEBHOOK_SECRET);
/** Ids of the events that came: each may come again. */
const seen = new Set();

/** Reports under the experiment's lease; returns the answer, or null where the lease is lost. */
async function report({ group, number, lease }, body) {
  const answer = await fetch(`${URL}/v1/groups/${group}/experiments/${number}/report`, {
    method: 'POST',
    headers: { authorization: `Bearer ${lease.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.ok) return answer.json();
  // Handed out again, ended or deleted.
  if ([401, 404, 409].includes(answer.status)) return null;
  throw new Error(await answer.text());
}

/** Runs the experiment's command, and reports what it prints and how it ends. */
async function run(experiment) {
  // Before any work: the event may be an old one.
  if ((await report(experiment, {})) === null) return;
  const { group, number, attempt, lease, values, resume_from, command } = experiment;
  const job = spawn(command, {
    shell: true,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      RUNGWISE_URL: URL,
      RUNGWISE_GROUP: group,
      RUNGWISE_EXPERIMENT: String(number),
      RUNGWISE_TOKEN: lease.token,
      RUNGWISE_VALUES: JSON.stringify(values),
      RUNGWISE_RESUME_FROM: resume_from?.checkpoint ?? '',
    },
  });
  const closed = once(job, 'close');
  let isStopped = false;
  for await (const line of createInterface(job.stdout)) {
    if (!line.startsWith('rungwise {') || isStopped) continue;
    const { step, checkpoint, ...metrics } = JSON.parse(line.slice('rungwise '.length));
    const answer = await report(experiment, { metrics, step, checkpoint });
    if (answer !== null && !answer.should_stop) continue;
    isStopped = true;
    if (job.exitCode === null) process.kill(-job.pid, 'SIGTERM');
  }
  const [code] = await closed;
  const status = isStopped ? 'stopped' : code === 0 ? 'succeeded' : 'failed';
  await report(experiment, { status });
  console.log(`experiment ${number} attempt ${attempt} ${status}`);
}

const server = createServer(async (request, response) => {
  const body = await text(request);
  let event;
  try {
    event = WEBHOOK.verify(body, request.headers);
  } catch {
    response.writeHead(401).end();
    return;
  }
  response.writeHead(204).end();
  // An event without the experiment came too late: its lease has lapsed.
  const { experiment } = event.data;
  if (seen.has(event.id) || experiment === undefined) return;
  seen.add(event.id);
  run(experiment).catch(console.error);
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
