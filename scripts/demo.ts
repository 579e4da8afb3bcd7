/**
 * The main job from start to end: tunes a classifier on 1,797 real handwritten digits through the local service, by three
 * searches with equal budgets, then compares what they found in a table and a picture.
 */
import { rmSync, writeFileSync } from 'node:fs';
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
import { drawCourses } from './demo-picture.ts';

const ROOT = join(import.meta.dirname, '..');
const SEARCHES = [
  {
    title: 'random search',
    about: 'Random search',
    document: 'examples/digits/polyaxonfile.yml',
  },
  {
    title: 'Hyperband',
    about: 'Hyperband, resource epochs, checkpoints resumed',
    document: 'examples/digits/hyperband.yml',
  },
  {
    title: 'Bayesian optimisation',
    about: 'Bayesian optimisation',
    document: 'examples/digits/bo.yml',
  },
] as const;
/** A folder of its own: the demo begins anew each time. */
const FOLDER = '.rungwise/demo';
const PICTURE = `${FOLDER}/best-so-far.svg`;
/** Where the picture's scale begins: below it lies the first experiment's accident. */
const LOWEST_SHOWN = 0.85;

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

/** How a search went on: the best so far, each time that an experiment ended. */
interface Progress {
  readonly epochs: number;
  readonly best: Experiment | null;
}

function progressOf(experiments: readonly Experiment[]): readonly Progress[] {
  const all = new Map(experiments.map((experiment) => [experiment.number, experiment]));
  const ended = experiments
    .filter(({ finished_at }) => finished_at !== null)
    .toSorted((a, b) => String(a.finished_at).localeCompare(String(b.finished_at)));
  let epochs = 0;
  let best: Experiment | null = null;
  return ended.map((experiment) => {
    epochs += epochsOf(experiment, all);
    if (accuracyOf(experiment) > accuracyOf(best)) best = experiment;
    return { epochs, best };
  });
}

/** A search that has run to its end. */
interface Searched {
  readonly title: string;
  readonly progress: readonly Progress[];
}

/** What a search had found by the time it had spent so many epochs. */
function columnOf({ title, progress }: Searched): Compared {
  const last = progress.at(-1);
  return { title, experiment: last?.best ?? null, epochs: last?.epochs ?? 0 };
}

/** Writes the picture of the searches side by side. */
function draw(searches: readonly Searched[]): void {
  const courses = searches.map(({ title, progress }) => ({
    title,
    steps: progress.map(({ epochs, best }) => ({ epochs, best: accuracyOf(best) })),
  }));
  const svg = drawCourses(courses, {
    title: 'Best accuracy so far, equal budgets',
    axis: 'accuracy on validation digits',
    from: LOWEST_SHOWN,
  });
  writeFileSync(PICTURE, svg);
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
  print('Tuning a neural network on 1,797 handwritten digits, two trainings at a time,');
  print('by three searches that may spend about 360 epochs each.');
  const searches: Searched[] = [];
  for (const [i, { title, about, document }] of SEARCHES.entries()) {
    print(`\n${i + 1}. ${about}: ${document}`);
    const { exitCode, experiments } = await search(document);
    if (exitCode !== 0) return exitCode;
    searches.push({ title, progress: progressOf(experiments) });
  }
  draw(searches);
  print(compare(searches.map(columnOf)));
  print(`\nBest so far against epochs spent: ${PICTURE}`);
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
