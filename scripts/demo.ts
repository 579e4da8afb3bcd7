/**
 * The main job from start to end: tunes a classifier on 1,797 real handwritten digits through the local service, then compares the first
 * experiment with the best that random search and Hyperband find.
 */
import { rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Experiment } from '../cli/answers.ts';
import { run } from '../cli/commands/run.ts';
import type { Epilogue } from '../cli/commands/work.ts';
import { describeFailure, Failure } from '../cli/failure.ts';
import { eachExperiment } from '../cli/pages.ts';
import { short } from '../cli/show/format.ts';
import { countEnds, describeStanding } from '../cli/show/result.ts';
import { print, stdout } from '../cli/show/screen.ts';
import type { Column } from '../cli/show/table.ts';
import { tableOf } from '../cli/show/table.ts';

const ROOT = join(import.meta.dirname, '..');
const RANDOM = 'examples/digits/polyaxonfile.yml';
const HYPERBAND = 'examples/digits/hyperband.yml';
/** A folder of its own: the demo begins anew each time. */
const FOLDER = '.rungwise/demo';

const percent = (experiment: Experiment | null, metric: string): string => {
  const last = experiment?.metrics[metric]?.last;
  return typeof last === 'number' ? `${(100 * last).toFixed(1)} %` : '–';
};

/** One column of the comparison. */
interface Compared {
  readonly title: string;
  readonly experiment: Experiment | null;
  readonly epochs: number;
}

/** One line of the comparison: what it shows of each. */
type Line = readonly [what: string, show: (compared: Compared) => string];

function compare(columns: readonly Compared[]): string {
  const names = Object.keys(columns[0]?.experiment?.values ?? {}).filter(
    (name) => name !== 'epochs',
  );
  const lines: readonly Line[] = [
    ['epochs spent', ({ epochs }) => String(epochs)],
    ['experiment', ({ experiment }) => String(experiment?.number ?? '–')],
    ...names.map((name): Line => [name, ({ experiment }) => short(experiment?.values[name])]),
    ['accuracy on validation', ({ experiment }) => percent(experiment, 'accuracy')],
    ['accuracy on held-out digits', ({ experiment }) => percent(experiment, 'test_accuracy')],
  ];
  const cells: readonly Column<Line>[] = [
    { title: '', cell: ([what]) => what },
    ...columns.map(
      (compared): Column<Line> => ({
        title: compared.title,
        cell: ([, show]) => show(compared),
        align: 'right',
      }),
    ),
  ];
  return tableOf(cells, lines, stdout);
}

/** Epochs that an experiment trained for itself: a resumed one began where another had come to. */
function epochsOf(experiment: Experiment, all: ReadonlyMap<number, Experiment>): number {
  const reached = (one: Experiment | undefined): number => one?.metrics['accuracy']?.step ?? 0;
  const from = experiment.resume_from;
  return reached(experiment) - (from === null ? 0 : reached(all.get(from.number)));
}

const accuracyOf = (experiment: Experiment | null): number =>
  typeof experiment?.objective === 'number' ? experiment.objective : Number.NEGATIVE_INFINITY;

/** The best experiment among those that ended within so many epochs, and the epochs that they took. */
function bestWithin(experiments: readonly Experiment[], budget: number): Omit<Compared, 'title'> {
  const all = new Map(experiments.map((experiment) => [experiment.number, experiment]));
  const ended = experiments
    .filter(({ finished_at }) => finished_at !== null)
    .toSorted((a, b) => String(a.finished_at).localeCompare(String(b.finished_at)));
  let epochs = 0;
  let best: Experiment | null = null;
  for (const experiment of ended) {
    const more = epochsOf(experiment, all);
    if (epochs + more > budget) break;
    epochs += more;
    if (accuracyOf(experiment) > accuracyOf(best)) best = experiment;
  }
  return { experiment: best, epochs };
}

/** Runs one of the documents to its end and keeps its experiments. */
async function search(document: string): Promise<{
  readonly exitCode: number;
  readonly experiments: readonly Experiment[];
}> {
  let experiments: readonly Experiment[] = [];
  const epilogue: Epilogue = async (service, group) => {
    print(`${describeStanding(group)}: ${countEnds(group)}\n`);
    experiments = await Array.fromAsync(eachExperiment(service, { group: group.id }));
  };
  const exitCode = await run(document, { data: FOLDER }, epilogue);
  return { exitCode, experiments };
}

async function demo(): Promise<number> {
  process.chdir(ROOT);
  // The example's command is `node …`: this one, whatever the machine has.
  process.env['PATH'] = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  rmSync(FOLDER, { recursive: true, force: true });
  print('Tuning a neural network on 1,797 handwritten digits, two trainings at a time.');
  print(`\n1. Random search with early stopping: ${RANDOM}`);
  const random = await search(RANDOM);
  if (random.exitCode !== 0) return random.exitCode;
  print(`2. Hyperband, resource epochs, checkpoints resumed: ${HYPERBAND}`);
  const hyperband = await search(HYPERBAND);
  if (hyperband.exitCode !== 0) return hyperband.exitCode;
  const spent = bestWithin(hyperband.experiments, Number.POSITIVE_INFINITY);
  const first = random.experiments.slice(0, 1);
  print(
    compare([
      { title: 'first experiment', ...bestWithin(first, Number.POSITIVE_INFINITY) },
      { title: 'random, same epochs', ...bestWithin(random.experiments, spent.epochs) },
      { title: 'random, to its end', ...bestWithin(random.experiments, Number.POSITIVE_INFINITY) },
      { title: 'Hyperband', ...spent },
    ]),
  );
  print('\nLook further:');
  print(`  npm run rungwise -- show latest --data ${FOLDER}`);
  print(`  npm run rungwise -- experiments latest --sort objective --data ${FOLDER}`);
  return 0;
}

try {
  process.exitCode = await demo();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(describeFailure(error));
  process.exitCode = error.exitCode;
}
