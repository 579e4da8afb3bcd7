import { connect, withService } from '../connect.ts';
import { EXIT, Failure } from '../failure.ts';
import { buildStepsOf, hasCommand } from '../group.ts';
import { selectGroup } from '../select-group.ts';
import { say } from '../show/screen.ts';
import type { WorkOptions } from './work.ts';
import { inShift, prepare, workToEnd } from './work.ts';

/** Works on a group that exists. */
export const agent = (word: string, options: WorkOptions): Promise<number> =>
  inShift(options, (shift) =>
    withService(
      connect({ options, say, sends: true, outages: shift.outages }),
      async (connection) => {
        const group = await selectGroup(connection.service, word);
        if (!hasCommand(group)) {
          throw new Failure(
            `${group.id} has no run.cmd, so there is no command that an agent could run: let workers of your own call suggest and report.`,
            { exitCode: EXIT.badDocument, code: 'no_command' },
          );
        }
        const env = await prepare(shift, buildStepsOf(group.spec), connection.folder);
        return workToEnd(shift, connection, { group, env });
      },
    ),
  );
