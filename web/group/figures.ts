import type { Group } from '../../cli/answers.ts';
import type { Plotted } from '../plots/data.ts';

/** How many experiments of a group have ended. */
export const endedOf = ({ progress }: Group): number =>
  progress.succeeded + progress.failed + progress.infeasible + progress.stopped;

/** The newest ends, from which the pace is told. */
const PACE_ENDS = 30;
const PACE_ENDS_MIN = 4;

/**
 * Returns how long a search will still take at the pace of its newest ends, ms; null where it does not run or where too
 * few have ended to tell.
 */
export function remainingMs(group: Group, records: readonly Plotted[]): number | null {
  const left = group.progress.planned - endedOf(group);
  if (group.status !== 'running' || left <= 0) return null;
  const ends = records.flatMap(({ finishedMs }) => finishedMs ?? []).sort((a, b) => a - b);
  const newest = ends.slice(-PACE_ENDS);
  const [first] = newest;
  const last = newest.at(-1);
  if (first === undefined || last === undefined || newest.length < PACE_ENDS_MIN) return null;
  return (left * (last - first)) / (newest.length - 1);
}
