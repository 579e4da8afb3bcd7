import { useMemo } from 'preact/hooks';
import type { Answer } from '../../cli/answers.ts';
import { Read } from '../parts/read.tsx';
import { Curves } from '../plots/curves.tsx';
import { observedOf, ranked } from '../plots/data.ts';
import { Rungs } from '../plots/rungs.tsx';
import type { Experiments } from './experiments.ts';
import { pathOf } from './experiments.ts';
import { resourceOf } from './hptuning.ts';
import type { PartProps } from './part.ts';

const INTERVAL_MS = 3_000;
const CURVES_INTERVAL_MS = 5_000;
/** Curves in a picture, and of these at most so many of the best, so that those under way are seen too. */
const CURVES_MAX = 200;
const CURVES_BEST = 150;

/** Brackets and rungs. */
export const RungPart = ({ group, isOver }: PartProps) => (
  <section class="panel">
    <h2>Brackets and rungs</h2>
    <Read<Answer<'rungs'>>
      what="the rungs"
      path={`${pathOf(group.id)}/rungs`}
      pause={isOver ? null : INTERVAL_MS}
    >
      {(rungs) => <Rungs rungs={rungs} resource={resourceOf(group) ?? 'resource'} />}
    </Read>
  </section>
);

/** The experiments whose curves are drawn, by number: the best, then the newest; null for all. */
export function curvesShown({
  records,
  objective,
  ...rest
}: Experiments): readonly number[] | null {
  if (records.length <= CURVES_MAX) return null;
  const observed = observedOf({ records, objective, ...rest });
  const best = objective === null ? [] : ranked(observed, objective.optimization);
  const chosen = new Set(best.slice(0, CURVES_BEST).map(({ number }) => number));
  for (let i = records.length - 1; i >= 0 && chosen.size < CURVES_MAX; i--) {
    chosen.add(records[i]?.number ?? 0);
  }
  return [...chosen].sort((a, b) => a - b);
}

/** Learning curves. */
export function CurvePart({ group, experiments, isOver }: PartProps) {
  const numbers = useMemo(() => curvesShown(experiments), [experiments]);
  return (
    <section class="panel">
      <h2>Learning curves</h2>
      {numbers === null ? null : (
        <p class="soft small">
          {CURVES_MAX} of {experiments.records.length.toLocaleString('en')} experiments: the{' '}
          {CURVES_BEST} best and the newest of the others.
        </p>
      )}
      <Read<Answer<'curves'>>
        what="the learning curves"
        path={`${pathOf(group.id)}/curves`}
        query={{ limit: CURVES_MAX, numbers: numbers?.join(',') ?? null }}
        pause={isOver ? null : CURVES_INTERVAL_MS}
      >
        {(curves) => (
          <Curves
            curves={curves}
            optimization={experiments.objective?.optimization ?? null}
            incumbent={group.best?.number ?? null}
          />
        )}
      </Read>
    </section>
  );
}
