import { connect, withService } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { metricOf } from '../group.ts';
import { eachExperiment } from '../pages.ts';
import { selectGroup } from '../select-group.ts';
import { csvRecord } from '../show/csv.ts';
import { columnsOf, experimentFields, experimentTitles } from '../show/experiment-csv.ts';
import { experimentTable } from '../show/experiments.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';
import type { ListOptions } from './listing.ts';
import { pageItems, sayMore, take } from './listing.ts';

/** Lists a group's experiments. */
export const experiments = (
  word: string,
  options: ListOptions & { readonly sort: string },
): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const group = await selectGroup(service, word);
    const { status = null, sort } = options;
    const query = { status, sort, limit: pageItems(options) };
    const listed = eachExperiment(service, { group: group.id, query });
    const { taken, hasMore } = await take(listed, options);
    if (options.json === true) {
      for (const experiment of taken) printJson(experiment);
    } else if (options.csv === true) {
      const columns = columnsOf(taken);
      stdout.write(csvRecord(experimentTitles(columns)));
      for (const experiment of taken) {
        stdout.write(csvRecord(experimentFields(columns, experiment)));
      }
    } else if (taken.length === 0) {
      print('no experiment');
    } else {
      print(experimentTable(taken, metricOf(group), stdout));
    }
    sayMore(hasMore);
    return EXIT.done;
  });
