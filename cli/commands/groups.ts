import type { Group } from '../answers.ts';
import { connect, withService } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { endedCount } from '../group.ts';
import { eachGroup } from '../pages.ts';
import { csvRecord } from '../show/csv.ts';
import { moment, printable, short } from '../show/format.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';
import type { Column } from '../show/table.ts';
import { tableOf } from '../show/table.ts';
import type { ListOptions } from './listing.ts';
import { pageItems, sayMore, take } from './listing.ts';

const best = ({ best: found }: Group): string =>
  found === null ? '–' : `${printable(found.metric)}=${short(found.value)}`;

const COLUMNS: readonly Column<Group>[] = [
  { title: 'group', cell: ({ id }) => id },
  { title: 'status', cell: ({ status }) => status },
  {
    title: 'ended',
    cell: (group) => `${endedCount(group)}/${group.progress.planned}`,
    align: 'right',
  },
  { title: 'best', cell: best },
  { title: 'name', cell: ({ name }) => printable(name ?? '–') },
  // Cut to the day on a narrow screen, which is the better part of it.
  { title: 'created', cell: ({ created_at: at }) => moment(at).slice(0, 16) },
];

const FIELDS: Readonly<Record<string, (group: Group) => unknown>> = {
  id: ({ id }) => id,
  name: ({ name }) => name,
  status: ({ status }) => status,
  algorithm: ({ algorithm }) => algorithm,
  planned: ({ progress }) => progress.planned,
  ended: endedCount,
  best_number: (group) => group.best?.number,
  best_metric: (group) => group.best?.metric,
  best_value: (group) => group.best?.value,
  created_at: (group) => group.created_at,
  finished_at: (group) => group.finished_at,
};

/** Lists groups, newest first. */
export const groups = (options: ListOptions & { readonly tag?: string }): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const { status = null, tag = null } = options;
    const query = { status, tag, limit: pageItems(options) };
    const { taken, hasMore } = await take(eachGroup(service, { query }), options);
    if (options.json === true) {
      for (const group of taken) printJson(group);
    } else if (options.csv === true) {
      const fields = Object.values(FIELDS);
      stdout.write(csvRecord(Object.keys(FIELDS)));
      for (const group of taken) stdout.write(csvRecord(fields.map((field) => field(group))));
    } else if (taken.length === 0) {
      print('no group');
    } else {
      print(tableOf(COLUMNS, taken, stdout));
    }
    sayMore(hasMore);
    return EXIT.done;
  });
