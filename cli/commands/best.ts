import { connect, withService } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { readBest, selectGroup } from '../select-group.ts';
import { describeBest } from '../show/result.ts';
import { print, printJson, say, stdout } from '../show/screen.ts';
import type { ReadOptions } from './listing.ts';

/** Shows a group's best experiment; exits with 1 where there is none. */
export const best = (word: string, options: ReadOptions): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const group = await selectGroup(service, word);
    const experiment = await readBest(service, group);
    if (options.json === true) printJson(experiment);
    else for (const line of describeBest(group, experiment, stdout)) print(line);
    return experiment === null ? EXIT.failed : EXIT.done;
  });
