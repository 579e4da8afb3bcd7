/**
 * The main job from start to end: tunes a classifier on 1,797 real handwritten digits through the local service, then
 * compares the first experiment with the best.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../cli/answers.ts';
import { expectAnswer } from '../cli/client.ts';
import { runDocument } from '../cli/commands/run.ts';
import { connectToRun, withService } from '../cli/connect.ts';
import { describeFailure, EXIT, Failure } from '../cli/failure.ts';
import { plural, short } from '../cli/show/format.ts';
import { describeStanding } from '../cli/show/result.ts';
import { print, stdout } from '../cli/show/screen.ts';
import type { Column } from '../cli/show/table.ts';
import { tableOf } from '../cli/show/table.ts';

const ROOT = join(import.meta.dirname, '..');
const DOCUMENT = 'examples/digits/polyaxonfile.yml';
/** A folder of its own: the demo begins anew each time. */
const FOLDER = '.rungwise/demo';

const percent = (experiment: Experiment, metric: string): string => {
  const last = experiment.metrics[metric]?.last;
  return typeof last === 'number' ? `${(100 * last).toFixed(1)} %` : '–';
};

/** One line of the comparison: what, in the first experiment, in the best. */
type Line = readonly [what: string, first: string, best: string];

const COLUMNS: readonly Column<Line>[] = [
  { title: '', cell: ([what]) => what },
  { title: 'first experiment', cell: ([, first]) => first, align: 'right' },
  { title: 'best experiment', cell: ([, , best]) => best, align: 'right' },
];

function compare(first: Experiment, best: Experiment): string {
  const line = (what: string, tell: (experiment: Experiment) => string): Line => [
    what,
    tell(first),
    tell(best),
  ];
  const lines = [
    line('number', ({ number }) => String(number)),
    ...Object.keys(best.values).map((name) => line(name, ({ values }) => short(values[name]))),
    line('accuracy on validation', (experiment) => percent(experiment, 'accuracy')),
    line('accuracy on held-out digits', (experiment) => percent(experiment, 'test_accuracy')),
  ];
  return tableOf(COLUMNS, lines, stdout);
}

async function demo(): Promise<number> {
  process.chdir(ROOT);
  rmSync(FOLDER, { recursive: true, force: true });
  print('Tuning a neural network on 1,797 handwritten digits: random search with early stopping,');
  print(`as ${DOCUMENT} describes it. Each experiment trains in a process of its own.`);
  const began = performance.now();
  const options = { data: FOLDER };
  const { group, best, exitCode } = await runDocument(DOCUMENT, options);
  if (exitCode !== EXIT.done || best === null) return exitCode || EXIT.failed;
  const seconds = (performance.now() - began) / 1000;
  const first = await withService(connectToRun({ options, say: () => {} }), async ({ service }) =>
    expectAnswer(await service.call('readExperiment', { group: group.id, number: 1 })),
  );
  print('');
  print(`${describeStanding(group)}`);
  print(
    `${plural(group.progress.succeeded + group.progress.stopped, 'experiment')} in ${seconds.toFixed(0)} s`,
  );
  print('');
  print(compare(first, best));
  print('');
  print(`Look further: npm run rungwise -- experiments latest --sort objective --data ${FOLDER}`);
  return EXIT.done;
}

try {
  process.exitCode = await demo();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(describeFailure(error));
  process.exitCode = error.exitCode;
}
