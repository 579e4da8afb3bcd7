import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Event, Experiment, Group } from '../answers.ts';
import { expectAnswer } from '../client.ts';
import type { Connection, ServiceOptions } from '../connect.ts';
import { connect, withService } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { concurrencyOf, endedCount, metricOf } from '../group.ts';
import { eachExperiment, eachGroup } from '../pages.ts';
import { selectGroup } from '../select-group.ts';
import { csvRecord } from '../show/csv.ts';
import { experimentTable } from '../show/experiments.ts';
import { assignments, moment, plural, printable, short } from '../show/format.ts';
import { describeBest, describeResult } from '../show/result.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';
import type { Column } from '../show/table.ts';
import { tableOf } from '../show/table.ts';

export interface ReadOptions extends ServiceOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** Items that a list shows unless it is told otherwise. */
const SHOWN = 50;
/** How often a followed log is read again, ms. */
const FOLLOW_MS = 1_000;

const onService = async (
  options: ReadOptions,
  work: (connection: Connection) => Promise<unknown>,
): Promise<number> => {
  await withService(connect({ options, say }), work);
  return EXIT.done;
};

const onGroup = (
  word: string,
  options: ReadOptions,
  work: (connection: Connection, group: Group) => Promise<unknown>,
): Promise<number> =>
  onService(options, async (connection) =>
    work(connection, await selectGroup(connection.service, word)),
  );

/** The first items of a list, and whether there are more. */
async function take<Item>(
  items: AsyncIterable<Item>,
  count: number,
): Promise<{ readonly taken: readonly Item[]; readonly more: boolean }> {
  const taken: Item[] = [];
  for await (const item of items) {
    if (taken.length === count) return { taken, more: true };
    taken.push(item);
  }
  return { taken, more: false };
}

const GROUPS: readonly Column<Group>[] = [
  { title: 'group', cell: ({ id }) => id },
  { title: 'name', cell: ({ name }) => printable(name ?? '') },
  { title: 'status', cell: ({ status }) => status },
  { title: 'algorithm', cell: ({ algorithm }) => algorithm },
  {
    title: 'ended',
    cell: (group) => `${endedCount(group)}/${group.progress.planned}`,
    align: 'right',
  },
  {
    title: 'best',
    cell: ({ best }) => (best === null ? '' : `${printable(best.metric)} ${short(best.value)}`),
  },
  { title: 'created', cell: ({ created_at }) => moment(created_at) },
];

/** Lists groups, newest first. */
export const groups = (
  options: ReadOptions & {
    readonly limit?: number;
    readonly status?: string;
    readonly tag?: string;
  },
): Promise<number> =>
  onService(options, async ({ service }) => {
    const query = { status: options.status ?? null, tag: options.tag ?? null };
    const { taken, more } = await take(eachGroup(service, { query }), options.limit ?? SHOWN);
    if (options.json === true) for (const group of taken) printJson(group);
    else if (options.csv === true) {
      stdout.write(csvRecord(GROUPS.map(({ title }) => title)));
      for (const group of taken) stdout.write(csvRecord(GROUPS.map(({ cell }) => cell(group))));
    } else if (taken.length === 0) print('no group yet: create one with "rungwise run FILE"');
    else print(tableOf(GROUPS, taken, stdout));
    if (more) say('there are more: --limit shows them');
  });

/** Shows one group: how it stands, its best, its document's parameters, its warnings. */
export const show = (word: string, options: ReadOptions): Promise<number> =>
  onGroup(word, options, async ({ service }, group) => {
    if (options.json === true) return printJson(group);
    const best = await bestOf(service, group);
    const { progress } = group;
    const head = group.name === null ? group.id : `${printable(group.name)}  ${group.id}`;
    const running = `${progress.queued} queued, ${progress.running} running, at most ${concurrencyOf(group)} at once`;
    const lines = [
      stdout.paint('bold', head),
      group.algorithm_detail,
      `created ${moment(group.created_at)}${group.finished_at === null ? '' : `, finished ${moment(group.finished_at)}`}`,
      ...describeResult(group, best, stdout),
      running,
      ...group.warnings.map(({ path, message }) =>
        stdout.paint('yellow', `warning: ${path}: ${printable(message)}`),
      ),
    ];
    return print(lines.join('\n'));
  });

async function bestOf(service: Connection['service'], group: Group): Promise<Experiment | null> {
  if (group.best === null) return null;
  const { number } = group.best;
  return expectAnswer(await service.call('readExperiment', { group: group.id, number }));
}

/** Shows the best experiment of a group; `--json` gives the experiment. */
export const best = (word: string, options: ReadOptions): Promise<number> =>
  onGroup(word, options, async ({ service }, group) => {
    const experiment = await bestOf(service, group);
    if (options.json === true) return printJson(experiment);
    return print(describeBest(group, experiment, stdout).join('\n'));
  });

/** The columns of experiments in a CSV file: parameters and metrics by name. */
export interface ExperimentFields {
  readonly head: readonly string[];
  readonly record: (experiment: Experiment) => readonly unknown[];
}

/** Returns the fields of a CSV file of experiments with these parameters and metrics. */
export const experimentFields = (
  parameters: readonly string[],
  metrics: readonly string[],
): ExperimentFields => ({
  head: [
    'number',
    'status',
    'objective',
    ...parameters.map((name) => `values.${name}`),
    ...metrics.map((name) => `metrics.${name}`),
    'attempt',
    'worker',
    'source',
    'created_at',
    'started_at',
    'finished_at',
    'message',
  ],
  record: (experiment) => [
    experiment.number,
    experiment.status,
    experiment.objective,
    ...parameters.map((name) => experiment.values[name]),
    ...metrics.map((name) => experiment.metrics[name]?.last),
    experiment.attempt,
    experiment.worker,
    experiment.source,
    experiment.created_at,
    experiment.started_at,
    experiment.finished_at,
    experiment.message,
  ],
});

const namesOf = (maps: readonly object[]): readonly string[] => [
  ...new Set(maps.flatMap((map) => Object.keys(map))),
];

/** Lists the experiments of a group. */
export const experiments = (
  word: string,
  options: ReadOptions & {
    readonly status?: string;
    readonly sort?: string;
    readonly limit?: number;
    readonly all?: boolean;
  },
): Promise<number> =>
  onGroup(word, options, async ({ service }, group) => {
    const query = { status: options.status ?? null, sort: options.sort ?? null };
    const count = options.all === true ? Number.POSITIVE_INFINITY : (options.limit ?? SHOWN);
    const { taken, more } = await take(eachExperiment(service, { group: group.id, query }), count);
    if (options.json === true) for (const experiment of taken) printJson(experiment);
    else if (options.csv === true) {
      const parameters = namesOf(taken.map(({ values }) => values));
      const fields = experimentFields(parameters, namesOf(taken.map(({ metrics }) => metrics)));
      stdout.write(csvRecord(fields.head));
      for (const experiment of taken) stdout.write(csvRecord(fields.record(experiment)));
    } else if (taken.length === 0) print('no experiment yet');
    else print(experimentTable(taken, metricOf(group), stdout));
    if (more) say(`there are more than ${plural(taken.length, 'experiment')}: --all shows them`);
  });

function eventLine({ timestamp, type, data }: Event): string {
  const { number, ...rest } = data;
  const about = number === undefined ? '' : ` #${short(number)}`;
  return `${moment(timestamp)}  ${type}${about}  ${assignments(rest)}`.trimEnd();
}

/** Statuses after which nothing more happens. */
const isOver = ({ status }: Group): boolean => status === 'done' || status === 'stopped';

/** Lists the log of a group; `follow` waits for more until the group has ended. */
export const events = (
  word: string,
  options: ReadOptions & { readonly follow?: boolean },
): Promise<number> =>
  onGroup(word, options, async ({ service }, group) => {
    const call = { group: group.id };
    // A page without a cursor for the next one is read again until it has more.
    let cursor: string | null = null;
    let seen = 0;
    for (;;) {
      const before = expectAnswer(await service.call('readGroup', call));
      const page: Answer<'listEvents'> = expectAnswer(
        await service.call('listEvents', { ...call, query: { limit: 200, cursor } }),
      );
      for (const event of page.items.slice(seen)) {
        if (options.json === true) printJson(event);
        else print(eventLine(event));
      }
      const isLast = page.next_cursor === null;
      seen = isLast ? page.items.length : 0;
      cursor = page.next_cursor ?? cursor;
      if (isLast && (options.follow !== true || isOver(before))) return;
      if (isLast) await sleep(FOLLOW_MS);
    }
  });
