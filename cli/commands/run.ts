import { under } from '../../lib/contract/fields.ts';
import type { Json } from '../../lib/domain/values.ts';
import type { Group } from '../answers.ts';
import type { Service } from '../client.ts';
import { expectAnswer } from '../client.ts';
import { connectToRun, serviceAddress, withService } from '../connect.ts';
import type { Source } from '../document.ts';
import { parseSource, previewAt, previewHere, readSource } from '../document.ts';
import { EXIT, Failure } from '../failure.ts';
import { buildStepsOf } from '../group.ts';
import { say } from '../show/screen.ts';
import type { Epilogue, WorkOptions } from './work.ts';
import { inShift, prepare, workToEnd } from './work.ts';

/** How long a passing trouble may keep the group from being created, ms. */
const CREATE_PATIENCE_MS = 60_000;

const isPushed = (document: Json): boolean => {
  const dispatch = under(under(document, 'hptuning'), 'dispatch');
  return typeof dispatch === 'string' && dispatch.toLowerCase() === 'push';
};

/** Throws a `Failure` where the document has mistakes, is pushed, or has no command that an agent could run. */
async function checkDocument(source: Source, service: Service | null): Promise<void> {
  const { commands } =
    service === null ? await previewHere(source) : await previewAt(service, source);
  if (isPushed(await parseSource(source))) {
    throw new Failure(
      `${source.name} has dispatch: push, so the service hands its experiments to a launcher behind a webhook and run has nothing to do: take the line out, or create the group by POST /v1/groups.`,
      { exitCode: EXIT.badDocument, code: 'group_pushes' },
    );
  }
  if (commands !== null) return;
  throw new Failure(
    `${source.name} has no run.cmd, so there is no command that an agent could run: add one, or let workers of your own call suggest and report.`,
    { exitCode: EXIT.badDocument, code: 'no_command' },
  );
}

const createGroup = async (service: Service, source: Source): Promise<Group> =>
  expectAnswer(
    await service.call('createGroup', {
      textBody: source.body,
      once: true,
      patienceMs: CREATE_PATIENCE_MS,
    }),
  );

/** Creates the group of a document and works on it to its end. */
export async function run(
  file: string,
  options: WorkOptions,
  epilogue?: Epilogue,
): Promise<number> {
  const source = await readSource(file);
  const isHere = serviceAddress(options) === null;
  if (isHere) await checkDocument(source, null);
  return inShift(
    options,
    (shift) =>
      withService(
        connectToRun({ options, say, sends: true, outages: shift.outages }),
        async (connection) => {
          const { service, folder } = connection;
          if (!isHere) await checkDocument(source, service);
          const steps = buildStepsOf(await parseSource(source));
          const env = await prepare(shift, steps, folder);
          const group = await createGroup(service, source);
          return workToEnd(shift, connection, { group, env });
        },
      ),
    epilogue,
  );
}
