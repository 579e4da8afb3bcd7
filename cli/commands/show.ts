import type { Group } from '../answers.ts';
import { connect, withService } from '../connect.ts';
import { EXIT } from '../failure.ts';
import type { MatrixRow } from '../group.ts';
import { concurrencyOf, endedCount, matrixOf, metricOf, resourceOf } from '../group.ts';
import { eachExperiment } from '../pages.ts';
import { readBest, selectGroup } from '../select-group.ts';
import { printFacts } from '../show/facts.ts';
import { moment, printable, short } from '../show/format.ts';
import { countEnds, describeBest, describeStanding } from '../show/result.ts';
import { rungTable } from '../show/rungs.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';
import type { Column } from '../show/table.ts';
import { tableOf } from '../show/table.ts';
import type { ReadOptions } from './listing.ts';

/** Experiments up to which the rungs are drawn: each one is read for it. */
const RUNGS_SHOWN = 5_000;

/** What is known of a group by name; null where it has no such thing. */
const facts = (group: Group): Readonly<Record<string, string | null>> => ({
  group: group.id,
  name: group.name,
  description: group.description,
  tags: group.tags.length === 0 ? null : group.tags.join(', '),
  status: describeStanding(group),
  search: group.algorithm_detail,
  metric: metricOf(group) ?? 'none',
  progress: `${endedCount(group)} of ${group.progress.planned} ended: ${countEnds(group)}`,
  open: `${group.progress.running} running, ${group.progress.queued} queued, at most ${concurrencyOf(group)} at once`,
  seed: short(group.hptuning['seed']),
  created: moment(group.created_at),
  finished: group.finished_at === null ? null : moment(group.finished_at),
});

const MATRIX: readonly Column<MatrixRow>[] = [
  { title: 'parameter', cell: ({ name }) => name },
  { title: 'kind', cell: ({ kind }) => kind },
  { title: 'option', cell: ({ option }) => option },
];

/** Shows how a group stands. */
export const show = (word: string, options: ReadOptions): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const group = await selectGroup(service, word);
    if (options.json === true) {
      printJson(group);
      return EXIT.done;
    }
    printFacts(facts(group), stdout);
    print(`\n${tableOf(MATRIX, matrixOf(group), stdout)}\n`);
    const resource = resourceOf(group);
    if (resource !== null && group.progress.planned <= RUNGS_SHOWN) {
      const experiments = await Array.fromAsync(eachExperiment(service, { group: group.id }));
      if (experiments.length > 0) print(`${rungTable(experiments, resource, stdout)}\n`);
    }
    for (const line of describeBest(group, await readBest(service, group), stdout)) print(line);
    for (const { path, message } of group.warnings) {
      print(stdout.paint('yellow', `warning: ${path}: ${printable(message)}`));
    }
    return EXIT.done;
  });
