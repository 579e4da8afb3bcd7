import { expectAnswer } from '../client.ts';
import { confirm } from '../confirm.ts';
import type { ServiceOptions } from '../connect.ts';
import { connect, withService } from '../connect.ts';
import { EXIT } from '../failure.ts';
import { takeLeave } from '../farewell.ts';
import { endedCount } from '../group.ts';
import { selectGroup } from '../select-group.ts';
import { plural, printable } from '../show/format.ts';
import { describeStanding } from '../show/result.ts';
import { print, printJson, say } from '../show/screen.ts';

/** How long a passing trouble is waited out, ms. */
const PATIENCE_MS = 10_000;

export interface ActOptions extends ServiceOptions {
  readonly json?: boolean;
}

/** Stops a group, or lets it go on. */
async function move(
  name: 'stopGroup' | 'resumeGroup',
  word: string,
  options: ActOptions,
): Promise<number> {
  return withService(connect({ options, say, sends: true }), async (connection) => {
    const { service } = connection;
    const { id } = await selectGroup(service, word);
    const call = { group: id, once: true, patienceMs: PATIENCE_MS };
    const group = expectAnswer(await service.call(name, call));
    if (options.json === true) printJson(group);
    else print(`${id} is ${describeStanding(group)}`);
    await takeLeave(connection, { signal: null, say });
    return EXIT.done;
  });
}

/** Stops a group: nothing new is handed out, what runs is asked to stop. */
export const stop = (word: string, options: ActOptions): Promise<number> =>
  move('stopGroup', word, options);

/** Lets a stopped group go on. */
export const resume = (word: string, options: ActOptions): Promise<number> =>
  move('resumeGroup', word, options);

/** Deletes a group with all its experiments, after asking. */
export const remove = (
  word: string,
  options: ActOptions & { readonly yes?: boolean },
): Promise<number> =>
  withService(connect({ options, say, sends: true }), async (connection) => {
    const { service } = connection;
    const group = await selectGroup(service, word);
    const { id, name } = group;
    const ended = plural(endedCount(group), 'ended experiment');
    const title = name === null ? id : `${id} (${printable(name)})`;
    if (options.yes !== true && !(await confirm(`delete ${title} with ${ended}?`))) {
      say('nothing was deleted');
      return EXIT.failed;
    }
    expectAnswer(await service.call('deleteGroup', { group: id, patienceMs: PATIENCE_MS }));
    if (options.json === true) printJson({ deleted: id });
    else print(`${id} is deleted`);
    await takeLeave(connection, { signal: null, say });
    return EXIT.done;
  });
