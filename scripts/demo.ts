/**
 * The main job from start to end: tunes a classifier on 1,797 real handwritten digits through the local service, then
 * compares the first experiment with the best.
 */
import { rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Experiment } from '../cli/answers.ts';
import { expectAnswer } from '../cli/client.ts';
import { run } from '../cli/commands/run.ts';
import type { Epilogue } from '../cli/commands/work.ts';
import { describeFailure, Failure } from '../cli/failure.ts';
import { readBest } from '../cli/select-group.ts';
import { short } from '../cli/show/format.ts';
import { countEnds, describeStanding } from '../cli/show/result.ts';
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

/** Shows what the search came to: the first experiment against the best. */
const epilogue: Epilogue = async (service, group) => {
  const best = await readBest(service, group);
  const first = expectAnswer(await service.call('readExperiment', { group: group.id, number: 1 }));
  print(describeStanding(group));
  print(countEnds(group));
  if (best === null) return;
  print(`\n${compare(first, best)}\n`);
  print('Look further:');
  print(`  npm run rungwise -- experiments latest --sort objective --data ${FOLDER}`);
};

async function demo(): Promise<number> {
  process.chdir(ROOT);
  // The example's command is `node …`: this one, whatever the machine has.
  process.env['PATH'] = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  rmSync(FOLDER, { recursive: true, force: true });
  print('Tuning a neural network on 1,797 handwritten digits by random search,');
  print(`two trainings at a time: ${DOCUMENT}`);
  return run(DOCUMENT, { data: FOLDER }, epilogue);
}

try {
  process.exitCode = await demo();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(describeFailure(error));
  process.exitCode = error.exitCode;
}
