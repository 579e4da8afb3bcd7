import { useRef } from 'preact/hooks';
import type { Answer, Group } from '../../cli/answers.ts';
import { call } from '../api.ts';
import { shortNumber } from '../format.ts';
import { useLive } from '../live.ts';
import type { Drawn } from '../plots/data.ts';
import { isBetter, observedOf, recordsOf } from '../plots/data.ts';
import { Sparkline } from '../plots/sparkline.tsx';
import { pathOf } from './experiments.ts';
import { endedOf } from './figures.ts';

/** Points of the line; it is read anew as often while the group goes on. */
const POINTS = 24;

/** Returns the best so far after the first experiment, after all, and evenly between. */
export function trendOf(drawn: Drawn): readonly number[] {
  const { objective } = drawn;
  if (objective === null) return [];
  let best: number | null = null;
  const line = observedOf(drawn).map((record) => {
    if (best === null || isBetter(record.objective, best, objective.optimization)) {
      best = record.objective;
    }
    return best;
  });
  if (line.length <= POINTS) return line;
  const step = (line.length - 1) / (POINTS - 1);
  return Array.from({ length: POINTS }, (_, i) => line[Math.round(i * step)] ?? 0);
}

/** How the best value of a group has changed. */
export function Trend({ group }: { readonly group: Group }) {
  const share = endedOf(group) / Math.max(1, group.progress.planned);
  const { data } = useLive(
    `trend of ${group.id} ${Math.floor(POINTS * share)}`,
    (signal) => call<Answer<'columns'>>('GET', `${pathOf(group.id)}/columns`, { signal }),
    null,
  );
  const newest = useRef<readonly number[]>([]);
  if (data !== null) newest.current = trendOf(recordsOf([data]));
  const values = newest.current;
  const last = values.at(-1);
  return last === undefined || values.length < 2 ? null : (
    <Sparkline
      values={values}
      label={`Best so far, from ${shortNumber(values[0] ?? last)} to ${shortNumber(last)}`}
    />
  );
}
