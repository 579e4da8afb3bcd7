import { once } from 'node:events';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Experiment, Measurement } from '../answers.ts';
import type { Service } from '../client.ts';
import type { ServiceOptions } from '../connect.ts';
import { connect, withService } from '../connect.ts';
import { EXIT, Failure, reasonOf } from '../failure.ts';
import { eachExperiment, eachMeasurement } from '../pages.ts';
import { selectGroup } from '../select-group.ts';
import { csvRecord } from '../show/csv.ts';
import { collectColumns, experimentFields, experimentTitles } from '../show/experiment-csv.ts';
import { plural } from '../show/format.ts';
import { say } from '../show/screen.ts';

/*
 * Everything that a group knows, page by page: nothing grows with the size of the group but the output.
 *
 * jsonl: one experiment a line, its measurements in `measurements`. csv: one record for each experiment; with
 * --measurements one for each measurement. html: a report, which is the only one that is put together in memory.
 */

/** Experiments between two lines of progress. */
const PROGRESS_EVERY = 50;
const PATIENCE_MS = 60_000;

export interface ExportOptions extends ServiceOptions {
  readonly format: string;
  readonly output?: string;
  readonly measurements?: boolean;
}

interface Exported {
  readonly service: Service;
  readonly group: string;
  /** Told after each experiment. */
  readonly passed: () => void;
}

const experimentsOf = ({ service, group }: Exported): AsyncGenerator<Experiment> =>
  eachExperiment(service, { group, patienceMs: PATIENCE_MS });

const measurementsOf = (
  { service, group }: Exported,
  { number }: Experiment,
): AsyncGenerator<Measurement> =>
  eachMeasurement(service, { group, number, patienceMs: PATIENCE_MS });

async function* jsonLines(exported: Exported): AsyncGenerator<string> {
  for await (const experiment of experimentsOf(exported)) {
    // A lease is a secret of its worker and nothing about the experiment.
    const { lease: _lease, ...kept } = experiment;
    const measurements: Measurement[] = [];
    for await (const measurement of measurementsOf(exported, experiment)) {
      measurements.push(measurement);
    }
    yield `${JSON.stringify({ ...kept, measurements })}\n`;
    exported.passed();
  }
}

async function* csvExperiments(exported: Exported): AsyncGenerator<string> {
  const { add, columns } = collectColumns();
  for await (const experiment of experimentsOf(exported)) add(experiment);
  const found = columns();
  yield csvRecord(experimentTitles(found));
  for await (const experiment of experimentsOf(exported)) {
    yield csvRecord(experimentFields(found, experiment));
    exported.passed();
  }
}

async function* csvMeasurements(exported: Exported): AsyncGenerator<string> {
  yield csvRecord(['number', 'attempt', 'step', 'metric', 'value', 'reported_at']);
  for await (const experiment of experimentsOf(exported)) {
    const { number } = experiment;
    for await (const measurement of measurementsOf(exported, experiment)) {
      const { attempt, step, metric, value, reported_at: at } = measurement;
      yield csvRecord([number, attempt, step, metric, value, at]);
    }
    exported.passed();
  }
}

/** A report, with the plots of the dashboard: what draws them is loaded for this alone. */
async function* report({ service, group }: Exported): AsyncGenerator<string> {
  const { reportOn } = await import('../report/report.ts');
  yield await reportOn(service, group);
}

const FORMATS: Readonly<Record<string, (exported: Exported) => AsyncGenerator<string>>> = {
  jsonl: jsonLines,
  csv: csvExperiments,
  html: report,
};

const textsOf = (exported: Exported, { format, measurements }: ExportOptions) =>
  format === 'csv' && measurements === true
    ? csvMeasurements(exported)
    : (FORMATS[format] ?? jsonLines)(exported);

async function writeAll(texts: AsyncGenerator<string>, stream: Writable): Promise<void> {
  for await (const text of texts) {
    if (!stream.write(text)) await once(stream, 'drain');
  }
}

/** Writes a file under another name first, so that an export that breaks off leaves no half of one. */
async function writeFile(texts: AsyncGenerator<string>, file: string): Promise<void> {
  const part = `${file}.part`;
  const stream = createWriteStream(part);
  const ended = finished(stream);
  try {
    await Promise.race([writeAll(texts, stream).then(() => stream.end()), ended]);
    await ended;
    renameSync(part, file);
  } catch (error) {
    stream.destroy();
    rmSync(part, { force: true });
    if (error instanceof Failure) throw error;
    throw new Failure(`${file} cannot be written (${reasonOf(error)}).`);
  }
}

/** Writes every experiment and measurement of a group to standard output or a file. */
export const exportGroup = (word: string, options: ExportOptions): Promise<number> =>
  withService(connect({ options, say }), async ({ service }) => {
    const { id } = await selectGroup(service, word);
    let count = 0;
    const exported: Exported = {
      service,
      group: id,
      passed() {
        count++;
        if (count % PROGRESS_EVERY === 0) say(`${plural(count, 'experiment')} …`);
      },
    };
    const texts = textsOf(exported, options);
    if (options.output === undefined) await writeAll(texts, process.stdout);
    else await writeFile(texts, options.output);
    say(
      options.format === 'html'
        ? `wrote a report on ${id}`
        : `exported ${plural(count, 'experiment')} of ${id}`,
    );
    return EXIT.done;
  });
