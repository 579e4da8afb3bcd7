import type { Experiment, Group } from '../answers.ts';
import { metricOf } from '../group.ts';
import { exact, plural, printable, short } from './format.ts';
import type { Screen } from './screen.ts';

const ENDS = ['succeeded', 'failed', 'infeasible', 'stopped'] as const;

/** Returns how many experiments ended in each way: `28 succeeded, 1 failed`. */
export const countEnds = ({ progress }: Group): string =>
  ENDS.filter((end) => progress[end] > 0)
    .map((end) => `${progress[end]} ${end}`)
    .join(', ') || 'no experiment has ended';

/** Returns how a group stands in one line. */
export function describeStanding(group: Group): string {
  const { status, status_reason: reason } = group;
  const why = reason === null ? '' : ` (${reason.code}): ${printable(reason.detail)}`;
  return `${status}${why}`;
}

/** Returns the lines that show the best experiment of a group, or why there is none. */
export function describeBest(
  group: Group,
  experiment: Experiment | null,
  screen: Screen,
): readonly string[] {
  const { best } = group;
  if (best === null) {
    const metric = metricOf(group);
    const why =
      metric === null
        ? 'the document names no metric to compare by'
        : `none has ended with a finite ${printable(metric)}`;
    return [`no best experiment: ${why}`];
  }
  const width = Math.max(...Object.keys(best.values).map((name) => printable(name).length), 0);
  const head = `best: experiment ${best.number}, ${printable(best.metric)} ${exact(best.value)}`;
  const others = Object.entries(experiment?.metrics ?? {})
    .filter(([name]) => name !== best.metric)
    .map(([name, { last }]) => `${printable(name)} ${short(last)}`);
  const command = experiment?.command ?? null;
  return [
    screen.paint('bold', head) + (others.length === 0 ? '' : `  (${others.join(', ')})`),
    ...Object.entries(best.values).map(
      ([name, value]) => `  ${printable(name).padEnd(width)}  ${exact(value)}`,
    ),
    ...(command === null ? [] : [`  ${screen.paint('dim', '$')} ${printable(command)}`]),
  ];
}

/** Returns the lines with which working on a group ends. */
export const describeResult = (
  group: Group,
  experiment: Experiment | null,
  screen: Screen,
): readonly string[] => [
  describeStanding(group),
  `${countEnds(group)}, of ${plural(group.progress.planned, 'planned experiment')}`,
  ...describeBest(group, experiment, screen),
];
