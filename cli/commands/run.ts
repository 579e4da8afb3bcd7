import type { AgentOptions } from '../agent/agent.ts';
import { workOn } from '../agent/agent.ts';
import { build } from '../agent/build.ts';
import type { SignalInterrupts } from '../agent/interrupts.ts';
import { listenForInterrupts } from '../agent/interrupts.ts';
import type { Experiment, Group } from '../answers.ts';
import type { Outages, Service } from '../client.ts';
import { expectAnswer } from '../client.ts';
import type { Connection, ServiceOptions } from '../connect.ts';
import { connect, connectToRun, withService } from '../connect.ts';
import type { Source } from '../document.ts';
import { previewAt, previewHere, readSource } from '../document.ts';
import { EXIT, Failure } from '../failure.ts';
import { buildStepsOf, hasCommand, isFruitful } from '../group.ts';
import { createJsonView } from '../progress/json.ts';
import { createLiveView } from '../progress/live.ts';
import { createPlainView } from '../progress/plain.ts';
import type { View } from '../progress/view.ts';
import { readGroup, selectGroup } from '../select-group.ts';
import { describeResult } from '../show/result.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';

export interface WorkOptions extends ServiceOptions {
  readonly workers?: number;
  readonly build?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** How long creating a group may take while the service is away, ms. */
const CREATE_PATIENCE_MS = 60_000;

/** What working on a group came to. */
export interface Worked {
  readonly group: Group;
  /** The group's best experiment. */
  readonly best: Experiment | null;
  readonly exitCode: number;
}

const outages: Outages = {
  begin: (detail) => say(`${detail}; trying again until it does`),
  end: () => say('the service answers again'),
};

const now = (): number => performance.now();

function viewFor(options: WorkOptions): View {
  const isVerbose = options.verbose === true;
  if (options.json === true) return createJsonView(stdout.write);
  return stdout.columns() === null
    ? createPlainView({ write: stdout.write, isVerbose, now })
    : createLiveView({ screen: stdout, isVerbose, now });
}

const bestOf = async (service: Service, group: Group): Promise<Experiment | null> =>
  group.best === null
    ? null
    : expectAnswer(
        await service.call('readExperiment', { group: group.id, number: group.best.number }),
      );

/** Refuses what no agent can run, before anything is created. */
function refuseWithoutCommand(what: string, hasOne: boolean): void {
  if (hasOne) return;
  throw new Failure(
    `${what} has no run.cmd, so there is no command to run: add one, or let workers of your own call suggest and report.`,
    { exitCode: EXIT.badDocument },
  );
}

/** Works on a group to its end, with progress; tells how it ended. */
async function work(
  connection: Connection,
  group: Group,
  running: { readonly options: WorkOptions; readonly interrupts: SignalInterrupts },
): Promise<Worked> {
  const { options, interrupts } = running;
  const { service, folder } = connection;
  const cwd = process.env['INIT_CWD'] ?? process.cwd();
  const env =
    options.build === true
      ? await build({ steps: buildStepsOf(group), folder, cwd, env: process.env, interrupts, say })
      : process.env;
  const view = viewFor(options);
  view.events.group(group);
  const agent: AgentOptions = {
    service,
    events: view.events,
    interrupts,
    cwd,
    env,
    group,
    workers: options.workers ?? null,
  };
  try {
    await workOn(agent);
  } finally {
    view.close();
  }
  const ended = await readGroup(service, group.id);
  const best = await bestOf(service, ended);
  const exitCode = interrupts.exitCode() ?? (isFruitful(ended) ? EXIT.done : EXIT.failed);
  return { group: ended, best, exitCode };
}

function tellResult({ group, best }: Worked, options: WorkOptions): void {
  if (options.json === true) printJson({ type: 'result', group, best });
  else for (const line of describeResult(group, best, stdout)) print(line);
}

/** Creates the group of a document; its mistakes end the command before anything is stored. */
async function create(service: Service, source: Source): Promise<Group> {
  const preview =
    service.key === null ? await previewHere(source) : await previewAt(service, source);
  refuseWithoutCommand(source.name, preview.commands !== null);
  for (const { path, message } of preview.warnings) say(`warning: ${path}: ${message}`);
  return expectAnswer(
    await service.call('createGroup', {
      textBody: source.body,
      once: true,
      patienceMs: CREATE_PATIENCE_MS,
    }),
  );
}

/** Creates the group of a document and works on it to its end; the result is the caller's to tell. */
export async function runDocument(file: string, options: WorkOptions): Promise<Worked> {
  const source = await readSource(file);
  const interrupts = listenForInterrupts();
  try {
    return await withService(connectToRun({ options, say, outages }), async (connection) => {
      const group = await create(connection.service, source);
      say(`group ${group.id}`);
      return work(connection, group, { options, interrupts });
    });
  } finally {
    interrupts.dispose();
  }
}

/** Runs a document to its end. */
export async function run(file: string, options: WorkOptions): Promise<number> {
  const worked = await runDocument(file, options);
  tellResult(worked, options);
  return worked.exitCode;
}

/** Works on a group that exists, to its end. */
export async function agent(word: string, options: WorkOptions): Promise<number> {
  const interrupts = listenForInterrupts();
  try {
    return await withService(connect({ options, say, outages }), async (connection) => {
      const group = await selectGroup(connection.service, word);
      refuseWithoutCommand(group.id, hasCommand(group));
      const worked = await work(connection, group, { options, interrupts });
      tellResult(worked, options);
      return worked.exitCode;
    });
  } finally {
    interrupts.dispose();
  }
}
