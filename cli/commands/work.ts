import type { AgentOptions } from '../agent/agent.ts';
import { workOn } from '../agent/agent.ts';
import { build } from '../agent/build.ts';
import type { SignalInterrupts } from '../agent/interrupts.ts';
import { listenForInterrupts } from '../agent/interrupts.ts';
import type { Group } from '../answers.ts';
import type { Outages, Service } from '../client.ts';
import type { Connection, ServiceOptions } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { takeLeave } from '../farewell.ts';
import { isFruitful } from '../group.ts';
import { createJsonView } from '../progress/json.ts';
import { createLiveView } from '../progress/live.ts';
import { createPlainView } from '../progress/plain.ts';
import type { View } from '../progress/view.ts';
import { readBest, readGroup } from '../select-group.ts';
import { printable } from '../show/format.ts';
import { describeResult } from '../show/result.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';

/*
 * What `run` and `agent` have in common: work on a group to its end, show how it goes, and say how it ended.
 */

export interface WorkOptions extends ServiceOptions {
  readonly workers?: number;
  readonly build?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** Shows what came of a group, while its service is still there. */
export type Epilogue = (service: Service, group: Group) => Promise<void>;

/** A command that works: how it shows what it does, and how it is interrupted. */
export interface Shift {
  readonly options: WorkOptions;
  readonly view: View;
  readonly interrupts: SignalInterrupts;
  readonly outages: Outages;
  readonly epilogue: Epilogue;
  /** To be called once nothing runs any more: from then on an interrupt gives nothing back. */
  readonly rest: () => void;
}

function createView({ json = false, verbose: isVerbose = false }: WorkOptions): View {
  const now = (): number => performance.now();
  if (json) return createJsonView(stdout.write);
  if (stdout.columns() !== null) return createLiveView({ screen: stdout, isVerbose, now });
  return createPlainView({ write: stdout.write, isVerbose, now });
}

/** Returns the options by which another command finds the same service. */
const sameService = ({ server, data }: ServiceOptions): string =>
  server === undefined ? (data === undefined ? '' : ` --data ${data}`) : ` --server ${server}`;

const printResult =
  (options: ServiceOptions): Epilogue =>
  async (service, group) => {
    const experiment = await readBest(service, group);
    for (const line of describeResult(group, experiment, stdout)) print(line);
    const where = sameService(options);
    print(`all of them: rungwise experiments ${group.id} --sort objective${where}`);
  };

const printJsonResult: Epilogue = async (service, group) => {
  const experiment = await readBest(service, group);
  printJson({ type: 'result', group, command: experiment?.command ?? null });
};

/** Begins to listen for Ctrl-C and to show what happens, does the work, and ends both. */
export async function inShift(
  options: WorkOptions,
  work: (shift: Shift) => Promise<number>,
  epilogue: Epilogue = options.json === true ? printJsonResult : printResult(options),
): Promise<number> {
  // Whoever reads the output may go: what is trained here is worth more than what is shown of it.
  process.stdout.removeAllListeners('error').on('error', () => {});
  const interrupts = listenForInterrupts();
  const view = createView(options);
  const outages: Outages = {
    begin: (detail) => view.events.warned(`${detail}: trying again`),
    end: () => view.events.warned('the service answers again'),
  };
  const onInterrupt = (): void =>
    view.events.warned('stopping: what runs is given back; once more ends it at once');
  interrupts.soft.addEventListener('abort', onInterrupt);
  try {
    const rest = (): void => interrupts.soft.removeEventListener('abort', onInterrupt);
    return await work({ options, view, interrupts, outages, epilogue, rest });
  } catch (error) {
    if (interrupts.exitCode() === null) throw error;
    return interrupts.exitCode() ?? EXIT.interrupted;
  } finally {
    view.close();
    interrupts.dispose();
  }
}

/** The environment for experiments: this process's, or after a build the one that was built. */
export async function prepare(
  { options, interrupts }: Shift,
  steps: readonly string[],
  folder: string,
): Promise<AgentOptions['env']> {
  const { env } = process;
  return options.build === true
    ? build({ steps, folder, cwd: process.cwd(), env, interrupts, say })
    : env;
}

function introduce({ view, options }: Shift, service: Service, group: Group): void {
  // On a terminal the block of the live view says so all the time.
  if (options.json !== true && stdout.columns() === null) {
    const name = group.name === null ? '' : ` (${printable(group.name)})`;
    print(`group ${group.id}${name}: ${printable(group.algorithm_detail)}`);
  }
  say(`watch it at ${service.url}/groups/${group.id}`);
  for (const { path, message } of group.warnings) view.events.warned(`${path}: ${message}`);
  view.events.group(group);
}

/** Works on a group to its end or to Ctrl-C, says how it ended, and returns the exit code. */
export async function workToEnd(
  shift: Shift,
  connection: Connection,
  work: { readonly group: Group; readonly env: AgentOptions['env'] },
): Promise<number> {
  const { group, env } = work;
  const { view, interrupts, options } = shift;
  const { service } = connection;
  introduce(shift, service, group);
  await workOn({
    service,
    group,
    workers: options.workers ?? null,
    events: view.events,
    interrupts,
    cwd: process.cwd(),
    env,
  });
  view.close();
  const interruptCode = interrupts.exitCode();
  if (interruptCode !== null) {
    const command = `rungwise agent ${group.id}${sameService(options)}`;
    say(`${group.id} is not finished: "${command}" goes on with it`);
    return interruptCode;
  }
  const ended = await readGroup(service, group.id);
  await shift.epilogue(service, ended);
  shift.rest();
  await takeLeave(connection, { signal: interrupts.soft, say });
  return isFruitful(ended) ? EXIT.done : EXIT.failed;
}
