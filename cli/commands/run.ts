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

/** Throws a `Failure` where the document has mistakes, or no command that an agent could run. */
async function checkDocument(source: Source, service: Service | null): Promise<void> {
  const { commands } =
    service === null ? await previewHere(source) : await previewAt(service, source);
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
